SELECT at, value FROM fleet.readings WHERE device_id = 'd07d6579-251f-549d-2523-be518a7cd61b' AND at >= '2025-02-01' AND at < '2025-02-08';
