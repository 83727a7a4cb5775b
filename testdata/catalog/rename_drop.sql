-- server: 17
-- Names after a rename; what goes with what.
create table a (id serial primary key, v text unique);
create table b (a_id int references a (id), n int);
create view vb as select b.n, a.v from b join a on a.id = b.a_id;
create function fb() returns setof b language sql as 'select * from b';
alter table a rename to aa;
alter table a add column x int; -- refused 42P01
create table a (other int);
alter table aa rename column id to key;
alter table aa rename column id to key2; -- refused 42703
alter table aa rename column v to key; -- refused 42701
alter sequence a_id_seq rename to aa_seq;
alter view vb rename to vbb;
alter table vbb rename to vb;
alter table b rename constraint b_a_id_fkey to fk;
alter index a_v_key rename to uniq;
alter table aa drop constraint a_v_key; -- refused 42704
alter table aa drop constraint uniq;
create schema s1;
create schema s2;
create table s1.t (id serial primary key, e int);
create index on s1.t (e);
create type s1.en as enum ('a');
alter table s1.t add column en s1.en default 'a';
alter table s1.t set schema s2;
alter schema s1 rename to s3;
insert into s1.t values (1); -- refused 42P01
alter type s3.en set schema s2;
drop schema s3;
drop schema s2; -- refused 2BP01
create view vs as select en from s2.t;
drop schema s2 cascade;
drop schema s2; -- refused 3F000
drop schema if exists s2;
drop table b; -- refused 2BP01
drop function fb;
drop table b cascade;
alter table if exists gone add column x int;
alter table if exists gone rename to gone2;
alter index if exists gone_idx rename to x;
drop table aa, a;
create table aa (id int);
alter table aa drop column id;
alter table aa add column id text;
alter table aa add column id text; -- refused 42701
alter table aa add column if not exists id int;
alter table aa drop column nope; -- refused 42703
alter table aa drop column if exists nope;
alter table aa add column x int, add column y int default 4, drop column id, add check (x > y);
alter table aa rename x to xx, add column z int; -- refused 42601
create table child (p int, q int) inherits (aa);
alter schema public rename to main;
create table after_rename (id int); -- refused 3F000
create table main.after_rename (id int);
alter schema main rename to public;
create domain dd as int;
create table udd (d dd);
alter domain dd rename to ddd;
drop domain ddd cascade;
create statistics st on p, q from child;
alter statistics st rename to st2;
drop statistics st2;
comment on table aa is 'x';
comment on nope is 'x'; -- refused 42601
