SELECT id, title FROM articles WHERE tags && ARRAY['tag1777', 'tag1999'];
