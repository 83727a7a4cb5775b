SELECT id, amount, booked_at FROM core.entries WHERE account_id = 777 ORDER BY booked_at DESC, id DESC LIMIT 20;
