SELECT id FROM articles WHERE lang = 'en' AND slug = 'article-c9f0f895fb98ab9159f51fd0297e236d';
