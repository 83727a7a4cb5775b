SELECT id FROM fleet.maintenance WHERE device_id = 'd07d6579-251f-549d-2523-be518a7cd61b' AND during && tstzrange('2025-02-01', '2025-03-01');
