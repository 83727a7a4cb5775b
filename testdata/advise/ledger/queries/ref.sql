SELECT id, account_id, amount FROM core.entries WHERE reference = 'REF4200';
