SELECT sum(qty) FROM invoice_lines WHERE sku = 'SKU77';
