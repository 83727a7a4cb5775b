SELECT id FROM authors WHERE handle = 'author77';
