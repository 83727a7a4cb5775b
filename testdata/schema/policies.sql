-- Policies: names of tables and of their columns within sub-selects.
create table public.teams (id bigint generated always as identity primary key, name text);
create table public.members (team_id bigint references public.teams (id) on delete cascade, user_id uuid default auth.uid(), role text, primary key (team_id, user_id));
create table public.notes (id bigint primary key, team_id bigint, author uuid, body text, public boolean default false);
alter table public.notes enable row level security;
alter table public.notes force row level security;
alter table public.members enable row level security;
create policy "own notes" on public.notes for all to authenticated using (author = (select auth.uid())) with check (auth.uid() = author);
create policy shared on public.notes for select using (public or exists (select 1 from members m where m.team_id = notes.team_id and m.user_id = auth.uid()));
create policy mates on public.members for select to authenticated using (team_id in (select team_id from members where user_id = (select auth.uid() as uid)));
create policy strict on public.notes as restrictive for update to authenticated using ((auth.jwt() ->> 'role') = any (array['admin', 'editor'])) with check (true);
create policy adders on public.notes for insert with check (team_id = any (array(select members.team_id from members where role in ('admin', 'owner'))) and (select count(*) from notes) < 10);
create policy avatars on storage.objects for select using (bucket_id = 'avatars' and (storage.foldername(name))[1] = auth.uid()::text);
create function public.is_admin(who uuid default auth.uid()) returns boolean language sql stable security definer set search_path = '' as $$ select exists (select 1 from public.members where user_id = who and role = 'admin') $$;
create policy admins on public.teams to authenticated, service_role using (is_admin() and is_admin(who => (select auth.uid())));
alter table public.members rename to team_members;
alter table public.notes rename column author to written_by;
