SELECT id, ts_rank(doc, q) AS r FROM tickets, websearch_to_tsquery('english', 'term8123') q WHERE doc @@ q ORDER BY r DESC LIMIT 10;
