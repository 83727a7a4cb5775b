SELECT id, due_at FROM tickets WHERE due_at >= '2024-03-01' AND due_at < '2024-03-01 12:00';
