SELECT id FROM attachments WHERE scanned_at IS NULL LIMIT 50;
