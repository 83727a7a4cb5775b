create table public.second_file (id int primary key);
grant all on all tables in schema public to public;
revoke select on public.second_file from anon, authenticated;
