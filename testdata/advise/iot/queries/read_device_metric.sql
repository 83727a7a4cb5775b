SELECT at, value FROM fleet.readings WHERE device_id = '1edea77c-e544-7bc9-afb5-c5773f1a6d48' AND metric = 'temp' ORDER BY at DESC LIMIT 20;
