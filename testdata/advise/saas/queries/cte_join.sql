WITH mine AS (SELECT id FROM invoices WHERE tenant_id = '5d6424c9-b6b7-0862-a5f8-f2e01a50651b') SELECT l.sku, sum(l.qty) FROM mine JOIN invoice_lines l ON l.invoice_id = mine.id GROUP BY l.sku;
