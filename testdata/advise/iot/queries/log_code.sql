SELECT id, device_id FROM fleet.event_log WHERE code = 1234 AND logged_at > '2025-03-20';
