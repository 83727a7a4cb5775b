-- server: 17
-- A child takes columns, defaults, checks and NOT NULL of its parent, and not its keys.
create table animals (id serial primary key, name text not null default 'x', age int check (age > 0), constraint no_x check (name <> 'y') no inherit);
create table cats (lives int default 9) inherits (animals);
create table dogs (name text default 'rex', bark boolean) inherits (animals);
alter table animals add column weight numeric not null default 1;
alter table animals add constraint heavy check (weight < 1000);
alter table animals rename column age to years;
alter table cats rename column weight to kilos; -- refused 42P16
alter table cats drop column name; -- refused 42P16
alter table animals drop column name;
alter table only animals add column own int; -- refused 42P16
alter table cats add column years int; -- refused 42701
alter table animals alter column years type bigint;
alter table cats alter column years type int; -- refused 42P16
alter table cats drop constraint heavy; -- refused 42P16
alter table animals drop constraint heavy;

-- Two parents with a column of one name.
create table a (x int, y text);
create table b (x int not null, z text);
create table ab () inherits (a, b);
create table ac (x bigint) inherits (a); -- refused 42804
create table ad (x int default 3) inherits (a, b);
alter table a drop column x;
alter table ab no inherit b;
alter table ab drop column x;

-- INHERIT needs the parent's columns and checks.
create table p (id int, v text, constraint v_set check (v is not null));
create table c1 (id int, v text, constraint v_set check (v is not null));
create table c2 (id int);
create table c3 (id int, v text);
alter table c1 inherit p;
alter table c2 inherit p; -- refused 42804
alter table c3 inherit p; -- refused 42804
alter table c1 inherit p; -- refused 42P07
alter table c1 no inherit p;
alter table c1 no inherit p; -- refused 42P01
alter table p inherit c1;
alter table c1 inherit p; -- refused 42P07
drop table c1; -- refused 2BP01
drop table c1 cascade;

-- Of a grandparent.
create table g0 (id int, note text);
create table g1 (a int) inherits (g0);
create table g2 (b int) inherits (g1);
alter table g0 add column late date default '2020-01-01';
alter table g0 alter column note set not null;
alter table g1 drop column note; -- refused 42P16
alter table only g0 alter column note drop not null;
alter table g0 rename column late to later;
alter table g0 drop column later;
