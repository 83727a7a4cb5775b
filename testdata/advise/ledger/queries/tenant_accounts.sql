SELECT id, iban FROM core.accounts WHERE tenant_id = 'e274db10-6ebe-402b-d025-5e10d852d2f9' AND kind = 'asset' AND closed_on IS NULL;
