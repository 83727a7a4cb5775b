SELECT id, topic FROM core.webhooks WHERE delivered_at IS NULL AND next_try_at <= '2025-10-05' ORDER BY next_try_at LIMIT 20 FOR UPDATE SKIP LOCKED;
