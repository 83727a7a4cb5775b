SELECT id FROM fleet.devices WHERE serial = 'SN-0000042';
