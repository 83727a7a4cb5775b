SELECT sum(amount) FROM core.payments WHERE status = 'settled';
