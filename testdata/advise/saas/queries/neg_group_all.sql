SELECT state, count(*), max(updated_at) FROM tickets GROUP BY state;
