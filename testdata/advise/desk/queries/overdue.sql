SELECT id, due_at FROM tickets WHERE state = 'open' AND due_at < '2023-02-01';
