SELECT t.id, m.body FROM tickets t JOIN ticket_messages m ON m.ticket_id = t.id WHERE t.assignee_id = 313;
