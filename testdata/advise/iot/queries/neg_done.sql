SELECT name, count(*), max(done_at) FROM fleet.commands WHERE state = 'done' GROUP BY name;
