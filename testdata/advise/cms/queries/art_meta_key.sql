SELECT id FROM articles WHERE meta ? 'embargo';
