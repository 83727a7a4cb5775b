-- Small migrations, with the rules that must fire for each. What comes before the first of them is there already.
create extension if not exists btree_gist;
create schema app;
create type mood as enum ('sad', 'ok');
create domain email as text;
create domain spare as text;
create domain pos as int check (value > 0);
create table accounts (id bigint primary key, name text);
create table orders (
  id bigint primary key, account_id bigint, code varchar(20), note text, qty int, total numeric(10, 2), day date,
  state text, at timestamp, address email, during tstzrange, shop int,
  constraint orders_state_set check (state is not null)
);
create index orders_code_idx on orders (code);
create index orders_note_lower_idx on orders (lower(note));
create unique index orders_day_uq on orders (id, day);
create table lines (id bigint primary key, order_id bigint constraint lines_order_fk references orders (id), n int);
create index lines_order_idx on lines (order_id);
create table pairs (a int not null, b int not null, c varchar(10) constraint pairs_c_check check (c <> ''), constraint pairs_a_b_key unique (a, b));
create table nokey (id bigint not null, n int);
create table events (id bigint not null, day date not null, primary key (id, day)) partition by range (day);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table events_2026 (id bigint not null, day date not null, primary key (id, day));
create table events_2027 (id bigint not null, day date not null, primary key (id, day),
  constraint events_2027_range check (day >= '2027-01-01' and day < '2028-01-01'));
create table logs (id int not null, region text) partition by list (region);
create table logs_rest partition of logs default;
create view totals as select id, total from orders;
create materialized view daily as select day, count(*) as n from orders group by day;
create unique index daily_key on daily (day);
create materialized view weekly as select count(*) as n from orders;
create function f_volatile() returns int language plpgsql volatile as 'begin return 1; end';
create function f_stable() returns int language plpgsql stable as 'begin return 1; end';
create view calls as select f_stable() as f;
-- case index_bad: index_build_blocks_writes
create index on orders (account_id);
-- case index_good: safe
create index concurrently orders_account_idx on orders (account_id);
-- case index_new_table_bad: index_build_blocks_writes
create table x (a int primary key); create index on orders (qty);
-- case index_new_table_good: safe
create table x (a int primary key, b int); create index on x (b);
-- case index_qualified_bad: index_build_blocks_writes
create index i on public.orders (qty);
-- case index_qualified_good: safe
create table app.orders (id int primary key, b int); create index i on app.orders (b);
-- case index_if_not_exists_table_bad: if_not_exists_is_noop, index_build_blocks_writes
create table if not exists orders (id int); create index i on orders (qty);
-- case index_if_not_exists_table_good: safe
create table if not exists fresh (id int primary key, qty int); create index i on fresh (qty);
-- case unique_index_bad: index_build_blocks_writes
create unique index i on orders (code);
-- case unique_index_good: safe
create unique index concurrently i on orders (code);
-- case index_temp_bad: index_build_blocks_writes
create index i on lines (n);
-- case index_temp_good: safe
create temp table t (a int); create index i on t (a);
-- case index_ctas_bad: index_build_blocks_writes
create table copy as select 1 as a; create index i on accounts (name);
-- case index_ctas_good: safe
create table copy (a int primary key); insert into copy values (1); create index i on copy (a);
-- case index_in_do_bad: index_build_blocks_writes
do $$ begin execute 'create index i on orders (qty)'; end $$;
-- case index_in_do_good: safe
do $$ begin execute 'create table y (id int primary key)'; execute 'create index i on y (id)'; end $$;
-- case index_concurrent_in_block_bad: concurrently_in_transaction
begin; create index concurrently i on orders (qty); commit;
-- case index_concurrent_in_block_good: safe
create index concurrently i on orders (qty);
-- case drop_index_concurrent_in_block_bad: concurrently_in_transaction
begin; drop index concurrently orders_code_idx; commit;
-- case drop_index_concurrent_in_block_good: safe
drop index concurrently orders_code_idx;
-- case vacuum_in_block_bad: concurrently_in_transaction
begin; vacuum orders; commit;
-- case vacuum_in_block_good: safe
vacuum orders;
-- case reindex_concurrent_in_block_bad: concurrently_in_transaction
begin; reindex table concurrently orders; commit;
-- case reindex_concurrent_in_block_good: safe
reindex table concurrently orders;
-- case index_retry_bad: invalid_index_left_behind
create index concurrently if not exists i on orders (qty);
-- case index_retry_good: safe
drop index concurrently if exists i; create index concurrently i on orders (qty);
-- case drop_index_bad: index_drop_blocks
drop index orders_code_idx;
-- case drop_index_good: safe
drop index concurrently orders_code_idx;
-- case drop_index_own_bad: index_drop_blocks
drop index orders_note_lower_idx;
-- case drop_index_own_good: safe
create table y (id int primary key, b int); create index yb on y (b); drop index yb;
-- case reindex_bad: reindex_blocks
reindex table orders;
-- case reindex_good: safe
reindex table concurrently orders;
-- case reindex_index_bad: reindex_blocks
reindex index orders_code_idx;
-- case reindex_index_good: safe
reindex index concurrently orders_code_idx;
-- case fk_bad: foreign_key_validates
alter table nokey add constraint nk foreign key (n) references orders (id);
-- case fk_good: safe
alter table nokey add constraint nk foreign key (n) references orders (id) not valid;
-- case fk_column_default_bad: foreign_key_validates
alter table nokey add column o bigint default 1 references orders (id);
-- case fk_column_default_good: safe
alter table nokey add column o bigint references orders (id);
-- case fk_new_table_bad: foreign_key_validates
alter table nokey add foreign key (n) references accounts;
-- case fk_new_table_good: safe
create table y (id int primary key, o bigint references orders (id));
-- case fk_validated_together_bad: validated_in_same_transaction
begin; alter table nokey add constraint nk foreign key (n) references orders (id) not valid; alter table nokey validate constraint nk; commit;
-- case fk_validated_together_good: safe
alter table nokey add constraint nk foreign key (n) references orders (id) not valid; alter table nokey validate constraint nk;
-- case check_bad: check_validates
alter table orders add constraint c check (qty > 0);
-- case check_good: safe
alter table orders add constraint c check (qty > 0) not valid;
-- case check_new_bad: check_validates
alter table orders add check (qty > 0);
-- case check_new_good: safe
create table y (id int primary key, q int); alter table y add check (q > 0);
-- case check_validated_together_bad: validated_in_same_transaction
begin; alter table orders add constraint c check (qty > 0) not valid; alter table orders validate constraint c; commit;
-- case check_validated_together_good: safe
alter table orders add constraint c check (qty > 0) not valid; alter table orders validate constraint c;
-- case unique_bad: unique_builds_index
alter table orders add constraint u unique (code);
-- case unique_good: safe
create unique index concurrently u on orders (code); alter table orders add constraint u unique using index u;
-- case unique_column_bad: unique_builds_index
alter table orders add column slug text unique;
-- case unique_column_good: safe
alter table orders add column slug text;
-- case primary_key_bad: primary_key_builds_index
alter table nokey add primary key (id);
-- case primary_key_good: safe
create unique index concurrently nk on nokey (id); alter table nokey add constraint nk primary key using index nk;
-- case primary_key_nullable_bad: set_not_null_scans
alter table accounts drop constraint accounts_pkey; create unique index concurrently an on accounts (name); alter table accounts add constraint an primary key using index an;
-- case primary_key_nullable_good: safe
create unique index concurrently nk on nokey (id); alter table nokey add constraint nk primary key using index nk;
-- case exclude_bad: exclusion_builds_index
alter table orders add constraint ex exclude using gist (during with &&);
-- case exclude_good: safe
create table y (id int primary key, d tstzrange, exclude using gist (d with &&));
-- case not_null_bad: set_not_null_scans
alter table orders alter column note set not null;
-- case not_null_good: safe
alter table orders alter column state set not null;
-- case not_null_proof_lost_bad: set_not_null_scans
alter table orders alter column state set not null, drop constraint orders_state_set;
-- case not_null_proof_lost_good: safe
alter table orders alter column state set not null; alter table orders drop constraint orders_state_set;
-- case not_null_other_check_bad: set_not_null_scans
alter table orders alter column qty set not null;
-- case not_null_other_check_good: safe
alter table orders add constraint q check (qty is not null) not valid; alter table orders validate constraint q; alter table orders alter column qty set not null;
-- case not_null_unvalidated_bad: set_not_null_scans
alter table orders add constraint q check (qty is not null) not valid; alter table orders alter column qty set not null;
-- case not_null_unvalidated_good: safe
alter table orders alter column qty drop default;
-- case default_volatile_bad: add_column_rewrites
alter table orders add column t timestamptz default clock_timestamp();
-- case default_volatile_good: safe
alter table orders add column t timestamp default (now() at time zone 'utc');
-- case default_uuid_bad: add_column_rewrites
alter table orders add column u uuid default gen_random_uuid();
-- case default_uuid_good: safe
alter table orders add column u uuid default '00000000-0000-0000-0000-000000000000';
-- case default_function_bad: add_column_rewrites
alter table orders add column f int default f_volatile();
-- case default_function_good: safe
alter table orders add column f int default f_stable();
-- case default_jsonb_bad: add_column_rewrites
alter table orders add column r float8 default random();
-- case default_jsonb_good: safe
alter table orders add column j jsonb default jsonb_build_object('a', 1), add column k text default coalesce(null, 'x');
-- case identity_bad: add_column_rewrites
alter table orders add column n bigint generated always as identity;
-- case identity_good: safe
create table y (id int primary key, n bigint generated always as identity);
-- case serial_bad: add_column_rewrites
alter table orders add column n serial;
-- case serial_good: safe
create sequence s; alter table orders add column n bigint;
-- case generated_bad: add_column_rewrites
alter table orders add column g int generated always as (qty * 2) stored;
-- case generated_good: safe
alter table orders add column g int;
-- case domain_column_bad: add_column_rewrites
alter table orders add column p pos;
-- case domain_column_good: safe
alter table orders add column e email;
-- case column_check_bad: add_column_scans
alter table orders add column s int check (s > 0);
-- case column_check_good: safe
alter table orders add column s int; alter table orders add constraint s check (s > 0) not valid;
-- case required_bad: required_column_without_default
alter table orders add column r text not null;
-- case required_good: safe
alter table orders add column r text not null default '';
-- case required_new_bad: required_column_without_default
alter table accounts add column r text not null;
-- case required_new_good: safe
create table y (id int primary key); alter table y add column r text not null;
-- case type_numeric_bad: type_change_rewrites
drop view totals; alter table orders alter column total type numeric(12, 4);
-- case type_numeric_good: safe
drop view totals; alter table orders alter column total type numeric(12, 2);
-- case type_int_bad: type_change_rewrites
alter table orders alter column qty type bigint;
-- case type_int_good: safe
create table y (id int primary key); alter table y alter column id type bigint;
-- case type_text_bad: type_change_rewrites, type_narrowing
alter table orders alter column note type varchar(50);
-- case type_text_good: safe
alter table orders alter column code type varchar(50);
-- case type_char_bad: type_change_rewrites
alter table orders alter column code type char(20);
-- case type_char_good: safe
alter table orders alter column code type text;
-- case type_expression_index_bad: type_change_rebuilds_index
drop view totals; alter table orders alter column note type varchar;
-- case type_expression_index_good: safe
alter table orders alter column code type varchar(40);
-- case type_check_bad: type_change_scans
alter table pairs alter column c type varchar(20);
-- case type_check_good: safe
create table y (c varchar(10) primary key check (c <> '')); alter table y alter column c type varchar(20);
-- case type_narrower_bad: type_change_rewrites, type_narrowing
alter table orders alter column code type varchar(5);
-- case type_narrower_good: safe
alter table orders alter column code type varchar(30);
-- case type_date_bad: type_change_rewrites, type_narrowing
alter table orders alter column at type date;
-- case type_date_good: safe
alter table orders alter column at type timestamp(6);
-- case drop_column_bad: drop_column
alter table orders drop column note;
-- case drop_column_good: safe
alter table orders add column tmp int; alter table orders drop column tmp;
-- case drop_column_key_bad: drop_column, drop_column_takes_along
alter table pairs drop column b;
-- case drop_column_key_good: safe
create table y (id int primary key, a int, b int, unique (a, b)); alter table y drop column b;
-- case rename_table_bad: rename_breaks_clients
alter table accounts rename to customers;
-- case rename_table_good: safe
begin; alter table accounts rename to customers; create view accounts with (security_invoker = true) as select * from customers; commit;
-- case rename_column_bad: rename_breaks_clients
alter table orders rename column note to remark;
-- case rename_column_good: safe
alter table orders add column remark text; alter table orders rename column remark to comment;
-- case rename_index_bad: rename_breaks_clients
alter table orders rename to purchases;
-- case rename_index_good: safe
alter index orders_code_idx rename to orders_code_ix; alter table pairs rename constraint pairs_c_check to pairs_c_set;
-- case drop_table_bad: drop_table
drop table nokey;
-- case drop_table_good: safe
create table y (id int primary key); drop table y;
-- case drop_temp_bad: drop_table
drop table pairs;
-- case drop_temp_good: safe
create temp table t (a int); drop table t;
-- case drop_cascade_bad: drop_cascade, drop_table, drop_locks_other_table
drop table orders cascade;
-- case drop_cascade_good: safe
drop view totals;
-- case truncate_bad: truncate
truncate nokey;
-- case truncate_good: safe
create table y (id int primary key); truncate y;
-- case truncate_cascade_bad: truncate
truncate orders cascade;
-- case truncate_cascade_good: safe
create temp table t (a int); truncate t;
-- case drop_schema_bad: drop_schema
create schema other; drop schema public cascade;
-- case drop_schema_good: safe
drop schema app;
-- case vacuum_full_bad: table_rewrite
vacuum full orders;
-- case vacuum_full_good: safe
vacuum orders;
-- case cluster_bad: table_rewrite
cluster orders using orders_code_idx;
-- case cluster_good: safe
alter table orders cluster on orders_code_idx;
-- case unlogged_bad: table_rewrite
alter table nokey set unlogged;
-- case unlogged_good: safe
create unlogged table y (id int primary key); alter table y set logged;
-- case attach_bad: partition_attach_scans
alter table events attach partition events_2026 for values from ('2026-01-01') to ('2027-01-01');
-- case attach_good: safe
alter table events attach partition events_2027 for values from ('2027-01-01') to ('2028-01-01');
-- case attach_default_bad: partition_attach_scans
create table logs_eu (like logs including all); alter table logs attach partition logs_eu for values in ('eu');
-- case attach_default_good: safe
create table e28 (like events including all); alter table events attach partition e28 for values from ('2028-01-01') to ('2029-01-01');
-- case partition_of_bad: partition_of_locks_parent
create table e28 partition of events for values from ('2028-01-01') to ('2029-01-01');
-- case partition_of_good: safe
create table y (id int primary key) partition by range (id); create table y1 partition of y for values from (1) to (2);
-- case detach_bad: partition_detach_blocks
alter table events detach partition events_2025;
-- case detach_good: safe
alter table events detach partition events_2025 concurrently;
-- case domain_check_bad: domain_change_scans
alter domain email add constraint has_at check (value like '%@%');
-- case domain_check_good: safe
alter domain email add constraint has_at check (value like '%@%') not valid;
-- case domain_unused_bad: domain_change_scans
alter domain email add check (value <> '');
-- case domain_unused_good: safe
alter domain spare add check (value <> '');
-- case refresh_bad: matview_refresh_blocks
refresh materialized view daily;
-- case refresh_good: safe
refresh materialized view concurrently daily;
-- case refresh_empty_bad: matview_refresh_blocks
refresh materialized view weekly;
-- case refresh_empty_good: safe
create materialized view m as select 1 as a with no data; refresh materialized view m;
-- case drop_fk_bad: drop_locks_other_table
alter table lines drop constraint lines_order_fk;
-- case drop_fk_good: safe
set lock_timeout = '2s'; alter table lines drop constraint lines_order_fk;
-- case drop_fk_table_bad: drop_table, drop_locks_other_table
drop table lines;
-- case drop_fk_table_good: safe
drop view totals;
-- case lock_bad: explicit_lock
begin; lock table orders; commit;
-- case lock_good: safe
begin; lock table orders in row exclusive mode; commit;
-- case held_bad: lock_held_while_working, unbatched_backfill
begin; alter table orders add column z int; update orders set z = 1; commit;
-- case held_good: safe
alter table orders add column z int; update orders set z = 1 where id < 1000;
-- case held_index_bad: lock_held_while_working, index_build_blocks_writes
begin; alter table orders add column z int; create index i on accounts (name); commit;
-- case held_index_good: safe
begin; alter table orders add column z int; alter table orders add column y int; commit;
-- case update_all_bad: update_without_where, unbatched_backfill
update orders set note = '';
-- case update_all_good: safe
update orders set note = '' where id = 1;
-- case update_true_bad: update_without_where, unbatched_backfill
update orders set note = null where true;
-- case update_true_good: safe
update orders set note = null where account_id = 3;
-- case backfill_bad: unbatched_backfill
update orders set qty = 1 where qty is null;
-- case backfill_good: safe
update orders set qty = 1 where id between 1 and 1000;
-- case delete_all_bad: delete_without_where, unbatched_backfill
delete from nokey;
-- case delete_all_good: safe
delete from nokey where id = 4;
-- case delete_new_bad: delete_without_where, unbatched_backfill
delete from pairs where 1 = 1;
-- case delete_new_good: safe
create table y (id int primary key); insert into y values (1); delete from y;
-- case enum_used_bad: server_refuses
begin; alter type mood add value 'great'; alter table orders add column m mood default 'great'; commit;
-- case enum_used_good: safe
alter type mood add value 'great';
-- case drop_missing_bad: server_refuses
drop table nowhere;
-- case drop_missing_good: safe
drop table if exists nowhere;
-- case type_of_view_bad: server_refuses
alter table orders alter column total type numeric(12, 2) using total, alter column missing type int;
-- case type_of_view_good: safe
alter table orders alter column shop set default 1;
-- case grant_public_bad: grant_to_public
grant insert on orders to public;
-- case grant_public_good: safe
create role clerk; grant insert on orders to clerk;
-- case identifier_bad: identifier_too_long
create table aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg (id int primary key);
-- case identifier_good: safe
create table short (id int primary key);
-- case in_do_bad: drop_table
do $$ begin if exists (select 1 from pg_tables where tablename = 'nokey') then drop table nokey; end if; end $$;
-- case in_do_good: safe
do $$ begin if exists (select 1 from pg_tables where tablename = 'nothing') then drop table nokey; end if; end $$;
-- case drop_default: safe
alter table orders alter column qty drop default;
-- case set_default: safe
alter table orders alter column qty set default 3;
-- case drop_not_null: safe
alter table nokey alter column id drop not null;
-- case comment: safe
comment on table orders is 'x';
-- case new_function: safe
create function g() returns int language sql as 'select 1';
-- case insert_seed: safe
insert into accounts values (1, 'a');
-- case timestamptz_utc: safe
set timezone = 'UTC'; alter table orders alter column at type timestamptz;
-- case if_not_exists_shape_bad: if_not_exists_is_noop
create table if not exists orders (id bigint primary key, weight int);
-- case if_not_exists_shape_good: safe
create table if not exists orders (id bigint primary key, qty int);
-- case if_not_exists_type_bad: if_not_exists_is_noop
create table if not exists public.accounts (id bigint primary key, name varchar(40));
-- case if_not_exists_type_good: safe
create table if not exists public.accounts (id int8 primary key, name text not null default 'x');
-- case if_not_exists_column_bad: if_not_exists_is_noop, noop_takes_lock
alter table orders add column if not exists qty bigint;
-- case if_not_exists_column_good: safe
alter table orders add column if not exists weight bigint;
-- case if_not_exists_index_bad: if_not_exists_is_noop, noop_takes_lock
create index if not exists orders_code_idx on orders (qty);
-- case if_not_exists_index_good: safe
create index concurrently orders_qty_idx on orders (qty);
-- case noop_not_null_bad: noop_takes_lock
alter table orders alter column id set not null;
-- case noop_not_null_good: safe
alter table orders alter column id set statistics 100;
-- case noop_drop_bad: noop_takes_lock
alter table orders drop constraint if exists nothing_of_the_name;
-- case noop_drop_good: safe
drop table if exists nothing_of_the_name;
-- case two_tables_bad: locks_several_tables
begin; alter table orders add column z int; alter table accounts add column z int; commit;
-- case two_tables_good: safe
alter table orders add column z int; alter table accounts add column z int;
-- case two_tables_partition_bad: locks_several_tables
begin; alter table accounts add column z int; alter table events add column z int; commit;
-- case two_tables_partition_good: safe
begin; alter table events add column z int; alter table events_2025 alter column z set default 1; commit;
-- case publication_bad: publication_exposes_table
create publication p for all tables;
-- case publication_good: safe
create publication p for table orders;
-- case code_update_bad: unbatched_backfill
do $$ begin update orders set note = 'x' where note is null; end $$;
-- case code_update_good: safe
do $$ begin update orders set note = 'x' where id between 1 and 1000; end $$;
-- case code_execute_update_bad: unbatched_backfill
do $$ begin execute 'update orders set note = $1 where note is null' using 'x'; end $$;
-- case code_execute_update_good: safe
do $$ declare r record; begin for r in select id from orders loop execute 'update orders set note = $1 where id = $2' using 'x', r.id; end loop; end $$;
-- case code_delete_bad: delete_without_where, unbatched_backfill
do $$ begin delete from nokey; end $$;
-- case code_delete_good: safe
do $$ begin delete from nokey where id = 7; end $$;
-- case code_called_bad: unbatched_backfill
create function fill() returns void language plpgsql as $$ begin update orders set note = 'x' where note is null; end $$; select fill();
-- case code_called_good: safe
create function fill() returns void language plpgsql as $$ begin update orders set note = 'x' where note is null; end $$;
-- case code_concurrently_bad: concurrently_in_transaction
do $$ begin execute 'create index concurrently i on orders (qty)'; end $$;
-- case code_concurrently_good: safe
do $$ begin execute 'create table y (id int primary key)'; end $$;
-- case code_lock_bad: explicit_lock
do $$ begin lock table orders in share mode; end $$;
-- case code_lock_good: safe
do $$ begin lock table orders in share mode nowait; end $$;
-- case code_held_bad: lock_held_while_working, unbatched_backfill
do $$ begin alter table orders add column z int; update orders set z = 1; end $$;
-- case code_held_good: safe
do $$ begin alter table orders add column z int default 1; end $$;
-- case code_exception_bad: foreign_key_validates
do $$ begin alter table nokey add constraint nk foreign key (n) references orders (id); exception when duplicate_object then null; end $$;
-- case code_exception_good: safe
do $$ begin alter table nokey add constraint nk foreign key (n) references orders (id) not valid; exception when duplicate_object then null; end $$;
-- case not_null_two_bad: set_not_null_scans
alter table orders alter column qty set not null, alter column note set not null;
-- case not_null_two_good: safe
alter table orders add constraint two check (qty is not null and note is not null) not valid; alter table orders validate constraint two; alter table orders alter column qty set not null, alter column note set not null;
-- case drop_function_cascade_bad: drop_cascade
drop function f_stable() cascade;
-- case drop_function_cascade_good: safe
drop function f_volatile() cascade;
