SELECT count(*) FROM ticket_messages WHERE ticket_id = 7777 AND NOT internal;
