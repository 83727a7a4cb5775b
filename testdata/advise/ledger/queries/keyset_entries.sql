SELECT id, booked_at, amount FROM core.entries WHERE account_id = 777 AND (booked_at, id) < ('2025-09-01 00:00+00', 999999) ORDER BY booked_at DESC, id DESC LIMIT 20;
