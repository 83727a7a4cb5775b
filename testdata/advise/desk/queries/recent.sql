SELECT id, subject, opened_at FROM tickets ORDER BY opened_at DESC LIMIT 50;
