SELECT id, title, score FROM articles ORDER BY score DESC LIMIT 25;
