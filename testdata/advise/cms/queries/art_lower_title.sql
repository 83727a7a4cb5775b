SELECT id FROM articles WHERE lower(title) = 'title 28dd2c7955ce926456240b2ff0100bde topic177';
