SELECT id, topic FROM core.webhooks WHERE payload @> '{"payment": "p4242"}';
