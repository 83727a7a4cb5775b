-- server: 17
create type mode as enum ('a', 'b');
begin;
create temp table t1 on commit drop as select 'a'::mode as m;
create temp table t2 (m mode) on commit drop;
select m into temp t3 from t1;
commit;
select * from t1; -- refused 42P01
select * from t2; -- refused 42P01
drop table t3;
create temp table t4 on commit drop as select 'a'::mode as m;
drop table t4; -- refused 42P01
drop type mode;
create temp table kept on commit delete rows as select 1 as a;
drop table kept;
create temp table public.here (a int); -- refused 42P16
