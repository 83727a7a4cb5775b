SELECT device_id, at FROM fleet.readings WHERE quality = 3;
