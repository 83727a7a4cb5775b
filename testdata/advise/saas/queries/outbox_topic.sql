SELECT id, payload FROM outbox WHERE delivered_at IS NULL AND topic = 'mail' ORDER BY id LIMIT 50;
