SELECT * FROM languages WHERE label = 'x';
