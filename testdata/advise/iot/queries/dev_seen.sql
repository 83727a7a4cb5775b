SELECT id, serial FROM fleet.devices WHERE last_seen >= '2025-03-28 12:00+00';
