SELECT id, bytes FROM attachments ORDER BY bytes DESC LIMIT 10;
