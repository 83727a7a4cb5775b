SELECT id FROM members WHERE email = 'User777@example.org';
