SELECT id, amount FROM core.payments WHERE settled_at IS NOT NULL ORDER BY amount DESC LIMIT 10;
