SELECT id, subject, created_at FROM tickets WHERE state = 'new';
