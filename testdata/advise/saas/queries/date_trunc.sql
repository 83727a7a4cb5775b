SELECT count(*) FROM tickets WHERE date_trunc('day', created_at AT TIME ZONE 'UTC') = '2024-05-05';
