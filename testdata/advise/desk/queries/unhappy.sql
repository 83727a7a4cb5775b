SELECT id, satisfaction FROM tickets WHERE satisfaction = 1 AND solved_at >= '2024-05-01' AND solved_at < '2024-05-08';
