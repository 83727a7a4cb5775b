SELECT count(*) FROM fleet.event_log WHERE logged_at >= '2025-02-01' AND logged_at < '2025-02-02';
