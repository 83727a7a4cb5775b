SELECT id, device_id, message FROM fleet.event_log WHERE severity = 'fatal';
