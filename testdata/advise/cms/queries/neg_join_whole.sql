SELECT au.joined, count(*), max(a.body) FROM articles a JOIN authors au ON au.id = a.author_id GROUP BY au.joined;
