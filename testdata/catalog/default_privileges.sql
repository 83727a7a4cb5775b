-- server: 17
create role app;
create role other;
alter default privileges grant select on tables to app;
create table a (id int);
alter default privileges revoke select on tables from app;
create table b (id int);
alter default privileges in schema public grant insert on tables to app;
alter default privileges in schema public revoke insert on tables from app;
alter default privileges in schema public grant update on tables to public;
create table c (id int);
create view cv as select * from c;
create materialized view cm as select * from c;
create sequence cs;
alter default privileges grant usage on schemas to app;
create schema s1;
alter default privileges grant all on types to app with grant option;
create domain d as int;
create type e as enum ('x');
alter default privileges for role other grant select on tables to app;
alter default privileges for role other grant select on tables to app;
drop role other; -- refused 2BP01
alter default privileges for role other revoke select on tables from app;
drop role other;
