SELECT id, name, body FROM comments WHERE parent_id = 77;
