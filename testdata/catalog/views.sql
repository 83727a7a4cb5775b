-- server: 17
create table t (id int primary key, a text, b int, j jsonb);
create view v as select id, a, b + 1 as b1 from t where b > 0;
create view w with (security_invoker = true, security_barrier) as select * from v;
create or replace view v as select id, a, b + 1 as b1, j ->> 'k' as k from t;
create or replace view v as select id, a from t; -- refused 42P16
create or replace view v as select id as i, a, b + 1 as b1, j ->> 'k' as k from t; -- refused 42P16
create or replace view v as select id, b as a, b + 1 as b1, j ->> 'k' as k from t; -- refused 42P16
alter table t rename column a to aa;
alter table t drop column b; -- refused 2BP01
alter table t alter column b type bigint; -- refused 0A000
alter view v rename column k to kk;
alter view v alter column aa set default 'x'; -- refused 42703
alter view v alter column a set default 'x';
alter view w set (security_barrier = false);
alter view w reset (security_invoker);
create view chk as select id from t where id > 1 with cascaded check option;
create view bad as select id, id from t; -- refused 42701
create view bad2 as select nope from t; -- refused 42703
create view unknown_col as select 'x' as u, null as n, 1.5 as d, array[1,2] as arr;
create recursive view nums (n) as values (1) union all select n + 1 from nums where n < 5;
create materialized view mv as select id, count(*) as n from t group by id with no data;
create unique index mv_id on mv (id);
refresh materialized view mv;
refresh materialized view concurrently v; -- refused 42809
create materialized view if not exists mv as select 1;
alter materialized view mv rename to mv2;
alter materialized view mv2 rename column n to cnt;
drop view mv2; -- refused 42809
drop materialized view v; -- refused 42809
drop table v; -- refused 42809
create view agg as select aa, string_agg(id::text, ',' order by id desc) filter (where id > 1) as s, percentile_cont(0.5) within group (order by id) as p from t group by rollup (aa);
create view joins as select t.id, u.aa, l.x from t left join t u using (id) cross join lateral (select u.id + 1 as x) l where exists (select 1 from mv2 where mv2.id = t.id);
create view cte as with q as (select id from t), r as materialized (select id from q) select * from r union all select id from q order by 1 limit 3;
create view win as select id, row_number() over w as rn, sum(b) over (partition by aa order by id rows between 1 preceding and current row) as s from t window w as (order by id);
create view star as select t.*, t as whole from t;
alter table t add column late int;
create view srf as select g, u.* from generate_series(1, 3) g, unnest(array[1,2], array['a','b']) with ordinality u(x, y, n);
create view cs as select case when id > 1 then 'a' else aa end as c, coalesce(aa, 'z') as co, nullif(id, 2) as nu, greatest(id, b) as gr, id between 1 and 3 as bt, aa like 'x%' as li, aa is distinct from 'q' as df, id in (1, 2, 3) as i, (id, b) = (1, 2) as rw from t;
create view own_cols as select tableoid, ctid, xmin from t;
create temp view tv as select 1 as x;
create view over_temp as select * from tv;
drop view v; -- refused 2BP01
drop view v cascade;
drop table t; -- refused 2BP01
create view dist as select distinct on (aa) aa, id from t order by aa, id desc;
create view setop as (select id from t intersect select b from t) except all select 1;
drop table t cascade;
create view noparent as select * from t; -- refused 42P01
