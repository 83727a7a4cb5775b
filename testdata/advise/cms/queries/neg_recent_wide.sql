SELECT count(*), max(user_agent) FROM searches WHERE at > '2025-01-05';
