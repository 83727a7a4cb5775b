SELECT id FROM core.payments WHERE status = 'approved' AND scheduled_for <= '2025-02-01';
