create or replace function public.f6() returns int language sql as $$ select 66 $$;
alter function public.f7() set search_path = public;
alter function public.f8() reset search_path;
alter function public.f1() rename to f1_renamed;
alter function public.f9(int, text) security definer;
create schema lib;
alter function public.f10 set schema lib;

drop function public.f5;
alter routine public.p1(int, int) reset all;
alter function public.trg() set search_path to default;
