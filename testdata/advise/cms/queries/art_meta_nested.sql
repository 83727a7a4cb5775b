SELECT id, title FROM articles WHERE meta->'flags'->>'pinned' = 'true';
