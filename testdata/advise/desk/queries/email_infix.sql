SELECT id, email FROM requesters WHERE email ILIKE '%corp2999%';
