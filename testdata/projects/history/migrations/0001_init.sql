create table customers (
  id bigint primary key,
  name text not null
);
create table orders (
  id bigint primary key,
  customer_id bigint not null constraint orders_customer_id_fkey references customers,
  total numeric,
  state text
);
create index orders_state_idx on orders (state);
create index orders_customer_id_idx on orders (customer_id);
