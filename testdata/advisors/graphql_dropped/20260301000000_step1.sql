drop extension if exists pg_graphql;
create table public.t (id int primary key);
