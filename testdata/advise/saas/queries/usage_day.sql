SELECT count(*) FROM usage_records WHERE recorded_at >= '2025-05-01' AND recorded_at < '2025-05-02';
