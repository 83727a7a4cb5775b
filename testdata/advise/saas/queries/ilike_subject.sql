SELECT id, subject FROM tickets WHERE subject ILIKE '%4f5e2a%';
