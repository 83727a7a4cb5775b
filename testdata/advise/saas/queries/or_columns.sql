SELECT id FROM tickets WHERE assignee_id = 55 OR id = 99;
