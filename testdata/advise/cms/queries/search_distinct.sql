SELECT DISTINCT user_agent FROM searches WHERE term = 'Term 777';
