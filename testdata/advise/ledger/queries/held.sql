SELECT id, amount FROM core.payments WHERE status = 'held' ORDER BY created_at LIMIT 50;
