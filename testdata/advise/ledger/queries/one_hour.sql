SELECT count(*), sum(amount) FROM core.entries WHERE booked_at >= '2025-08-08 10:00+00' AND booked_at < '2025-08-08 12:00+00';
