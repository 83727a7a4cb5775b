SELECT id FROM outbox WHERE payload->>'to' = 'user4242';
