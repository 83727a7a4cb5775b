SELECT count(*) FROM core.payments WHERE amount <> 5;
