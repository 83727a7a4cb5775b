SELECT id, title FROM articles WHERE words BETWEEN 200 AND 204;
