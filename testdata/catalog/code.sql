-- server: 17
create table t (id int, a text);
do $$ begin create table d1 (id int); exception when duplicate_table then null; end $$;
do $$ begin create table d1 (id int); exception when duplicate_table then create table d2 (id int); end $$;
do $$ begin create table d1 (id int); exception when undefined_table then null; end $$; -- refused 42P07
do $$ begin create table d3 (id int); alter table nope add column x int; exception when others then raise notice 'x'; end $$;
do $$ declare n text; begin foreach n in array array['x', 'y', 'z'] loop execute format('create table %I (id int)', 'loop_' || n); end loop; end $$;
do $$ begin for i in 1..3 loop execute 'create table num_' || i || ' (id int primary key)'; end loop; end $$;
do $$ begin for i in reverse 6..4 by 2 loop execute format('alter table t add column c%s int', i); end loop; end $$;
do $$ declare r record; begin for r in select tablename from pg_tables where schemaname = 'public' and tablename like 'loop%' loop execute format('alter table %I enable row level security', r.tablename); end loop; end $$;
do $$ declare r record; begin for r in (values ('p', 'int'), ('q', 'text')) loop execute format('alter table t add column %I %s', r.column1, r.column2); end loop; end $$;
do $$ begin if not exists (select 1 from information_schema.columns where table_name = 't' and column_name = 'p') then alter table t add column never int; else alter table t add column p_was_there int; end if; end $$;
do $$ begin if to_regclass('public.t') is not null and to_regclass('nope') is null then create table yes_1 (id int); end if; end $$;
do $$ begin if exists (select from pg_constraint where conname = 'num_1_pkey') then alter table num_1 rename constraint num_1_pkey to num_1_pk; end if; end $$;
do $$ begin if (select count(*) from pg_class where relname like 'num%' and relkind = 'r') = 3 then create table three (id int); end if; end $$;
do $$ declare s text := 'x'; begin while length(s) < 4 loop s := s || 'x'; end loop; execute 'create table ' || s || '()'; end $$;
do $$ declare i int := 0; begin loop i := i + 1; exit when i = 3; continue when i = 2; execute format('create table cont_%s ()', i); end loop; end $$;
do $$ begin case when 1 = 2 then create table no1 (); when 2 = 2 then create table case_yes (); else create table no2 (); end case; end $$;
do $$ declare a text[] := '{m,n}'; begin for i in 1 .. array_length(a, 1) loop execute 'create table arr_' || a[i] || ' ()'; end loop; end $$;
create function make(name text, cols text default 'id int') returns text language plpgsql as $$ begin execute format('create table %I (%s)', name, cols); return name; end $$;
select make('made_1');
select make('made_2', 'a text, b int');
select make(x) from unnest(array['made_3', 'made_4']) x;
select make('made_1'); -- refused 42P07
do $$ declare r text; begin r := make('made_5'); perform make(r || '_b'); end $$;
create procedure prc(n int) language plpgsql as $$ begin execute format('create table prc_%s ()', n); end $$;
call prc(3);
do $$ begin raise exception 'stop' using errcode = '22012'; end $$; -- refused 22012
do $$ begin raise exception 'plain'; end $$; -- refused P0001
do $$ begin assert 1 = 2, 'no'; end $$; -- refused P0004
do $$ declare v int; begin select 5 into v; if v = 5 then create table five (); end if; end $$;
do $$ declare v int; begin select id into strict v from t where false; end $$; -- refused P0002
do $$ begin execute 'create table quoted (v text default ' || quote_literal('it''s') || ')'; end $$;
do $$ begin execute $x$ create function inner_f() returns int language sql as 'select 1' $x$; end $$;
do $$ <<outer_one>> begin <<inner_one>> begin exit outer_one; end; create table not_here (); end $$;
do $$ begin begin create table sub1 (); raise exception 'x'; exception when raise_exception then create table sub2 (); end; create table sub3 (); end $$;
do $$ begin begin alter table nope add x int; exception when sqlstate '42P01' then create table by_state (); end; end $$;
do $$ declare msg text; begin begin create type t as enum (); exception when duplicate_object then get stacked diagnostics msg = message_text; execute 'create table ' || case when msg like '%already exists%' then 'msg_yes' else 'msg_no' end || ' ()'; end; end $$;
do $$ declare r record; begin for r in select n.nspname, c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attname = 'id' and c.relname like 'num%' order by 2 loop execute format('create index on %I.%I (%I)', r.nspname, r.relname, r.attname); end loop; end $$;
do $$ declare n int := 3; begin create temp table ctas as select n as x, 'a'::text as y; end $$;
do language sql 'select 1'; -- refused 0A000
create function recursive_make(n int) returns void language plpgsql as $$ begin if n > 0 then execute 'create table rec_' || n || ' ()'; perform recursive_make(n - 1); end if; end $$;
select recursive_make(3);
do $$ begin perform set_config('my.name', 'from_setting', false); end $$;
do $$ begin execute format('create table %I ()', current_setting('my.name')); end $$;
do $$ declare x constant int := 5; begin x := 6; end $$; -- refused 22005
do $$ declare n int := 0; begin loop n := n + 1; if random() > 0.5 then exit; end if; end loop; create table after_loop (); end $$;
do $$ begin if exists (select from pg_type where typname = 'uuid') and exists (select from pg_type where typname = '_text') then create table sys_type (); end if; end $$;
do $$ begin if exists (select from pg_class where relname = 'pg_class') and exists (select from pg_tables where tablename = 'pg_class') and exists (select from pg_views where viewname = 'pg_views') then create table sys_class (); end if; end $$;
do $$ begin if exists (select from pg_namespace where nspname = 'information_schema') and exists (select from information_schema.tables where table_name = 'pg_class') then create table sys_schema (); end if; end $$;
do $$ begin if exists (select from pg_roles where rolname = 'pg_monitor') then create table sys_role (); end if; end $$;
do $$ begin if exists (select from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typname = 'int4' and n.nspname = 'pg_catalog') then create table sys_joined (); end if; end $$;
do $$ begin if 'ols_a' like 'ols!_%' escape '!' and 'olsxa' not like 'ols!_%' escape '!' then create table escaped (); end if; end $$;
do $$ begin if (select oidvectortypes(proargtypes) = 'text, text' and pg_get_function_arguments(oid) like '%cols text DEFAULT%' and pg_get_function_result(oid) = 'text' from pg_proc where proname = 'make') then create table arguments (); end if; end $$;
do $$ begin if exists (select from information_schema.role_table_grants where grantee = 'postgres' and table_name = 't' and privilege_type = 'SELECT') and exists (select from information_schema.column_privileges where grantee = 'postgres' and table_name = 't' and column_name = 'a') and not exists (select from information_schema.role_table_grants where grantee = 'postgres' and table_name = 't' and privilege_type = 'EXECUTE') then create table granted (); end if; end $$;
do $$ begin if exists (select from information_schema.routine_privileges where grantee = 'PUBLIC' and routine_name = 'make') and exists (select from information_schema.role_routine_grants where grantee = 'PUBLIC' and routine_name = 'make') then create table to_everyone (); end if; end $$;
do $$ declare r record; begin foreach r in array array['a', 'b'] loop raise notice '%', r; end loop; end $$; -- refused 42804
set constraints nope deferred; -- refused 42704
do $$ declare s text; begin select pg_get_serial_sequence('public.cad', 'id') into s; end $$; -- refused 42P01
do $$ declare s text; begin s := pg_get_serial_sequence('num_1', 'idx'); end $$; -- refused 42703
do $$ begin if (select count(distinct f.proname) = 2 from pg_proc f join pg_namespace n on f.pronamespace = n.oid join pg_type t on f.prorettype = t.oid where (n.nspname, f.proname, t.typname) in (('public', 'make', 'text'), ('public', 'recursive_make', 'void'))) then create table result_joined (); end if; end $$;
do $$ declare r record; begin foreach r in array array[['a', 'b'], ['c', 'd']] loop null; end loop; end $$; -- refused 42804
do $$ declare v text; begin foreach v in array array[['fe1', 'fe2'], ['fe3', 'fe4']] loop execute format('create table %I ()', v); end loop; end $$;
