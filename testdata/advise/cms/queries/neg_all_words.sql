SELECT lang, sum(words), max(body) FROM articles GROUP BY lang;
