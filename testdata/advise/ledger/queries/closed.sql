SELECT id, closed_on FROM core.accounts WHERE closed_on >= '2025-03-01' AND closed_on < '2025-03-08';
