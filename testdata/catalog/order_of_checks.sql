-- server: 17
-- Of several things that are wrong the server tells one: what it reads first. And what it refuses only by itself.
create table a (id int primary key, x int, y text, at timestamptz, data jsonb);
create table part (id int, x int) partition by range (id);
create table parent (id int not null, n int generated always as (1) stored);
create table child (id int) inherits (parent);
create temp table scratch (id int) partition by range (id);
create schema app;
create type mood as enum ('ok', 'sad');
create type addr as (street text);
create type road as (street text);
create function f(p int) returns int language sql as 'select 1';
create function tf() returns trigger language plpgsql as 'begin return new; end';
create view v as select id, x from a;

-- indexes: the predicate, the expressions, the access method, then column by column
create index on a using hash (x, lower(at)); -- refused 42883
create unique index on a using brin (x) where at = 'ok'; -- refused 22007
create unique index on a using brin (nope); -- refused 0A000
create index on a using brin (nope, x desc); -- refused 42703
create index on a using gin (y desc); -- refused 42704
create index on a using brin (x desc); -- refused 0A000
create index on a using gist (x text_pattern_ops); -- refused 42704
create index on a using gist (y); -- refused 42704
create index on a (x collate "C"); -- refused 42804
create index on a ((x + 1) collate "C"); -- refused 42804
create index on a (y collate "C", ((y || 'z') collate "C"));
create index on v (lower(x)); -- refused 42883
create index on v (x); -- refused 42809

-- tables: what is written, the sequences, the parents, the name, and what is made after it
create table a (id nope); -- refused 42704
create table a (id int, primary key (nope)); -- refused 42703
create table a (id int, unique (id) include (nope)); -- refused 42703
create table a (id int primary key, id int primary key); -- refused 42P16
create table a (id int, id int); -- refused 42701
create table a (d date generated always as identity, x nope); -- refused 42704
create table a (d date generated always as identity); -- refused 22023
create table a (d date generated always as identity) inherits (nope); -- refused 22023
create table a (x nope) inherits (nope); -- refused 42704
create table a (x int check (nope > 0)); -- refused 42P07
create table b (x serial generated always as (1) stored); -- refused 42601
create table b (x serial default 1); -- refused 42601
create table a partition of a default; -- refused 42P07
create table b partition of a default; -- refused 42P17
create table b partition of v default; -- refused 42809
create table b partition of scratch default; -- refused 42809
create temp table b partition of part default; -- refused 42809
create table b () inherits (scratch); -- refused 42809
create temp table nope.b (id int); -- refused 3F000
create temp table app.b (id int); -- refused 42P16
alter table a add d date generated always as identity; -- refused 22023

-- partitions: whether there can be any, before which
alter table a attach partition nope default; -- refused 42P17
alter table a detach partition nope; -- refused 42P17
alter table part attach partition nope default; -- refused 42P01
alter index a_pkey attach partition nope; -- refused 42809

-- columns
alter table child alter n drop expression; -- refused 42P16
alter table child alter id drop expression if exists; -- refused 42P16
alter table only parent alter n drop expression; -- refused 0A000
alter table child alter id type text using id::uuid; -- refused 42846
alter table child alter id type text using id::text; -- refused 42P16
alter table child alter id drop not null;
alter table if exists a rename constraint nope to other; -- refused 42704
alter table if exists a rename column nope to other; -- refused 42703
alter table if exists nope rename constraint nope to other;

-- policies, types, functions, triggers
alter policy nope on a using (y > 1); -- refused 42883
alter policy nope on a using (x > 1); -- refused 42704
create type mood as enum ('a', 'a'); -- refused 42710
create type humour as enum ('a', 'a'); -- refused 23505
alter type addr rename to road; -- refused 42P07
create function f(p int) returns int language sql as 'select nope'; -- refused 42723
create or replace function f(p int) returns text language sql as 'select nope'; -- refused 42P13
create or replace function f(p int) returns int language sql as 'select nope'; -- refused 42703
create function f(p int) returns trigger language plpgsql as 'begin return new; end'; -- refused 42723
create function g(p nope) returns int language sql stable immutable as 'select 1'; -- refused 42601
create function g() returns int language sql cost 5 cost 6 as 'select 1'; -- refused 42601
create function g() returns int language sql set search_path = 'a' set work_mem = '1MB' as 'select 1';
alter function g() stable volatile; -- refused 42601
create sequence s increment 1 increment 2; -- refused 42601
create trigger t before insert on a for each row when (old.x = new.y) execute function tf(); -- refused 42883
create trigger t before insert on a for each row when (old.x = new.x) execute function tf(); -- refused 42P17
create trigger t after update of nope on a for each row execute function nope(); -- refused 42883
create trigger t after update on v referencing new table as n for each statement execute function nope(); -- refused 42809
create trigger t after insert on child referencing new table as n for each row execute function tf(); -- refused 0A000

-- what the grammar refuses with a word of its own
alter table a add primary key (x) not valid; -- refused 0A000
alter table a add unique (x) not valid; -- refused 0A000
select sum(x) over (rows between unbounded following and current row) from a; -- refused 42P20
create role "public"; -- refused 42939

-- what statements may not say
create function s1() returns int return 'x'; -- refused 42P13
create function s1() returns int begin atomic select id, x from a; end; -- refused 42P13
create function s1() returns int return nope; -- refused 42703
create function s1() returns setof a begin atomic insert into a (id) values (1); end; -- refused 42P13
create function s1() returns int begin atomic select x from a; end;
create function s1() returns int return nope; -- refused 42703
create function s1() returns int return 2; -- refused 42723
alter table a add bad varchar(0); -- refused 22023
alter table a add bad char(10485761); -- refused 22023
alter table a add bad numeric(0, 0); -- refused 22023
alter table a add bad numeric(1001); -- refused 22023
alter table a add bad numeric(5, 3, 1); -- refused 22023
alter table a add bad text(50); -- refused 42601
alter table a add bad uuid(4); -- refused 42601
alter table a add bad bit(0); -- refused 22023
alter table a add fine timestamptz(9);
alter table a add finer numeric(2, 5);
alter table a add bad a; -- refused 42P16
alter table a add bad a[]; -- refused 42P16
alter table a alter x set (nope = 1); -- refused 22023
alter table a alter x set (n_distinct = 5);
alter table a alter y set compression nope; -- refused 22023
create view w with (check_option = local) as select null as n from a; -- refused 0A000
create view w as select distinct x from a with check option; -- refused 0A000
create view w with (check_option = local) as select x from a with check option; -- refused 22023
create view w with (check_option = local) as select x from a;
insert into a (id) values (1) on conflict on constraint nope do nothing; -- refused 42704
call f(1); -- refused 42809
call now(); -- refused 42809
create type mood as range (subtype = nope); -- refused 42710
create type span as range (subtype = nope); -- refused 42704
create rule r as on insert to a where old.x > 0 do instead nothing; -- refused 42P01
create rule r as on insert to a where x > 0 do instead nothing;
create rule r as on update to v where x > 0 do also nothing; -- refused 42702
create rule r2 as on insert to a do also update a set x = old.x; -- refused 42P17
create rule r2 as on delete to a do also update a set x = new.x; -- refused 42P17
create rule r2 as on update to a where true do also notify ch; -- refused 42P17
insert into a (id) values (1) on conflict do nothing;
create rule r3 as on update to a do instead nothing;
insert into a (id) values (1) on conflict do nothing; -- refused 0A000
create unique index on only part (x); -- refused 0A000
drop foreign table nope; -- refused 42704
alter default privileges in schema nope grant usage on schemas to public; -- refused 3F000
alter default privileges in schema app grant usage on schemas to public; -- refused 0LP01
alter table part set unlogged;
do $$ begin execute 1; end $$; -- refused 42601

-- what is appended to a text is written out first, as volatile as that is
create table t (u uuid, i int, m mood, z timestamptz, d date, b boolean, n numeric, j jsonb, e inet, s text);
create index on t ((u || 'x'));
create index on t (('x' || i));
create index on t ((i || ':' || s || b));
create index on t ((n || s));
create index on t ((j || s));
create index on t ((e || s));
create index on t ((m || s)); -- refused 42P17
create index on t ((z || s)); -- refused 42P17
create index on t ((s || d)); -- refused 42P17
create unique index on t (lower(u || s)) where (i || s) <> '';
alter table t add g text generated always as (i || s) stored;
alter table t add h text generated always as (z || s) stored; -- refused 42P17
create function same(int) returns int language sql volatile as 'select $1';
alter table t add k int generated always as (same(i)) stored;
create table pt (x int) partition by range ((same(x)));
