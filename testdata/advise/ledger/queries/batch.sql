SELECT id, amount FROM core.entries WHERE batch_id = 'd51c18bd-2fd2-d794-a435-49cac4bc7d06';
