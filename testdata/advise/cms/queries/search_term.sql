SELECT count(*) FROM searches WHERE lower(term) = 'term 777';
