drop extension if exists pg_graphql cascade;
create extension if not exists pg_graphql with schema graphql;
create table public.t (id int primary key);
