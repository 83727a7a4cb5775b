SELECT id, body FROM tickets LIMIT 20;
