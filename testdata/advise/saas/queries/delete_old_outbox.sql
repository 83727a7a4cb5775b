DELETE FROM outbox WHERE created_at < '2025-03-01 02:00+00';
