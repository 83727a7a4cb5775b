SELECT id, number, total FROM invoices WHERE status = 'overdue' AND due_on < '2022-06-01';
