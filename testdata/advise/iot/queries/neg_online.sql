SELECT model, count(*), max(last_seen) FROM fleet.devices WHERE online GROUP BY model;
