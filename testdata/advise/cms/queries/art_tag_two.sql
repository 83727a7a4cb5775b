SELECT id FROM articles WHERE tags @> ARRAY['tag1777', 'common'];
