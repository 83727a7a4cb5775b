SELECT id, title FROM articles WHERE author_id = 4242;
