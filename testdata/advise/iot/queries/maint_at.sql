SELECT id, technician FROM fleet.maintenance WHERE during @> '2025-02-01 10:30+00'::timestamptz;
