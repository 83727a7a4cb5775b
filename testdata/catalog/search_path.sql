-- server: 17
create schema s1;
create schema s2;
set search_path = s1;
create table t (id int);
create function f() returns int language sql as 'select 1';
set search_path to s2, s1;
create table t2 (id int default f());
create view v as select * from t;
select set_config('search_path', 's1', false);
create table t3 (id int);
set local search_path = s2;
create type e as enum ('a');
begin;
set local search_path = s2;
create table local_one (id int);
commit;
create table after_local (id int);
reset search_path;
select 1 from t; -- refused 42P01
set search_path = nope;
create table nowhere (id int); -- refused 3F000
set search_path = nope, s1;
create table somewhere (id int);
set search_path = '';
create table nowhere (id int); -- refused 3F000
create table public.p (id int);
set search_path = "$user", public;
create schema postgres;
create table mine (id int);
drop schema postgres cascade;
create temp table t4 (id int);
create table t4 (id int);
create index on t4 (id);
drop table t4;
create index on t4 (id);
create function g() returns void language plpgsql set search_path = s2 as $$ begin create table by_g (id int); end $$;
select g();
set search_path = s1, pg_catalog;
create table int4 (x int);
create table q (a int4);
set schema 's2';
create table by_schema (id int);
reset all;
create table s1.x (like s2.t2 including all);
alter table s1.x set schema s2;
set search_path = s2;
alter table x rename to y;
create trigger tr before insert on y for each row execute function s1.none(); -- refused 42883
begin;
create table undone (id int);
savepoint a;
create table undone2 (id int);
rollback to a;
create table kept_for_now (id int);
release savepoint a;
set search_path = s1;
rollback;
create table back_in_s2 (id int);
begin;
create table stays (id int);
savepoint one;
drop table stays;
rollback to savepoint one;
alter table stays add column x int;
commit;
rollback to nope; -- refused 25P01
savepoint x; -- refused 25P01
