SELECT id, device_id, peak FROM fleet.alerts WHERE rule_id = 78;
