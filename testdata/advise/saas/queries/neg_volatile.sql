SELECT count(*) FROM tickets WHERE priority > random() * 10 AND body <> '';
