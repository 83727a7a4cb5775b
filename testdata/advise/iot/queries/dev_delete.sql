DELETE FROM fleet.devices WHERE id = '0d4ac1a4-f928-0118-b12c-8390625d83d0';
