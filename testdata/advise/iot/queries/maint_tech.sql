SELECT id, during FROM fleet.maintenance WHERE technician = 'tech77';
