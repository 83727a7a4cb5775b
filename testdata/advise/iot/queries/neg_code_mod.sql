SELECT count(*), max(message) FROM fleet.event_log WHERE code <> 1007;
