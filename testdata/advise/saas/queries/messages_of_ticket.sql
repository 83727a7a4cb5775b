SELECT id, body, sent_at FROM ticket_messages WHERE ticket_id = 7777 ORDER BY sent_at;
