SELECT id FROM events WHERE data ? 'macro';
