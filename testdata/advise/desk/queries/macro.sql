SELECT id, ticket_id FROM events WHERE data @> '{"rule": "r50"}';
