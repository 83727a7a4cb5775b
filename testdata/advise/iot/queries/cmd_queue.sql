SELECT id, device_id, name FROM fleet.commands WHERE state = 'queued' AND not_before <= '2025-02-15' ORDER BY not_before LIMIT 20;
