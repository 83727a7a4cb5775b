SELECT device_id, high FROM fleet.last_day WHERE device_id = 'd07d6579-251f-549d-2523-be518a7cd61b';
