SELECT * FROM plans WHERE name = 'plan 3';
