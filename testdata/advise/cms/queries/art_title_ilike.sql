SELECT id, title FROM articles WHERE title ILIKE '%2c7955c%';
