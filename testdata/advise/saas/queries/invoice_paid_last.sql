SELECT id, paid_at FROM invoices WHERE paid_at IS NOT NULL ORDER BY paid_at DESC LIMIT 5;
