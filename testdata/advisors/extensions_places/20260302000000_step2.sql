alter extension citext set schema extensions;
drop extension unaccent;
create schema if not exists ext;
alter extension btree_gin set schema ext;
set search_path = ext;
create extension tablefunc;
reset search_path;
drop extension if exists ltree cascade;
