SELECT id, subject, priority FROM tickets WHERE assignee_id = 77 AND state IN ('new', 'open') ORDER BY priority, opened_at;
