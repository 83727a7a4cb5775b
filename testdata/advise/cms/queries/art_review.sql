SELECT id, title, author_id FROM articles WHERE status = 'review';
