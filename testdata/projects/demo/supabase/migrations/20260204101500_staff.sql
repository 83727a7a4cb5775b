-- People who work here see everything; who they are is kept out of the API.
create schema private;

create table private.staff (
  user_id uuid primary key references auth.users (id) on delete cascade,
  since date not null default current_date
);

create function private.is_staff() returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (select 1 from private.staff where user_id = (select auth.uid()));
$$;

create index order_items_product_id_idx on public.order_items (product_id);
