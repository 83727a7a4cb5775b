SELECT id FROM tickets WHERE tenant_id = 'df2184f4-b46d-e3dd-f02f-74fb03810020' AND state IN ('new','open');
