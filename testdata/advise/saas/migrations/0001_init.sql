create schema if not exists auth;
do $$ begin
  if not exists (select 1 from pg_roles where rolname = 'authenticated') then create role authenticated nologin; end if;
end $$;
create function auth.uid() returns uuid language sql stable as
$$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;

create type ticket_state as enum ('new', 'open', 'waiting', 'solved', 'spam');

create table plans (
  id smallint primary key,
  name text not null,
  monthly_cents int not null
);
create table tenants (
  id uuid primary key,
  slug text not null unique,
  plan_id smallint not null references plans (id),
  created_at timestamptz not null
);
create table members (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenants (id),
  email text not null,
  role text not null,
  invited_by bigint references members (id),
  last_login timestamptz,
  unique (tenant_id, email)
);
create table tickets (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenants (id),
  assignee_id bigint references members (id),
  state ticket_state not null,
  priority smallint not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  archived boolean not null default false
);
create table ticket_messages (
  id bigint generated always as identity primary key,
  ticket_id bigint not null references tickets (id) on delete cascade,
  author_id bigint references members (id),
  internal boolean not null,
  body text not null,
  sent_at timestamptz not null
);
create table invoices (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenants (id),
  number text not null unique,
  status text not null,
  total numeric(12, 2) not null,
  issued_on date not null,
  due_on date not null,
  paid_at timestamptz
);
create index invoices_tenant_issued on invoices (tenant_id, issued_on desc);
create table invoice_lines (
  id bigint generated always as identity primary key,
  invoice_id bigint not null references invoices (id) on delete cascade,
  sku text not null,
  qty int not null,
  unit_price numeric(10, 2) not null
);
create table usage_records (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  meter text not null,
  quantity numeric not null,
  recorded_at timestamptz not null
);
create table api_tokens (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenants (id),
  token_hash text not null,
  revoked_at timestamptz,
  expires_at timestamptz,
  uses int not null default 0
);
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  payload jsonb not null,
  attempts int not null default 0,
  created_at timestamptz not null,
  delivered_at timestamptz
);
create table feature_flags (
  name text primary key,
  enabled boolean not null,
  rollout int not null
);

alter table tickets enable row level security;
create policy tickets_of_tenant on tickets for select to authenticated
  using (tenant_id in (select tenant_id from members where id = 1));
alter table ticket_messages enable row level security;
create policy own_messages on ticket_messages for select to authenticated using (not internal);

create view open_tickets as
  select id, tenant_id, assignee_id, subject, created_at from tickets where state in ('new', 'open') and not archived;
