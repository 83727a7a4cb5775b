SELECT id, device_id FROM fleet.commands WHERE done_at IS NULL;
