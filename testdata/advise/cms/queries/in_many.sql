SELECT id, title FROM articles WHERE author_id IN (1, 22, 333, 4444, 5555);
