SELECT id, status FROM core.payments WHERE external_id = 'ext-' || md5('4242');
