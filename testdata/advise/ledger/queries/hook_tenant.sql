SELECT id, topic FROM core.webhooks WHERE tenant_id = 'df78ba80-264c-d08c-08fb-25d6d4d8126e' AND topic = 'payment.failed' ORDER BY created_at DESC LIMIT 10;
