SELECT id, title FROM articles WHERE slug LIKE 'article-f1c159%';
