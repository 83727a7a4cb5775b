SELECT id, row_number() OVER (ORDER BY created_at DESC) FROM tickets WHERE tenant_id = '531a93a1-76df-5bde-7090-2adaeeeb8eb2';
