SELECT id, number FROM invoices WHERE issued_on BETWEEN '2023-03-01' AND '2023-03-03';
