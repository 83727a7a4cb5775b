-- server: 17
create role reader;
create role writer login noinherit;
create role boss createrole bypassrls in role reader;
create role "Odd Name";
create role reader; -- refused 42710
grant reader to writer with admin option;
grant writer to reader; -- refused 0LP01
grant nobody_here to writer; -- refused 42704
alter role writer rename to author;
alter role author inherit;
create table t (id int, secret text, v int);
create sequence q;
create function f() returns int language sql as 'select 1';
create view w as select * from t;
create type e as enum ('a');
create schema s;
grant select, insert on t to reader with grant option;
grant all on t to author;
grant select (id, v), update (v) on t to public;
grant all on all tables in schema public to boss;
grant usage on schema s to reader, "Odd Name";
grant create on schema s to boss;
grant execute on function f to reader;
grant usage on type e to reader;
grant usage, select on sequence q to author;
grant select on q to reader;
grant usage on t to reader; -- refused 0LP01
grant nothing on t to reader; -- refused 42601
grant select on nope to reader; -- refused 42P01
grant select (nope) on t to reader; -- refused 42703
grant select on t to nobody; -- refused 42704
grant select on sequence t to reader; -- refused 42809
grant execute on procedure f to reader; -- refused 42883
revoke insert on t from reader;
revoke grant option for select on t from reader;
revoke all on function f from public;
revoke update (v) on t from public;
revoke all on schema public from public;
revoke all on type e from public;
revoke select on t from author;
alter default privileges in schema s grant select on tables to reader;
alter default privileges grant execute on functions to reader;
alter default privileges revoke execute on functions from public;
alter default privileges for role boss in schema s grant all on sequences to author with grant option;
alter default privileges in schema s revoke usage on types from public;
alter default privileges in schema nope grant select on tables to reader; -- refused 3F000
alter default privileges in schema s grant usage on schemas to reader; -- refused 0LP01
create table s.t (id serial primary key, v text);
create function s.g() returns int language sql as 'select 1';
create function g() returns int language sql as 'select 1';
create view s.v as select * from s.t;
create type s.e as enum ('a');
set role boss;
create sequence s.bosses;
reset role;
alter table t owner to author;
alter view w owner to author;
alter function f owner to boss;
alter schema s owner to author;
alter sequence q owner to author;
alter type e owner to author;
alter table t owner to nobody; -- refused 42704
alter table t drop column v; -- refused 2BP01
create or replace function f() returns int language sql as 'select 2';
drop function f();
create function f() returns int language sql as 'select 2';
drop role reader; -- refused 2BP01
reassign owned by author to boss;
drop owned by reader;
drop role reader;
drop role if exists reader;
drop role reader; -- refused 42704
alter default privileges in schema s revoke select on tables from "Odd Name";
create group old_style with user author;
alter group old_style add user boss;
alter group old_style drop user author;
create user u1 password 'x' connection limit 5 valid until '2030-01-01';
set role nobody; -- refused 22023
grant create on database postgres to author;
revoke author from boss;
