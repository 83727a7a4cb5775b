-- server: 14 17 18
create schema app;
create table app.config (id int primary key);
create function app.reads() returns void language plpgsql set search_path = app as $$
declare c config%rowtype; begin select * into c from config; end $$;
create function app.counts() returns bigint language sql set search_path = app as 'select count(*) from config';
create function app.fails() returns bigint language sql as 'select count(*) from config'; -- refused 42P01
create function app.fails_too() returns void language plpgsql as $$ declare c config%rowtype; begin end $$; -- refused 42P01
create function app.standard() returns bigint language sql set search_path = app return (select count(*) from config); -- refused 42P01
create function app.unchecked() returns bigint language sql set check_function_bodies = off as 'select count(*) from nowhere';
