SELECT id, subject FROM tickets WHERE tenant_id = '5cd13019-7d4a-14ce-9985-9b23d4c3ae04' AND state = 'open' ORDER BY created_at DESC LIMIT 20;
