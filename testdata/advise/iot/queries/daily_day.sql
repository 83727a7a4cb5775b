SELECT device_id, high FROM fleet.measurements_daily WHERE day = '2025-02-01';
