SELECT a.id, a.mime, a.bytes FROM comments c JOIN attachments a ON a.comment_id = c.id WHERE c.ticket_id = 104730;
