SELECT count(*), max(body) FROM comments WHERE article_id = 777;
