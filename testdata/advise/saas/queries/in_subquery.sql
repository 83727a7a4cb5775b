SELECT id, subject FROM tickets WHERE tenant_id IN (SELECT id FROM tenants WHERE slug = 'tenant-77');
