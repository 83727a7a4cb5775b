SELECT id, title FROM articles WHERE to_tsvector('english', title) @@ plainto_tsquery('english', 'topic555');
