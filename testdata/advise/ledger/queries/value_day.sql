SELECT direction, sum(amount) FROM core.entries WHERE value_date = '2025-09-09' GROUP BY direction;
