SELECT id, device_id FROM fleet.commands WHERE state = 'queued';
