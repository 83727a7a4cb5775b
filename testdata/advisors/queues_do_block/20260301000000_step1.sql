create extension pgmq;
do $$
declare q text;
begin
  foreach q in array array['one', 'two', 'three'] loop
    perform pgmq.create(q);
    execute format('grant select, insert on pgmq.%I to authenticated', 'q_' || q);
    execute format('alter table pgmq.%I enable row level security', 'a_' || q);
  end loop;
end $$;
alter table pgmq.q_two enable row level security;
