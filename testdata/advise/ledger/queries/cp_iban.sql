SELECT id, amount FROM core.payments WHERE counterparty_iban = 'FR00000000000000004243';
