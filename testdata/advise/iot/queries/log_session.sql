SELECT id, message FROM fleet.event_log WHERE context->>'session' = 's777';
