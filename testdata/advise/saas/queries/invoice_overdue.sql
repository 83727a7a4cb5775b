SELECT id, number FROM invoices WHERE status = 'overdue';
