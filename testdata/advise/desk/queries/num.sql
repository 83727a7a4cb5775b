SELECT id, subject FROM tickets WHERE number = 'T-0004242';
