SELECT id, subject FROM tickets WHERE parent_id = 43;
