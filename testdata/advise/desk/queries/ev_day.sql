SELECT kind, count(*) FROM events WHERE at >= '2023-08-08' AND at < '2023-08-09' GROUP BY kind;
