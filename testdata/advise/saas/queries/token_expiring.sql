SELECT id, tenant_id FROM api_tokens WHERE expires_at < '2026-01-20' AND revoked_at IS NULL;
