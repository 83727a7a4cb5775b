SELECT id, title FROM articles WHERE meta @> '{"ref": "r77"}';
