create schema util;
create function util.protect(tab regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tab);
  execute format('create policy own on %s using (owner = auth.uid())', tab);
end $$;
create function util.add_owner(tab text) returns void language plpgsql as $$
begin
  execute 'alter table ' || quote_ident(tab) || ' add column if not exists owner uuid references auth.users (id)';
end $$;
create table public.one (id int primary key);
create table public.two (id int primary key, owner uuid);
select util.add_owner('one');
select util.protect('public.one');
select util.protect('two'::regclass);
create procedure util.index_it(tab text) language plpgsql as $$ begin execute format('create index on public.%I (owner)', tab); end $$;
call util.index_it('two');
call util.index_it('two');
