SELECT id, message FROM fleet.event_log WHERE severity = 'error' ORDER BY logged_at DESC LIMIT 20;
