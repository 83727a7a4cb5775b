SELECT id, subject FROM tickets WHERE tenant_id = '6f700379-d78b-358c-d6a9-ed3ea21966ca' AND created_at < '2024-06-15' ORDER BY created_at DESC LIMIT 20;
