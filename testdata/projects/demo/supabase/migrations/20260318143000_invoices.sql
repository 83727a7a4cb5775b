create type public.invoice_state as enum ('open', 'paid', 'void');

create table public.invoices (
  id bigint generated always as identity primary key,
  order_id bigint not null references public.orders (id),
  state public.invoice_state not null default 'open',
  total numeric(12, 2) not null,
  due_on date not null
);

alter table public.invoices enable row level security;

create index invoices_order_id_idx on public.invoices (order_id);

create policy "read own invoices" on public.invoices
  for select to authenticated
  using (
    (auth.jwt() ->> 'email') is not null
    and exists (select 1 from public.orders where orders.id = invoices.order_id)
  );
