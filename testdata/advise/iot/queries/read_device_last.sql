SELECT at, value FROM fleet.readings WHERE device_id = 'c244b83e-5769-5ab9-21f9-4faee20cac43' ORDER BY at DESC LIMIT 5;
