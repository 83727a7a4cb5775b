SELECT id, subject FROM open_tickets WHERE email = 'User5151@corp2151.example';
