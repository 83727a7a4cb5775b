-- server: 15 17
create type perm as enum ('a.read', 'a.write');
create table items (id int primary key, owner text default 'me', price numeric check (price > 0), perm perm);
create index items_owner_lower on items (lower(owner)) where price is not null;
create view cheap as select id, owner from items where price < 10;
create policy readers on items for select using (perm = 'a.read'::perm and owner = current_user);
create policy writers on items for insert to public with check (perm = 'a.write'::perm);

-- Policies that name a type are made again with another one.
alter type perm rename to perm_old;
create type perm as enum ('a.read', 'a.write', 'a.all');
do $$
declare p record; q text; c text;
begin
  for p in select * from pg_policies where qual like '%perm_old%' or with_check like '%perm_old%' loop
    q := replace(p.qual, 'perm_old', 'perm');
    c := replace(p.with_check, 'perm_old', 'perm');
    execute format('drop policy %I on %I.%I', p.policyname, p.schemaname, p.tablename);
    execute format('create policy %I on %I.%I as %s for %s to %s%s%s', 'new ' || p.policyname, p.schemaname, p.tablename,
      p.permissive, p.cmd, array_to_string(p.roles, ', '),
      case when q is not null then ' using ((' || replace(q, 'perm =', 'perm::text::perm =') || '))' else '' end,
      case when c is not null then format(' with check (%s)', replace(c, 'perm =', 'perm::text::perm =')) else '' end);
  end loop;
end $$;
drop policy readers on items; -- refused 42704
drop policy writers on items; -- refused 42704
drop policy "new readers" on items;
drop policy "new writers" on items;
alter table items alter column perm type perm using perm::text::perm;
drop type perm_old;

do $$
declare it record;
begin
  if (select pg_get_constraintdef(oid) from pg_constraint where conname = 'items_price_check') <> 'CHECK ((price > (0)::numeric))' then
    raise exception 'constraint';
  end if;
  if (select indexdef from pg_indexes where indexname = 'items_owner_lower') not like 'CREATE INDEX items_owner_lower ON public.items USING btree (lower(owner)) WHERE%' then
    raise exception 'index';
  end if;
  if (select column_default from information_schema.columns where table_name = 'items' and column_name = 'owner') <> '''me''::text' then
    raise exception 'default';
  end if;
  if (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'items'::regclass) <> '''me''::text' then
    raise exception 'default of pg_attrdef';
  end if;
  if pg_get_viewdef('cheap'::regclass) not like '%price < (10)::numeric%' then
    raise exception 'view';
  end if;
  if not exists (select 1 from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class
      where d.refobjid = 'items'::regclass and d.classid = 'pg_rewrite'::regclass and v.relname = 'cheap') then
    raise exception 'view depends';
  end if;
  for it in select pg_get_constraintdef(c.oid) as def, c.conname, c.conrelid::regclass as tab
      from pg_constraint c where conrelid = 'items'::regclass and contype = 'c' loop
    execute format('alter table %s drop constraint %I', it.tab, it.conname);
    execute format('alter table %s add constraint %I %s not valid', it.tab, 'new_' || it.conname, it.def);
  end loop;
  raise exception sqlstate '22012' using message = 'all is well'; -- refused 22012
end $$;

create function f(a int default 1, b text[] default '{}') returns int language sql as 'select 1';
create function g(out a int, inout b text, variadic c int[]) language sql as $$select 1, 'a'$$;
do $$
declare r record;
begin
  for r in select p.oid, p.proname, pg_get_function_identity_arguments(p.oid) as args
      from pg_proc p join pg_namespace n on p.pronamespace = n.oid where n.nspname = 'public' and p.proname in ('f', 'g') loop
    execute format('alter function public.%I(%s) set search_path = public, pg_temp', r.proname, r.args);
    execute format('alter function %s set search_path = public, pg_temp', r.oid::regprocedure);
    execute 'drop function ' || r.oid::regprocedure::text;
  end loop;
end $$;
drop function f; -- refused 42883
drop function g; -- refused 42883

create table arrays (a text[], b int[]);
insert into arrays (a) values ('["project_manager", "team_lead"]'); -- refused 22P02
insert into arrays (a, b) values ('{a,b}', '[0:1]={1,2}'), ('{}', '{1,x}'); -- refused 22P02
insert into arrays (b) values ('[0:1]={1,2}');
create extension file_fdw;
do $$ begin
  if not exists (select from information_schema.foreign_data_wrappers where foreign_data_wrapper_name = 'w') then
    create foreign data wrapper w;
  end if;
  if not exists (select from information_schema.foreign_servers where foreign_server_name = 's') then
    create server s foreign data wrapper w;
  end if;
end $$;
create foreign table ft (a int) server s;
create server s foreign data wrapper w; -- refused 42710
