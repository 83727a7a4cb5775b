SELECT id, message, logged_at FROM fleet.event_log WHERE device_id = '05115395-7a01-9683-45b6-dceead222199' ORDER BY logged_at DESC LIMIT 10;
