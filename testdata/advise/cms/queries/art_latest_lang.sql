SELECT id, title FROM articles WHERE lang = 'de' AND status = 'published' ORDER BY published_at DESC LIMIT 20;
