SELECT id, bytes FROM media ORDER BY bytes DESC LIMIT 20;
