SELECT t.id, t.subject FROM requesters r JOIN tickets t ON t.requester_id = r.id WHERE r.org = 'org 4001';
