SELECT id, title FROM articles WHERE published AND lang = 'de' ORDER BY views DESC LIMIT 10;
