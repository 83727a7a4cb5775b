SELECT id, subject FROM tickets WHERE subject LIKE 'Subject 4242%';
