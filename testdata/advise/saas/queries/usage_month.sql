SELECT sum(quantity) FROM usage_records WHERE tenant_id = '0b8854ad-38f0-a6c6-5807-928d28195609' AND meter = 'storage' AND recorded_at >= '2025-03-01' AND recorded_at < '2025-04-01';
