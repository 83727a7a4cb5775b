SELECT kind, data, at FROM events WHERE ticket_id = 4242 ORDER BY at;
