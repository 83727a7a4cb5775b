SELECT id, term FROM searches WHERE results = 0 ORDER BY at DESC LIMIT 20;
