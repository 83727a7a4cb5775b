SELECT avg(peak) FROM fleet.alerts WHERE closed_at IS NOT NULL;
