SELECT actor, action, at FROM core.audit WHERE row_key = 'payments:7919' ORDER BY at DESC;
