SELECT id FROM comments WHERE name LIKE 'visitor2999%';
