-- server: 17
-- Names that the server makes: shortened parts, numbers where one is taken.
create table a_table_with_a_very_long_name_indeed_longer_than_most (a_column_with_a_long_name_too_that_is_longer int unique, b int check (b > 0), id serial primary key);
create table t (a int unique, b int unique, c int check (c > 0) check (c < 10), d int references t (a), e int references t (b), check (a > b), unique (a, b), exclude using btree (c with =));
create index on t (a);
create index on t (a);
create index on t (lower(a::text));
create index on t (lower(a::text), b);
create index on t (a, b) include (c);
create index on t ((a + b), (a - b));
create unique index on t (d) where d > 1;
alter table t add unique (a);
alter table t add check (e > 0);
alter table t add check (a > 0 and b > 0);
alter table t add check (true);
alter table t add foreign key (c) references t (a);
alter table t add foreign key (a, b) references t (a, b);
create table t_a_seq (x int);
create table s (a serial, b bigserial, c smallserial);
create table t_pkey (x int);
alter table t add column id int generated always as identity primary key;
create table "Quoted Name" ("Col One" int unique, "col""two" text check ("col""two" <> ''));
create index on "Quoted Name" ("Col One", "col""two");
create table u1 (id int, constraint u1_id_key unique (id));
create table u2 (id int constraint mine primary key, v int constraint pos check (v > 0) constraint nn not null);
create domain posint as int check (value > 0) check (value < 100);
create table x_c_check (a int);
create table x (c int check (c > 1));
alter table x drop constraint x_c_check;
alter table x add check (c > 2);
alter table x rename to y;
alter table y add check (c > 3);
alter table y rename column c to cc;
alter table y add unique (cc);
alter index y_cc_key rename to x_cc_key;
alter table y add constraint y_cc_key unique (cc);
create index y_cc_key on y (cc); -- refused 42P07
create table z (id int primary key, y int unique);
alter table z rename constraint z_pkey to z_pk;
alter index z_pk rename to z_pk2;
alter table z drop constraint z_pk; -- refused 42704
alter table z drop constraint z_pk2;
create table äöü_ñandú_ünïcödé_wörds_that_are_löng_ënöugh_to_be_cut (ä int unique);
create table seqs_id_seq (x int);
create table seqs (id serial);
create table in_order (a text check (a <> 'u'), b int, check (a <> 'v'), c text check (b > 0 or c <> 'w'), check (a <> c));
