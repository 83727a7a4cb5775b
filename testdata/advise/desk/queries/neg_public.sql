SELECT count(body) FROM comments WHERE NOT internal;
