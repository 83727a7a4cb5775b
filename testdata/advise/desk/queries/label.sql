SELECT id, subject FROM tickets WHERE labels @> ARRAY['l333'];
