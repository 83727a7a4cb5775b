SELECT id, booked_at FROM core.entries WHERE tenant_id = 'bd8a58df-98fe-4f17-ada8-1394780a3946' AND (booked_at, id) < ('2025-11-01 00:00+00', 1) ORDER BY booked_at DESC, id DESC LIMIT 50;
