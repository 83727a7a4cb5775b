SELECT id, tenant_id FROM members WHERE lower(email) = 'user4242@example.org';
