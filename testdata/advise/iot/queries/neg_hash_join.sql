SELECT d.model, count(*), avg(l.code) FROM fleet.event_log l JOIN fleet.devices d ON d.id = l.device_id GROUP BY d.model;
