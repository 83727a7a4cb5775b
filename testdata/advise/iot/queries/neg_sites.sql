SELECT * FROM fleet.sites WHERE name = 'site 4';
