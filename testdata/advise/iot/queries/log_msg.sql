SELECT id FROM fleet.event_log WHERE message ~ 'abcd[0-9]ef';
