-- Tables without a key, and columns of types that pg_upgrade refuses.
create table public.none (id bigint);
create table public.unique_only (id bigint not null unique);
create unlogged table public.unlogged (id bigint);
create table public.made_of as select 1 as id;
select 1 as id into public.selected_into;
create table public.parent (id bigint primary key);
create table public.child () inherits (public.parent);
create table public.parts (id bigint, day date) partition by range (day);
create table public.parts_1 partition of public.parts for values from ('2026-01-01') to ('2026-02-01');
create temporary table gone (id bigint);
create table public.key_dropped (id bigint primary key);
alter table public.key_dropped drop constraint key_dropped_pkey;
create schema internal;
create table internal.none (id bigint);
create table extensions.none (id bigint);
create table public.regs (
  id bigint primary key, p regproc, pp regprocedure, o regoper, oo regoperator, c regconfig, d regdictionary,
  n regnamespace, l regcollation, fine1 regclass, fine2 regrole, fine3 regtype, many regproc[]
);
create index regs_p_idx on public.regs (p, id) include (n);
create view public.regs_v with (security_invoker = on) as select p as renamed, fine1 from public.regs;
create type public.with_reg as (a int, p regproc);
create table auth.regs (id bigint primary key, p regproc);
