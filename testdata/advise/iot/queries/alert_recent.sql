SELECT a.id, r.name FROM fleet.alerts a JOIN fleet.rules r ON r.id = a.rule_id ORDER BY a.opened_at DESC LIMIT 30;
