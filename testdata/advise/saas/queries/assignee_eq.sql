SELECT id, subject, body FROM tickets WHERE assignee_id = 4242;
