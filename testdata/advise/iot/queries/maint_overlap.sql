SELECT id, technician FROM fleet.maintenance WHERE during && tstzrange('2025-02-01 10:00+00', '2025-02-01 12:00+00');
