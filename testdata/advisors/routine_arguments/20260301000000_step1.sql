create type public.pair as (a int, b text);
create domain public.email as text check (value like '%@%');
create type public.mood as enum ('x');
create table public.row_t (id int primary key);
create schema "My App"; create type "My App"."Odd Type" as enum ('y');
create function public.a1(p public.pair, e public.email, m public.mood[], r public.row_t, o "My App"."Odd Type") returns int language sql security definer as 'select 1';
create function public.a2(interval, varchar(10)[], bit varying(3), "char", timestamp(3) with time zone, int4range, int4multirange) returns int language sql security definer as 'select 1';
create function public.a3(out x int, out y text, inout z numeric) language sql security definer as $$ select 1, 'a', z $$;
create function public.a4(a int, b int default 1, variadic c text[] default '{}') returns int language sql security definer as 'select 1';
create function public.a5(anyelement, anyarray) returns anyelement language sql security definer as 'select $1';
create function public.a6() returns table (id int, name text) language sql security definer as $$ select 1, 'a' $$;
create procedure public.a7(inout a int default 3, in "B" text default 'x') language plpgsql security definer as $$ begin a := 1; end $$;
create function public.a8(x public.row_t.id%type) returns int language sql security definer as 'select 1';

create function public.a9(x json, y jsonb, z xml, b bytea, m money, i inet, c cidr, p point, t time, tz timetz, d date, n name, o oid, r regclass) returns int language sql security definer as 'select 1';
create function public.over(a int) returns int language sql security definer as 'select 1';
create function public.over(a bigint) returns int language sql security definer as 'select 1';
create function public.over(a text) returns int language sql security definer as 'select 2';
drop function public.over(text);
create function public.trig() returns trigger language plpgsql security definer as $$ begin return null; end $$;
create function public.inv() returns text language sql security invoker as E'select ''quoted''\n';
create function public.uni() returns int language sql as U&'select \0031';
create function public.dollar() returns text language sql as $body$ select $$x$$ $body$;
create function public.first_sfunc(anyelement, anyelement) returns anyelement language sql immutable strict as 'select $1';
create aggregate public.first_of(anyelement) (sfunc = public.first_sfunc, stype = anyelement);


alter type "My App"."Odd Type" rename to "Odder";
alter schema "My App" rename to "Your App";
alter domain public.email rename to mail;
