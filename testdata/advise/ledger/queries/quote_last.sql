SELECT bid, ask FROM core.quotes WHERE pair = 'EUR/USD' ORDER BY at DESC LIMIT 1;
