SELECT id FROM attachments WHERE sha256 = md5('77') || md5('78');
