SELECT id, serial FROM fleet.devices WHERE site_id = 3 AND firmware = 'fw0';
