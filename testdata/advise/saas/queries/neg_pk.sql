SELECT * FROM tickets WHERE id = 99;
