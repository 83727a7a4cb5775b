SELECT id FROM articles WHERE to_tsvector('simple', title) @@ to_tsquery('simple', 'topic777');
