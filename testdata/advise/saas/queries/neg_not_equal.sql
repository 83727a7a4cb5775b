SELECT count(*) FROM invoices WHERE status <> 'draft' AND total > 1;
