SELECT id, payment_id FROM core.approvals WHERE approver = 'user780' AND decision IS NULL;
