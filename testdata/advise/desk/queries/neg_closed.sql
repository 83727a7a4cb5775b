SELECT avg(priority) FROM tickets WHERE state = 'closed';
