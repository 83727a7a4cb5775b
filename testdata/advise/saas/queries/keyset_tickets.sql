SELECT id, created_at FROM tickets WHERE (created_at, id) < ('2024-06-15 10:30+00', 60000) ORDER BY created_at DESC, id DESC LIMIT 25;
