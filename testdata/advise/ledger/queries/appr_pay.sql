SELECT approver, decision FROM core.approvals WHERE payment_id = '1206e79a-4817-16e9-0f5e-7762a8d19216';
