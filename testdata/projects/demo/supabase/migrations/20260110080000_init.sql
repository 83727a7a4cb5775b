-- A small shop: who buys, what there is, what was ordered.
create table public.customers (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users (id) on delete cascade,
  name text not null,
  city text not null,
  country text not null,
  created_at timestamptz not null default now()
);

create table public.products (
  id bigint generated always as identity primary key,
  sku text not null unique,
  title text not null,
  price numeric(12, 2) not null check (price >= 0)
);

create table public.orders (
  id bigint generated always as identity primary key,
  customer_id uuid not null references public.customers (id),
  placed_at timestamptz not null default now(),
  note text
);

create table public.order_items (
  order_id bigint not null references public.orders (id) on delete cascade,
  product_id bigint not null references public.products (id),
  quantity integer not null check (quantity > 0),
  primary key (order_id, product_id)
);

alter table public.customers enable row level security;
alter table public.products enable row level security;
alter table public.orders enable row level security;
alter table public.order_items enable row level security;
