SELECT id FROM tickets WHERE custom @> '{"product": "p444"}';
