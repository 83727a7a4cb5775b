SELECT id, subject FROM tickets WHERE state = 'new' ORDER BY priority DESC, created_at LIMIT 25;
