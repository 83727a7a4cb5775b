SELECT e.id, e.amount FROM core.accounts a JOIN core.entries e ON e.account_id = a.id WHERE a.iban = 'DE000000000007911081';
