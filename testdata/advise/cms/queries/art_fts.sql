SELECT id, title FROM articles WHERE document @@ to_tsquery('english', 'word777');
