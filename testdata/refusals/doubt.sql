-- server: 17
create table seen (id int primary key, kind text);
insert into seen values (1, 'a');
create table orders (id int primary key, kind text);
create view open_orders as select * from orders;
-- Whether the branch runs depends on rows.
do $$
begin
  if (select kind from seen where id = 1) = 'b' then
    execute 'drop view open_orders';
    create table from_branch (id int);
  end if;
end $$;
-- It may be gone or not: nothing is said of what would tell.
create or replace view open_orders as select id, kind from orders;
-- What was made after it is certain.
create table later (id int);
create table later (id int); -- refused 42P07
alter table later add column nothing int;
alter table later drop column from_branch; -- refused 42703
drop table later;
select * from later; -- refused 42P01

-- A loop over views that depend on a table.
create table scans (id int, status text default 'x');
create view scans_of_status as select status from scans;
do $$
declare it record;
begin
  for it in
    select n.nspname, c.relname from pg_depend d
      join pg_rewrite r on r.oid = d.objid join pg_class c on c.oid = r.ev_class
      join pg_namespace n on n.oid = c.relnamespace
    where d.refobjid = 'scans'::regclass and c.relkind = 'v' group by 1, 2
  loop
    execute format('drop view if exists %I.%I cascade', it.nspname, it.relname);
  end loop;
end $$;
create type status as enum ('x', 'y');
alter table scans alter column status type status using status::status; -- refused 42804
alter table scans alter column status drop default;
alter table scans alter column status type status using status::status;

-- An error that is met on the way of all branches.
do $$
begin
  if (select kind from seen where id = 1) = 'b' then
    update seen set kind = 'c';
    create table another (id int);
  end if;
  alter table nowhere add column a int; -- refused 42P01
end $$;

-- Policies that are made and dropped by names from a query.
create policy p on orders using (true);
create table names (name text);
insert into names values ('q');
do $$
declare it record;
begin
  for it in select name from names loop
    execute format('drop policy if exists %I on orders', it.name);
  end loop;
end $$;
