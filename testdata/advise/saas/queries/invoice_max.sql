SELECT max(total) FROM invoices;
