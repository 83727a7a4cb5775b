SELECT id FROM articles WHERE slug = 'art-77';
