-- server: 17
create table a (id int primary key, v text);
create table b (id int);
create schema s;
create table s.c (id int);
create publication p1;
create publication p2 for table a, b;
create publication p3 for all tables;
create publication p4 for table a (id) where (id > 3), tables in schema s with (publish = 'insert, delete'); -- refused 22023
create publication p4;
create publication p5 for table nope; -- refused 42P01
create publication p4 for table a (id), tables in schema s; -- refused 42710
alter publication p1 add table a, only b;
alter publication p1 add table a; -- refused 42710
alter publication p1 drop table b;
alter publication p1 drop table b; -- refused 42704
alter publication p1 set table b;
alter publication p1 add tables in schema s;
alter publication p3 add table a; -- refused 55000
alter publication p2 rename to p2b;
alter publication p2 owner to current_user; -- refused 42704
create view v as select 1 as x;
alter publication p1 add table v; -- refused 22023
alter publication nope add table a; -- refused 42704
drop table b;
drop publication p3;
drop publication p3; -- refused 42704
drop publication if exists p3;
alter table a replica identity full;
alter table s.c replica identity nothing;
create temp table tmp (id int);
alter publication p2b add table tmp; -- refused 22023
alter publication p2b set (publish_via_partition_root = true);
alter publication p2b set (nope = true); -- refused 42601
