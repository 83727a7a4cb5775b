SELECT id FROM fleet.event_log WHERE context @? '$.user ? (@.id == 4321)';
