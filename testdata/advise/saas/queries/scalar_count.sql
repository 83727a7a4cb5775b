SELECT t.id, (SELECT count(*) FROM ticket_messages m WHERE m.ticket_id = t.id) FROM tickets t WHERE t.id BETWEEN 500 AND 510;
