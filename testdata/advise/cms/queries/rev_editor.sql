SELECT id, article_id FROM revisions WHERE editor_id = 77 ORDER BY changed_at DESC LIMIT 20;
