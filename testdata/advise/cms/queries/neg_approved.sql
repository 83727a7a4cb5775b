SELECT id, name, body FROM comments WHERE article_id = 777 AND approved ORDER BY posted_at;
