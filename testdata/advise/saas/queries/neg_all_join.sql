SELECT i.status, sum(l.qty * l.unit_price) FROM invoices i JOIN invoice_lines l ON l.invoice_id = i.id GROUP BY i.status;
