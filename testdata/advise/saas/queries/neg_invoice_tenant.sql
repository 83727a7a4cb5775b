SELECT id, number FROM invoices WHERE tenant_id = 'a77cca9b-d375-665b-36f4-239eeda0c996' ORDER BY issued_on DESC LIMIT 12;
