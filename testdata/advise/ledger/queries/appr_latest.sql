SELECT DISTINCT ON (payment_id) payment_id, decision FROM core.approvals WHERE approver = 'user42' ORDER BY payment_id, decided_at DESC;
