SELECT id FROM media WHERE checksum = decode(md5('777'), 'hex');
