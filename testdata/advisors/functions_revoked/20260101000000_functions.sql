-- Functions: their search_path, and who can call those with their owner's rights.
create function public.bare() returns int language sql as $$ select 1 $$;
create function public.with_path() returns int language sql set search_path = '' as $$ select 1 $$;
create function public.from_current() returns int language sql set search_path from current as $$ select 1 $$;
create function public.other_setting() returns int language sql set statement_timeout = '1s' as $$ select 1 $$;
create function public.lost() returns int language sql set search_path = '' as $$ select 1 $$;
create or replace function public.lost() returns int language sql as $$ select 2 $$;
create function public.reset_all() returns int language sql set search_path = '' as $$ select 1 $$;
alter function public.reset_all() reset all;
create function public.reset_one() returns int language sql set search_path = public as $$ select 1 $$;
alter function public.reset_one() reset search_path;
create function public.set_later() returns int language sql as $$ select 1 $$;
alter function public.set_later() set search_path to public, extensions;
create procedure public.proc() language sql as $$ select 1 $$;
create aggregate public.total (int) (sfunc = int4pl, stype = int, initcond = '0');
create function public.standard(a int) returns int language sql return a + 1;
create function public.atomic(a int) returns int language sql begin atomic select a; end;
create function public.overloaded(a int) returns int language sql as $$ select 1 $$;
create function public.overloaded(a text) returns int language sql as $$ select 1 $$;
create function public.escaped() returns text language sql as E'select ''it\\ns\x41''';
create function public.quoted() returns text language sql as 'select ''a''';
create function public.tagged() returns int language plpgsql as $body$
begin
  -- a comment, with	a tab
  return 1; end $body$;
create function public.trigger_function() returns trigger language plpgsql security definer set search_path = ''
  as $$ begin return new; end $$;
create function public.definer(a integer, out b integer, variadic c text[]) language sql security definer set search_path = ''
  as $$ select a $$;
create function public.no_arguments() returns int language sql security definer set search_path = '' as $$ select 1 $$;
create type public.mood as enum ('sad', 'ok');
create function public."Odd Name"("Arg One" public.mood default null) returns int language sql security definer
  set search_path = '' as $$ select 1 $$;
create function public.no_anon() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on function public.no_anon() from anon;
create function public.no_public() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on function public.no_public() from public;
create function public.neither() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on function public.neither() from public, anon;
create or replace function public.neither() returns int language sql security definer set search_path = '' as $$ select 2 $$;
create function public.made_again() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on function public.made_again() from public, anon, authenticated;
drop function public.made_again();
create function public.made_again() returns int language sql security definer set search_path = '' as $$ select 1 $$;
create schema internal;
create function internal.hidden() returns int language sql security definer as $$ select 1 $$;
create function public.moved() returns int language sql security definer set search_path = '' as $$ select 1 $$;
alter function public.moved() set schema internal;
create procedure public.definer_proc(in a int, inout b numeric(10, 2)) language plpgsql security definer set search_path = ''
  as $$ begin b := a; end $$;
create function public.table_result(a int[] default '{}') returns table (x int, y timestamptz) language sql security definer
  set search_path = '' as $$ select 1, now() $$;
create function public.became_invoker() returns int language sql security definer set search_path = '' as $$ select 1 $$;
alter function public.became_invoker() security invoker;
alter default privileges in schema public revoke execute on functions from public;
create function public.in_schema_default() returns int language sql security definer set search_path = '' as $$ select 1 $$;
alter default privileges in schema public revoke execute on functions from anon, authenticated;
create function public.no_grants() returns int language sql security definer set search_path = '' as $$ select 1 $$;
alter default privileges revoke execute on functions from public;
create function public.global_default() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on all functions in schema internal from public;
