SELECT id, title, score FROM articles WHERE lang = 'fr' ORDER BY score DESC, id LIMIT 25;
