create table public.a (id int primary key, user_id uuid);
create table public.b (id int primary key, user_id uuid);
create table public.c (id int);
do $$
declare t text;
begin
  foreach t in array array['a', 'b', 'missing'] loop
    if to_regclass('public.' || t) is not null then
      execute format('alter table public.%I enable row level security', t);
      execute format('create policy %I on public.%I for select to authenticated using (auth.uid() = user_id)', t || '_read', t);
      execute format('create policy %I on public.%I for select using (true)', t || '_all', t);
    end if;
  end loop;
end $$;
do $$ begin
  alter table public.c add constraint c_pkey primary key (id);
exception when others then null;
end $$;
do $$ begin
  create type public.status as enum ('x');
exception when duplicate_object then null; end $$;
do $$ begin
  if not exists (select 1 from information_schema.columns where table_schema = 'public' and table_name = 'c' and column_name = 'token') then
    alter table public.c add column token text;
  end if;
  if exists (select 1 from pg_policies where schemaname = 'public' and tablename = 'a' and policyname = 'a_all') then
    drop policy a_all on public.a;
  end if;
  if not exists (select 1 from pg_indexes where indexname = 'b_user') then
    create index b_user on public.b (user_id);
    create index b_user_2 on public.b (user_id);
  end if;
  if (select count(*) from pg_class where relname = 'nope') = 0 then
    create view public.made as select * from public.c;
  end if;
end $$;
do language plpgsql $x$
declare r record;
begin
  for r in select p.oid::regprocedure as sig from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' loop
    execute 'alter function ' || r.sig || ' set search_path = public';
  end loop;
end $x$;
