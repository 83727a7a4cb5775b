SELECT id, reversed_by FROM core.entries WHERE reversed_by IS NOT NULL AND booked_at >= '2025-08-01 00:00+00' AND booked_at < '2025-09-01 00:00+00';
