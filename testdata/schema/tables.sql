-- Tables: ranges in checks, identity in partitions, a type that an extension brings later, buckets that a trigger looks at.
create table public.notes (id bigint primary key, slug text, size int,
  constraint slug_fits check (length(slug) between 2 and 40 and slug ~ '^[a-z]+$'),
  constraint size_fits check (size not between 1 and 5 or size is null or slug is null),
  constraint slug_is_one check (slug in (upper(slug), lower(slug), 'a', 'b') and size > 0 or slug in (initcap(slug), slug, lower(slug)) or size is null),
  constraint pair_is_none check ((size, slug) not in ((1, 'a'), (2, 'b'), (3, 'c')) and slug not in (lower(slug), upper(slug)) and size > 0),
  constraint pair_is_one check ((id, slug) in ((1, 'a'), (2, 'b'), (3, 'c')) or slug is null),
  constraint both_fit check (size > 0 and (size between 1 and 9 and slug <> '')));
create table public.events (id bigint generated always as identity, at date not null, primary key (at, id)) partition by range (at);
create table public.events_2026 partition of public.events for values from ('2026-01-01') to ('2027-01-01');
create table public.events_rest partition of public.events default;
create extension citext with schema extensions;
alter table public.notes add column title extensions.citext;
insert into storage.buckets (id, name, public) values ('notes', 'notes', false);
create function public.no_more() returns trigger language plpgsql as $$ begin raise exception 'there are enough'; end $$;
create trigger no_more before insert on storage.buckets for each row execute function public.no_more();
