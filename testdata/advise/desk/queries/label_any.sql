SELECT id FROM tickets WHERE labels && ARRAY['l331', 'l332'];
