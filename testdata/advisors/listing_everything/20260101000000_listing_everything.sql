-- A policy that lists all buckets.
insert into storage.buckets (id, name, public) values ('a', 'a', true), ('b', 'b', true), ('c', 'c', false);
create policy everything on storage.objects for select using (true);
create policy everything_too on storage.objects using (1 = 1);
create policy nothing on storage.objects for select to authenticated;
