SELECT day, amount FROM core.balances WHERE account_id = 77;
