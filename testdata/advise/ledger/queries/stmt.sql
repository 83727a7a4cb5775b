SELECT value_date, amount FROM core.entries WHERE account_id = 4242 AND value_date BETWEEN '2025-05-01' AND '2025-06-30' ORDER BY value_date;
