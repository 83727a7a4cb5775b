insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values ('a', 'a', true, 52428800, array['image/png', 'image/jpeg']), ('B c', 'B c', true, null, null);
do $$ begin
  insert into storage.buckets (id, name, public) values ('in_do', 'in_do', true) on conflict (id) do nothing;
  if not exists (select 1 from storage.buckets where id = 'a') then insert into storage.buckets (id, name, public) values ('never', 'never', true); end if;
  if not exists (select from storage.buckets where id = 'x') then insert into storage.buckets (id, name, public) values ('x', 'x', true); end if;
end $$;
with new as (insert into storage.buckets (id, name, public) values ('cte', 'cte', true) returning id) select * from new;
create policy "all open" on storage.objects for select using (true);
create policy "no using" on storage.objects for all to anon with check (false);
update storage.buckets set id = 'x2', name = 'x2' where id = 'x';
update storage.buckets set public = not public where id in ('cte');
