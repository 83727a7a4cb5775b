SELECT id, name FROM comments WHERE ip = '192.168.77.77';
