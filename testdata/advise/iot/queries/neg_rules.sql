SELECT * FROM fleet.rules WHERE metric = 'temp' AND name = 'rule 7';
