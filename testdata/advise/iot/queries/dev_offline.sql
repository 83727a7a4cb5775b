SELECT id, serial, last_seen FROM fleet.devices WHERE NOT online;
