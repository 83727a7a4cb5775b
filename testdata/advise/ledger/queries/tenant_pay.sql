SELECT id, amount, created_at FROM core.payments WHERE tenant_id = '82f69617-5c08-fe04-cd4b-f22182d109f6' ORDER BY created_at DESC LIMIT 25;
