SELECT id FROM fleet.devices WHERE address = '10.77.3.27';
