SELECT id, actor, at FROM core.audit WHERE action = 'delete_all' ORDER BY at DESC LIMIT 20;
