SELECT e.value_date, e.amount FROM core.entries e WHERE e.account_id = 51 AND e.booked_at >= '2025-04-01 00:00+00' AND e.booked_at < '2025-07-01 00:00+00';
