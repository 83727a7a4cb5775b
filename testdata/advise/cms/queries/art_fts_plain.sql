SELECT id, title FROM articles WHERE document @@ plainto_tsquery('english', 'topic77 word4235') ORDER BY ts_rank(document, plainto_tsquery('english', 'topic77')) DESC LIMIT 10;
