SELECT count(org) FROM requesters WHERE locale = 'en';
