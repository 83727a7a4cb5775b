SELECT id FROM fleet.devices WHERE labels->'tags' ? 'a77';
