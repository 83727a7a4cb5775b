SELECT id, serial FROM fleet.devices WHERE (labels->>'rack')::int = 78;
