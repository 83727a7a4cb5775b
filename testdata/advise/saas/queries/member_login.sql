SELECT id, email FROM members ORDER BY last_login DESC NULLS LAST LIMIT 15;
