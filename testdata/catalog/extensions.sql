-- server: 17
create schema ext;
create extension citext with schema ext;
create table t (c ext.citext primary key, d citext); -- refused 42704
create table t (c ext.citext primary key);
create extension hstore;
create extension hstore; -- refused 42710
create extension if not exists hstore;
create extension if not exists "uuid-ossp" with schema ext;
create table u (id uuid default ext.uuid_generate_v4(), h hstore);
create index on u using gin (h);
create extension pg_trgm with schema ext;
create table tx (v text);
alter extension hstore set schema ext;
alter table u add column h2 hstore; -- refused 42704
drop extension hstore; -- refused 2BP01
drop extension hstore cascade;
drop schema ext; -- refused 2BP01
create extension btree_gist;
create table bk (room int, during tsrange, exclude using gist (room with =, during with &&));
create extension pgcrypto with schema ext cascade;
create table pw (h text default ext.crypt('x', ext.gen_salt('bf')));
drop function ext.crypt(text, text); -- refused 2BP01
alter extension pgcrypto update;
drop extension "uuid-ossp" cascade;
create extension intarray;
create table ia (a int[]);
create index on ia using gin (a gin__int_ops);
create extension earthdistance; -- refused 42704
create extension earthdistance cascade;
create extension ltree;
create table lt (path ltree);
create index on lt using gist (path);
drop schema ext cascade;
create extension unaccent schema public;
create extension file_fdw;
create server fs foreign data wrapper file_fdw;
create foreign table ft (a int, b text) server fs options (filename '/tmp/x');
alter foreign table ft add column c int;
create foreign table ft2 (a int) server nope; -- refused 42704
drop server fs; -- refused 2BP01
drop extension file_fdw cascade;
