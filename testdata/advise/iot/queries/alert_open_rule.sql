SELECT id, device_id FROM fleet.alerts WHERE rule_id = 77 AND closed_at IS NULL;
