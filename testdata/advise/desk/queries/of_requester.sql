SELECT id, subject, state FROM tickets WHERE requester_id = 5151 ORDER BY opened_at DESC;
