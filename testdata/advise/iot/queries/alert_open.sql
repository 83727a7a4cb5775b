SELECT id, device_id, rule_id FROM fleet.alerts WHERE closed_at IS NULL;
