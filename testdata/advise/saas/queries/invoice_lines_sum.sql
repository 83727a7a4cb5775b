SELECT sum(qty * unit_price) FROM invoice_lines WHERE invoice_id = 777;
