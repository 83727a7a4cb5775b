-- server: 17
create table t (id int, a text, b text collate "C", j jsonb, arr int[], r int4range, p point, ts tsvector, u uuid, d date);
create index i1 on t using btree (a text_pattern_ops desc nulls last, b collate "POSIX" asc);
create index i2 on t using gin (j jsonb_path_ops);
create index i3 on t using gin (arr, ts);
create index i4 on t using gist (r range_ops, p);
create index i5 on t using hash (u);
create index i6 on t using brin (d, id) with (pages_per_range = 16, autosummarize = on);
create index i7 on t using spgist (p);
create unique index i8 on t (id) include (a, b) nulls not distinct where a is not null and d > '2020-01-01';
create index i9 on t (lower(a), (j ->> 'k'), (id + 1), upper(b) desc);
create index i10 on t (date_trunc('day', d::timestamp));
create index i11 on t ((a || b) text_ops);
create index i12 on t using gin (to_tsvector('english', coalesce(a, '')));
create index i14 on t (now()); -- refused 42P17
create index i15 on t ((d::timestamptz)); -- refused 42P17
create index i16 on t (j); 
create index i17 on t (p); -- refused 42704
create index i18 on t using gin (id); -- refused 42704
create index i19 on t using hash (id, a); -- refused 0A000
create unique index i20 on t using gin (arr); -- refused 0A000
create index i21 on t using nope (id); -- refused 42704
create index i22 on t (nope); -- refused 42703
create index i23 on t (id int8_ops); -- refused 42804
create index i24 on t (id nope_ops); -- refused 42704
create index i26 on t (id) where count(*) > 1; -- refused 42803
create index i27 on nope (id); -- refused 42P01
create index i1 on t (id); -- refused 42P07
create index if not exists i1 on t (id);
create index i28 on t using gist (id); -- refused 42704
create index i31 on t using gin (j) include (id); -- refused 0A000
create index i32 on t using gin (j desc); -- refused 0A000
create view v as select 1 as x;
create index i33 on v (x); -- refused 42809
alter index i1 rename to i1b;
alter index i1b set (fillfactor = 60);
alter index i1b reset (fillfactor);
alter index i9 alter column 1 set statistics 500;
alter table t rename column a to aa;
alter table t drop column d;
alter table t alter column id type bigint;
alter table t cluster on i8; -- refused 42704
alter table t cluster on i1b;
alter table t replica identity using index i8; -- refused 42704
create unique index ri on t (id);
alter table t replica identity using index ri; -- refused 42809
alter table t alter column id set not null;
alter table t replica identity using index ri;
reindex table t;
drop index i2, i3;
drop index i2; -- refused 42704
drop index if exists i2;
drop index t; -- refused 42809
drop table i1b; -- refused 42809
create index "Idx Quoted" on t ("aa");
create index on t using btree ((j -> 'a' -> 'b'), ((j ->> 'c')::int));
create schema s;
alter table t set schema s;
create index late on t (id); -- refused 42P01
create index late on s.t (id);
drop index late; -- refused 42704
drop index s.late;
create table predicate_first (at timestamptz);
create index on predicate_first (nope) where at > now(); -- refused 42P17
create index on predicate_first (nope) where at is null; -- refused 42703
drop table predicate_first;
