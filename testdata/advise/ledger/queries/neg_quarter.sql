SELECT direction, sum(amount) FROM core.entries WHERE booked_at >= '2025-02-01 00:00+00' GROUP BY direction;
