SELECT id, email FROM requesters WHERE org = 'org 4001' ORDER BY created_at DESC;
