SELECT avg(bid), avg(ask) FROM core.quotes WHERE at >= '2025-06-04 10:00' AND at < '2025-06-04 12:00';
