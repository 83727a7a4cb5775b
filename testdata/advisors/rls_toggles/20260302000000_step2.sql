alter table public.b rename to b2;
drop policy p on public.b2;
alter table public.c enable row level security;
alter table public.c rename to "C 2";
alter table public.f add primary key (id);
alter table public.a set schema extensions;
do $$ declare r record; begin
  for r in select tablename from pg_tables where schemaname = 'public' and tablename like 'd%' loop
    execute format('alter table public.%I enable row level security', r.tablename);
  end loop;
end $$;
