SELECT a.id, r.changed_at FROM articles a LEFT JOIN LATERAL (SELECT changed_at FROM revisions WHERE article_id = a.id ORDER BY changed_at DESC LIMIT 1) r ON true WHERE a.author_id = 99;
