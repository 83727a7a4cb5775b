SELECT id, name FROM comments WHERE approved IS NULL ORDER BY posted_at LIMIT 20;
