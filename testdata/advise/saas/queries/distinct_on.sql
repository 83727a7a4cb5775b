SELECT DISTINCT ON (ticket_id) ticket_id, id, sent_at FROM ticket_messages WHERE ticket_id IN (5,6,7,8) ORDER BY ticket_id, sent_at DESC;
