SELECT id, opened_at FROM tickets WHERE (opened_at, id) < ('2024-02-02', 90000) ORDER BY opened_at DESC, id DESC LIMIT 25;
