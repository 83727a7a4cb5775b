SELECT count(*) FROM articles WHERE summary IS NULL AND body <> '';
