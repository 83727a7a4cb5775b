SELECT id, serial FROM fleet.devices WHERE labels @> '{"rack": 77}';
