SELECT avg(words) FROM articles WHERE status = 'published';
