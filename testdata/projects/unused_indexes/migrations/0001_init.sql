create table customers (
  id bigint primary key,
  email text not null,
  name varchar(100),
  created_at timestamptz not null,
  score integer,
  live boolean not null default true,
  deleted_at timestamptz,
  data jsonb
);
create index customers_email_idx on customers (email);
create index customers_lower_name_idx on customers (lower(name));
create index customers_created_at_idx on customers (created_at);
create index customers_data_idx on customers using gin (data);
create index customers_live_score_idx on customers (live, score);
create index customers_score_partial_idx on customers (score) where deleted_at is null;

create table orders (
  id bigint primary key,
  customer_id bigint not null references customers,
  code text collate "de-x-icu",
  note text,
  total numeric,
  state text not null,
  placed_at timestamptz
);
create index orders_customer_id_idx on orders (customer_id);
create index orders_code_idx on orders (code);
create index orders_note_pattern_idx on orders (note text_pattern_ops);
create index orders_state_idx on orders (state);
create index orders_placed_at_idx on orders (placed_at);
