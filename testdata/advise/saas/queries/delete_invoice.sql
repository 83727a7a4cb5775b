DELETE FROM invoices WHERE id = 4242;
