-- server: 17
create table p (id int primary key, code text, a int, b int, unique (a, b), unique (code) include (a));
create table c (id int, p_id int, code text, a int, b int);
alter table c add constraint c_p foreign key (p_id) references p on update cascade on delete set null deferrable initially deferred not valid;
alter table c validate constraint c_p;
alter table c validate constraint nope; -- refused 42704
alter table c add foreign key (code) references p (code) match full;
alter table c add foreign key (a, b) references p (b, a);
alter table c add foreign key (a, b) references p (a, b) on delete set null (a);
alter table c add foreign key (a) references p (a); -- refused 42830
alter table c add foreign key (a, b) references p (a); -- refused 42830
alter table c add foreign key (code) references p; -- refused 42804
alter table c add foreign key (nope) references p; -- refused 42703
alter table c add foreign key (p_id) references nope; -- refused 42P01
alter table c add constraint c_p check (true); -- refused 42710
alter table c alter constraint c_p not deferrable;
alter table c alter constraint nope deferrable; -- refused 42704
create unique index c_id_u on c (id);
alter table c add constraint c_key primary key using index c_id_u;
alter table c add primary key (a); -- refused 42P16
create unique index c_part on c (a) where a > 1;
alter table c add unique using index c_part; -- refused 42809
create index c_plain on c (b);
alter table c add unique using index c_plain; -- refused 42809
create unique index c_desc on c (b desc);
alter table c add unique using index c_desc; -- refused 42809
create unique index c_expr on c (lower(code));
alter table c add unique using index c_expr; -- refused 42809
create unique index c_ok on c (code);
alter table c add constraint renamed_by_this unique using index c_ok deferrable;
drop index renamed_by_this; -- refused 2BP01
alter table c add constraint chk check (a > b) not valid;
alter table c validate constraint chk;
alter table c add constraint agg check (count(*) > 1); -- refused 42803
alter table c add constraint sub check (exists (select 1 from p)); -- refused 0A000
alter table c add constraint setof check (generate_series(1, a) > 1); -- refused 0A000
alter table c add constraint notbool check (a + 1); -- refused 42804
create table nd (a int, b int, unique nulls not distinct (a), unique (b) with (fillfactor = 70));
alter table p drop constraint p_pkey; -- refused 2BP01
alter table p drop constraint p_pkey cascade;
alter table c alter column code type varchar(20);
alter table c alter column id drop not null; -- refused 42P16
alter table c drop constraint c_key;
alter table c alter column id drop not null;
create table room (id int, during tstzrange, exclude using gist (during with &&) where (id > 0));
create table self (id int primary key, parent int references self, constraint up foreign key (parent) references self (id) on delete cascade);
create table multi (a int, b int, primary key (a, b), constraint multi_pkey unique (b)); -- refused 42P07
create table twice (a int primary key, b int primary key); -- refused 42P16
create table temp_ref (a int);
create temp table tmp (a int primary key);
alter table temp_ref add foreign key (a) references tmp; -- refused 42P16
create view v as select 1 as one;
alter table temp_ref add foreign key (a) references v (one); -- refused 42809
alter table v add constraint x check (one > 0); -- refused 42809
create table dep (a int unique);
create table dep2 (a int references dep (a));
alter table dep drop constraint dep_a_key; -- refused 2BP01
alter table dep alter column a type bigint;
alter table dep alter column a type text; -- refused 42804
drop table dep; -- refused 2BP01
drop table dep cascade;
