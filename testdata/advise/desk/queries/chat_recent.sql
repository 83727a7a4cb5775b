SELECT id, subject FROM tickets WHERE channel = 'phone' AND priority = 1 ORDER BY opened_at DESC LIMIT 20;
