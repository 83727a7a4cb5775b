SELECT id FROM tickets WHERE (custom->>'build')::int = 1234;
