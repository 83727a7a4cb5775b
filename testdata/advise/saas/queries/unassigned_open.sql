SELECT id, subject FROM tickets WHERE assignee_id IS NULL AND closed_at IS NULL;
