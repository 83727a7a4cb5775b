SELECT t.id, l.body FROM tickets t CROSS JOIN LATERAL (SELECT m.body FROM ticket_messages m WHERE m.ticket_id = t.id ORDER BY m.sent_at DESC LIMIT 1) l WHERE t.id BETWEEN 100 AND 110;
