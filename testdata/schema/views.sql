-- Views: joins, sets, windows, groups, and the names that renamed columns get.
create table public.a (id bigint primary key, name text, parent bigint references public.a (id), at timestamptz default now());
create table public.b (id bigint primary key, a_id bigint references public.a (id), amount numeric, kind varchar(10));
create view public.plain as select * from a where name <> 'x' order by at desc nulls last limit 10;
create view public.joined with (security_invoker = true) as
  select a.id, a.name as title, b.amount * 2 as twice, p.name from a join b on b.a_id = a.id left join a p on p.id = a.parent cross join lateral (select 1 as one) l;
create view public.using_join as select id, a.name, b.amount from a join b using (id) where b.kind in ('x', 'y');
create view public.full_join as select id, a.name, b.kind from a full join b using (id);
create view public.grouped as
  select kind, count(*) as n, sum(amount) filter (where amount > 0) as total, array_agg(distinct kind order by kind) as kinds, percentile_cont(0.5) within group (order by amount) as median
  from b group by kind having count(*) > 1;
create view public.by_key as select a.id, a.name, count(b.id) from a left join b on b.a_id = a.id group by a.id;
create view public.sets as select id from a union all select id from b union (select 1 order by 1 limit 1) order by 1;
create view public.mixed as select id, name from a except (select id, kind from b intersect select 1, 'x');
create view public.tree as
  with recursive t (id, depth) as (select id, 0 from a where parent is null union all select a.id, t.depth + 1 from a join t on a.parent = t.id), named as materialized (select * from t)
  select * from named where depth < 10;
create view public.windows as
  select id, row_number() over (partition by kind order by amount desc) as place, sum(amount) over w as so_far, avg(amount) over (order by id rows between 2 preceding and current row) from b window w as (order by id);
create view public.functions as select g.n, e.value ->> 'x' as x, u.*, o.ord from generate_series(1, 3) as g (n), jsonb_array_elements('[1]'::jsonb) e, unnest(array[1], array['a']) as u (p, q), unnest(array['z']) with ordinality o (w, ord);
create view public.rows as select a as whole, (a).name, array[a.id, 1] as ids, (values (1)) as v, exists (select from b) as e from a;
create view public.only_values as values (1, 'a'), (2, 'b');
create view public.cases as select case when name is null then 'none' else name end as shown, name like 'a%' as starts, at::date as day, extract(epoch from at)::bigint as secs, coalesce(name, '?') from a;
create materialized view public.kept as select kind, max(amount) as most from b group by kind with no data;
create unique index on public.kept (kind);
create view public.distinct_on as select distinct on (kind) kind, amount from b order by kind, amount desc;
alter view public.joined rename column twice to doubled;
alter table public.b rename column amount to total;
alter table public.a rename to accounts;
