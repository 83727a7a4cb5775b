SELECT id, counterparty FROM core.payments WHERE counterparty ILIKE '%c0ffe%';
