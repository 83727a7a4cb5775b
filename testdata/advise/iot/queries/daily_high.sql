SELECT device_id, day, high FROM fleet.measurements_daily WHERE high > 99.8;
