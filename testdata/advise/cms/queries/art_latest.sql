SELECT id, title FROM articles WHERE status = 'published' ORDER BY published_at DESC NULLS LAST LIMIT 20;
