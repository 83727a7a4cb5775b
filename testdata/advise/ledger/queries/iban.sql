SELECT id, currency FROM core.accounts WHERE iban = 'DE000000000033592398';
