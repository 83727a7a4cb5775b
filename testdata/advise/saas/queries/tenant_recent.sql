SELECT id, subject, state FROM tickets WHERE tenant_id = 'a461d688-d013-e47c-4010-387e7922940d' ORDER BY created_at DESC LIMIT 10;
