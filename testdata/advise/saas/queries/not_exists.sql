SELECT t.id FROM tickets t WHERE t.id BETWEEN 900 AND 960 AND NOT EXISTS (SELECT 1 FROM ticket_messages m WHERE m.ticket_id = t.id);
