SELECT id, subject FROM tickets WHERE watchers @> ARRAY[42];
