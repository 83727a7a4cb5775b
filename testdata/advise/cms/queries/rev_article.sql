SELECT id, changed_at FROM revisions WHERE article_id = 777 ORDER BY changed_at DESC;
