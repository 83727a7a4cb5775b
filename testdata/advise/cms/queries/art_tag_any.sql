SELECT id, title FROM articles WHERE 'tag1778' = ANY (tags);
