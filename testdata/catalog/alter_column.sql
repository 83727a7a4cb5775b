-- server: 17
create table t (a int, b text default 'x', c timestamp, d numeric(5,2), e varchar(5), f jsonb, g boolean default true, h int[] default '{}');
alter table t alter a type bigint, alter b type varchar(10), alter c type timestamptz using c at time zone 'UTC';
alter table t alter column b type int; -- refused 42804
alter table t alter column b type int using b::int; -- refused 42804
alter table t alter column b drop default;
alter table t alter column b type int using b::int;
alter table t alter column d type text;
alter table t alter column d type numeric; -- refused 42804
alter table t alter column d type numeric using d::numeric;
alter table t alter column g type int; -- refused 42804
alter table t alter column g type int using g::int; -- refused 42804
alter table t alter column g drop default, alter column g type int using g::int, alter column g set default 0;
alter table t alter column e set default now(); 
alter table t alter column a set default 'abc'; -- refused 22P02
alter table t alter column a set default '12';
alter table t alter column a set default b; -- refused 0A000
alter table t alter column a set default (select 1); -- refused 0A000
alter table t alter column a set default f; -- refused 0A000
alter table t alter column h set default array[1, 2];
alter table t alter column nope set not null; -- refused 42703
alter table t alter column a set not null, alter column a drop not null, alter column a set not null;
alter table t alter column b set storage plain;
alter table t alter column a set storage external; -- refused 0A000
alter table t alter column f set compression pglz;
alter table t alter column a set statistics 100;
alter table t alter column a set (n_distinct = 5);
alter table t add column i int generated always as (a + 1) stored;
alter table t alter column a type int;  -- refused 0A000
alter table t drop column i;
alter table t alter column a type int;
alter table t add column j serial;
alter table t add column k int default 5 not null check (k > 0) unique references t (k);
alter table t add column l text collate "C" default 'a' || 'b';
alter table t add column m nope; -- refused 42704
alter table t add column ctid int; -- refused 42701
alter table t alter column l type text collate "POSIX";
alter table t set (fillfactor = 70, autovacuum_enabled = false);
alter table t reset (fillfactor);
