SELECT id FROM tickets WHERE assignee_id = 11 UNION ALL SELECT id FROM api_tokens WHERE token_hash = md5('tok11');
