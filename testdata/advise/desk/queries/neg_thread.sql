SELECT body FROM comments WHERE ticket_id = 9 ORDER BY posted_at;
