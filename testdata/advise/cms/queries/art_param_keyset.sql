SELECT id, published_at FROM articles WHERE status = 'published' AND (published_at, id) < ('2021-05-01', 5000) ORDER BY published_at DESC, id DESC LIMIT 20;
