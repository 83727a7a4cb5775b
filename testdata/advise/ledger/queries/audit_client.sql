SELECT id, action FROM core.audit WHERE client = '10.1.77.33';
