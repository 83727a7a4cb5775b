SELECT id, title FROM articles WHERE author_id = 42 AND status = 'published' ORDER BY published_at DESC LIMIT 10;
