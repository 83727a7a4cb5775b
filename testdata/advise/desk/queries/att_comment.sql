SELECT id, mime FROM attachments WHERE comment_id = 6762;
