SELECT id, iban FROM core.accounts WHERE lower(owner_email) = 'owner777@bank.example';
