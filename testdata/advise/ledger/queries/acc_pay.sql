SELECT id, amount, status FROM core.payments WHERE account_id = 6762 ORDER BY created_at DESC;
