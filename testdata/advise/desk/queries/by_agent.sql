SELECT id, ticket_id, posted_at FROM comments WHERE author_kind = 'agent' AND author_id = 27 ORDER BY posted_at DESC LIMIT 20;
