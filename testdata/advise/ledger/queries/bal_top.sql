SELECT account_id, amount FROM core.balances WHERE day = '2025-12-07' ORDER BY amount DESC LIMIT 20;
