UPDATE tickets SET assignee_id = NULL WHERE assignee_id = 999;
