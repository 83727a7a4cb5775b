SELECT id FROM members WHERE tenant_id = '82f69617-5c08-fe04-cd4b-f22182d109f6' AND email = 'User9@example.org';
