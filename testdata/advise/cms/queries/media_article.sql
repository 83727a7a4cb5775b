SELECT id, path FROM media WHERE article_id = 777;
