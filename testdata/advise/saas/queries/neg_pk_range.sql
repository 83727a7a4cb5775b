SELECT id, subject FROM tickets WHERE id > 1000 ORDER BY id LIMIT 50;
