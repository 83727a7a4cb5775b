SELECT id, serial FROM fleet.devices WHERE serial LIKE '%3977%';
