create table public.orgs (id uuid primary key, slug text);
create table public.seats (org uuid references public.orgs, who uuid, primary key (org, who));
alter table public.orgs enable row level security;
alter table public.seats enable row level security;
create function public.member(org uuid) returns boolean language sql stable security definer set search_path = '' as $$ select true $$;
create policy p on public.orgs using (id in (select s.org from public.seats s where s.who = auth.uid()) or public.member(id));
create policy q on public.seats using (exists (select 1 from public.orgs o where o.id = seats.org and o.slug = 'x'));
create policy r on public.seats for select using (who = auth.uid());
