SELECT id FROM media WHERE path LIKE '%fe7ecc4de%';
