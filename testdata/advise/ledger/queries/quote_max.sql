SELECT max(at) FROM core.quotes;
