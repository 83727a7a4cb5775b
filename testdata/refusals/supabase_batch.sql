-- server: 17 supabase
create table orders (id bigint primary key, customer bigint);
-- Sent by itself since 2.109 of the CLI.
create index concurrently orders_customer on orders (customer);
vacuum orders;
drop index concurrently orders_customer;
-- SET LOCAL lasts until the transaction is parted.
set local search_path = auth;
select count(*) from users;
create unique index concurrently orders_customer on public.orders (customer);
select count(*) from users; -- refused 42P01
begin;
create index concurrently within_a_block on orders (customer); -- refused 25001
commit;
savepoint here;
