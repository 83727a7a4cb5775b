SELECT id, title FROM articles WHERE slug = 'article-f1c1592588411002af340cbaedd6fc33';
