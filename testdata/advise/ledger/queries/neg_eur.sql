SELECT count(iban) FROM core.accounts WHERE currency = 'EUR';
