SELECT avg(value) FROM fleet.readings WHERE at >= '2025-02-10' AND at < '2025-02-10 06:00';
