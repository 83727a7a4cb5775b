UPDATE searches SET results = results + 1 WHERE term = 'Term 778';
