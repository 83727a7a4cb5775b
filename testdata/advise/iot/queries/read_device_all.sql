SELECT at, metric, value FROM fleet.readings WHERE device_id = '7b4e2412-f601-9b91-76b5-8021e1d8f40f';
