SELECT id, peak FROM fleet.alerts ORDER BY peak DESC NULLS LAST LIMIT 10;
