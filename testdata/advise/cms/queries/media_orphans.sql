SELECT a.id FROM articles a WHERE a.author_id = 321 AND NOT EXISTS (SELECT 1 FROM media m WHERE m.article_id = a.id);
