SELECT id FROM authors WHERE lower(email) = 'writer777@example.com';
