SELECT sum(quantity) FROM usage_records WHERE recorded_at >= '2025-01-10';
