SELECT id, subject FROM tickets WHERE assignee_id IS NULL AND state = 'new' ORDER BY opened_at LIMIT 25;
