SELECT id FROM articles WHERE title ILIKE '%a%';
