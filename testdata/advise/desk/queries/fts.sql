SELECT id, subject FROM tickets WHERE doc @@ to_tsquery('english', 'word4711');
