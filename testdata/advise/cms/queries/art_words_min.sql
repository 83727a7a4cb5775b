SELECT min(words) FROM articles WHERE status = 'review';
