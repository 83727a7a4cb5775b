SELECT id, amount FROM core.payments WHERE failure->>'code' = 'E9';
