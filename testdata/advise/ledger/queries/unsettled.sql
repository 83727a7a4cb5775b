SELECT id, amount FROM core.payments WHERE settled_at IS NULL AND tenant_id = '83f1535f-99ab-0bf4-e9d0-2dfd85d3e3f7';
