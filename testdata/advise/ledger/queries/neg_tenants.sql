SELECT id FROM core.tenants WHERE region = 'r3';
