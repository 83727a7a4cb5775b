SELECT account_id, amount FROM core.balances WHERE day = '2025-12-05' AND amount > 89000;
