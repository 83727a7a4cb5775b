SELECT count(*) FROM core.quotes WHERE venue % 3 = 1;
