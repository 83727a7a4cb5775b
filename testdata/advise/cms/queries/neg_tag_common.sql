SELECT count(*) FROM articles WHERE tags @> ARRAY['common'];
