SELECT id FROM requesters WHERE phone = '+447001850';
