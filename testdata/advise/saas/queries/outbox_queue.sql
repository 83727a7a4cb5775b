SELECT id, topic, payload FROM outbox WHERE delivered_at IS NULL ORDER BY created_at LIMIT 50;
