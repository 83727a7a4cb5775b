SELECT sum(priority) FROM tickets WHERE NOT archived;
