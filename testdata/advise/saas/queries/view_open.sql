SELECT id, subject FROM open_tickets WHERE tenant_id = 'b2aab658-6902-b9f3-c40d-4bf608c11c70';
