create function public.f() returns int language sql as 'select 1';
create function public.g(a int, b text default null) returns int language sql security definer as 'select 1';
do $x$
declare r record;
begin
  for r in select p.oid::regprocedure as sig from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' and p.prosecdef loop
    execute 'alter function ' || r.sig || ' set search_path = public';
    execute format('revoke execute on function %s from public, anon', r.sig);
  end loop;
end $x$;
