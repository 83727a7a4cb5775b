SELECT id, tenant_id FROM api_tokens WHERE token_hash = md5('tok4240') AND revoked_at IS NULL;
