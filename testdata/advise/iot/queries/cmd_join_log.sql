SELECT c.id, l.message FROM fleet.devices d JOIN fleet.commands c ON c.device_id = d.id JOIN fleet.event_log l ON l.device_id = d.id WHERE d.serial = 'SN-0000777';
