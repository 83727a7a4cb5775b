insert into storage.buckets (id, name, public) values ('receipts', 'receipts', false);

create policy "read own receipts" on storage.objects
  for select to authenticated
  using (bucket_id = 'receipts' and auth.uid() = owner);
