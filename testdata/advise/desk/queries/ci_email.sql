SELECT id FROM requesters WHERE lower(email) = 'user777@corp777.example';
