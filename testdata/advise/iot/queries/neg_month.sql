SELECT metric, avg(value) FROM fleet.readings WHERE at >= '2025-02-01' AND at < '2025-03-01' GROUP BY metric;
