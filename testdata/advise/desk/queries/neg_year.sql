SELECT kind, count(*) FROM events WHERE at >= '2023-02-01' GROUP BY kind;
