SELECT id, title FROM articles WHERE tags @> ARRAY['k333'] AND published;
