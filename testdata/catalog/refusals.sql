-- server: 17
create table p (id int, at timestamptz, k text, d date) partition by range (at);
create table p1 partition of p for values from ('2024-01-01') to ('2024-02-01 00:00:00+00');
create table p2 partition of p for values from ('2024-01-15 10:00') to ('2024-02-15'); -- refused 42P17
create table p3 partition of p for values from ('2024-03-01') to ('2024-03-01 00:00'); -- refused 42P17
create table pd (d date) partition by range (d);
create table pd1 partition of pd for values from ('2024-01-01') to ('2024-02-01');
create table pd2 partition of pd for values from ('2024-1-31') to ('2024-03-01'); -- refused 42P17
create table pl (k text) partition by list (k);
create table pl1 partition of pl for values in ('a', 'b');
create table pl2 partition of pl for values in ('b'); -- refused 42P17
create table ck (a text, b text, c int);
create index ck_i on ck (a collate "C", b text_pattern_ops);
create unique index ck_u on ck (a) include (c);
alter table ck drop column c;
alter table ck add constraint cku unique (a collate "C"); -- refused 42601
create function s1() returns int language sql as $$ select 'x'::text $$; -- refused 42P13
create function s2() returns table (a int, b text) language sql as $$ select 1 $$; -- refused 42P13
create function s3() returns void language sql as $$ select 1 $$;
create function s4() returns int language sql as $$ insert into ck (a) values ('x') $$; -- refused 42P13
create function s5() returns setof ck language sql as $$ select a from ck $$; -- refused 42P13
create function s6() returns int language sql as $$ select 1, 2 $$; -- refused 42P13
create function s7() returns bigint language sql as $$ select 1 $$;
create function s8() returns ck language sql as $$ select 'a', 'b' $$;
create table sp (a int) with (fillfactor = 5); -- refused 22023
create table sp2 (a int) with (nope = 1); -- refused 22023
create index sp3 on ck (a) with (fillfactor = 101); -- refused 22023
alter table ck set (autovacuum_enabled = maybe); -- refused 22023
create table sp4 (a int) with (autovacuum_vacuum_scale_factor = 200); -- refused 22023
create view sv with (security_invoker = maybe) as select 1 as x; -- refused 22023
create view sv2 with (nope = true) as select 1 as x; -- refused 22023
create role app;
create schema own authorization app;
set role app;
create table public.nope_t (a int); -- refused 42501
create schema nope_s; -- refused 42501
create function public.nope_f() returns int language sql as 'select 1'; -- refused 42501
create type public.nope_e as enum ('a'); -- refused 42501
create view public.nope_v as select 1 as x; -- refused 42501
create table own.ok (a int);
create index on public.ck (a); -- refused 42501
alter table public.ck add column x int; -- refused 42501
create policy pp on public.ck using (true); -- refused 42501
create role nope_r; -- refused 42501
create extension citext with schema own; -- refused 42501
create extension pageinspect with schema own; -- refused 42501
create extension if not exists plpgsql;
reset role;
alter table ck alter column a type varchar(20);
create table fk (a text references ck (a)); -- refused 42830
create unique index ck_v on ck (a collate "C");
create index ck_gin on ck using gin (a); -- refused 42704
create index ck_gist on ck using gist (a); -- refused 42704
create index ck_h on ck using hash (a, b); -- refused 0A000
create index ck_inc on ck using gin (a) include (b); -- refused 0A000
