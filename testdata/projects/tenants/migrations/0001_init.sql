create table accounts (id uuid primary key);
create table invoices (
  id bigint primary key,
  account_id uuid not null references accounts,
  total numeric not null
);
alter table invoices enable row level security;
create policy tenant_reads on invoices for select
  using (account_id = current_setting('app.account_id')::uuid);
create table invoice_lines (
  id bigint primary key,
  invoice_id bigint not null constraint invoice_lines_invoice_id_fkey references invoices on delete cascade,
  amount numeric not null
);
alter table invoice_lines enable row level security;
