SELECT id, number, total FROM invoices ORDER BY total DESC LIMIT 10;
