-- server: 17
create type e as enum ('a', 'c');
alter type e add value 'b' before 'c';
alter type e add value 'd' after 'c';
alter type e add value if not exists 'a';
alter type e add value 'a'; -- refused 42710
alter type e rename value 'a' to 'A';
alter type e rename value 'zz' to 'y'; -- refused 22023
alter type e rename value 'b' to 'c'; -- refused 42710
alter type e add value 'q' after 'nope'; -- refused 22023
create type e as enum (); -- refused 42710
create type empty as enum ();
create type e2 as enum ('x', 'x'); -- refused 23505
create table uses (v e default 'A', arr e[] default '{A,b}', d date);
create table bad (v e default 'nope'); -- refused 22P02
drop type e; -- refused 2BP01
alter type e rename to e_new;
alter type e_new set schema pg_catalog;
create schema s;
alter type e_new set schema s;
create table uses2 (v e_new); -- refused 42704
create domain pos as int default 1 not null check (value > 0);
alter domain pos add constraint odd check (value % 2 = 1) not valid;
alter domain pos drop constraint odd;
alter domain pos drop constraint odd; -- refused 42704
alter domain pos drop constraint if exists odd;
alter domain pos rename constraint pos_check to pos_positive;
alter domain pos set default 2;
alter domain pos drop not null;
alter domain pos rename to positive;
drop domain positive;
create domain txt as text collate "C" default 'x' || 'y';
create domain baddef as int default 'a'; -- refused 22P02
create domain ser as serial; -- refused 42704
create type pt as (x int, y numeric(5,2), label varchar(10) collate "C");
alter type pt add attribute z text, drop attribute label, alter attribute x type bigint;
alter type pt rename attribute y to yy;
create table pts (id int, p pt, arr pt[]);
alter type pt add attribute w int;
alter type pt drop attribute z;
drop type pt; -- refused 2BP01
drop type pt cascade;
create type e3 as enum ('this label is much longer than sixty three bytes, which the server does not take'); -- refused 42602
alter table uses alter column v type text;
alter table uses alter column v drop default;
alter table uses alter column v type s.e_new using v::s.e_new;
alter table uses alter column d type int; -- refused 42804
alter table uses alter column d type text;
alter table uses alter column arr type text[];
drop type s.e_new cascade;
drop type if exists nowhere;
drop type int4; -- refused 2BP01
create type uses; -- refused 42710
create table empty (a int); -- refused 42710
