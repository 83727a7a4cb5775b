SELECT login FROM agents WHERE team = 'team 3';
