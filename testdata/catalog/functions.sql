-- server: 17
create function f(a int) returns int language sql as 'select 1';
create function f(a text) returns int language sql as 'select 2';
create function f(a int, b int default 3) returns int language sql as 'select 3';
create function f(a bigint) returns text language sql as 'select 1';
create function f(b int) returns int language sql as 'select 1'; -- refused 42723
create or replace function f(b int) returns int language sql as 'select 1'; -- refused 42P13
create or replace function f(a int) returns bigint language sql as 'select 1'; -- refused 42P13
create or replace function f(a int) returns int language sql immutable strict parallel safe cost 7 as 'select 5';
create or replace function f(a int, b int) returns int language sql as 'select 3'; -- refused 42P13
create function o(out a int, inout b text, variadic c int[]) language plpgsql as $$ begin a := 1; end $$;
create function tab(x int) returns table (id int, name text) language sql stable as $$ select 1, 'a' $$;
create function st() returns setof text language sql rows 5 as $$ select 'a' $$;
create function rec() returns record language plpgsql as $$ begin return null; end $$;
create function std(a int, b int) returns int language sql return a + b;
create function atomic(a int) returns int language sql begin atomic select a; select a + 1; end;
create procedure pr(a int, inout b int default null) language plpgsql as $$ begin b := a; end $$;
create procedure pr2() language sql set search_path = pg_catalog, "My Schema" set work_mem = '1MB' as $$ select 1 $$;
create function pol(anyelement) returns anyarray language sql as 'select array[$1]';
create function polbad() returns anyelement language sql as 'select 1'; -- refused 42P13
create function defbad(a int default 1, b int) returns int language sql as 'select 1'; -- refused 42P13
create function dup(a int, a int) returns int language sql as 'select 1'; -- refused 42P13
create function nolang() returns int as 'select 1'; -- refused 42P13
create function badlang() returns int language klingon as 'select 1'; -- refused 42704
create function badbody() returns int language sql as 'select nope from nowhere'; -- refused 42P01
create function badpl() returns int language plpgsql as $$ begin retrun 1; end $$; -- refused 42601
create function noret() returns int language plpgsql as $$ begin end $$;
create function tg() returns trigger language sql as 'select 1'; -- refused 42P13
create function "Quoted Fn"("Arg One" int, "select" text default 'it''s') returns void language sql as $$ select $$;
drop function f; -- refused 42725
drop function f(int, int);
drop function f(nope); -- refused 42704
drop function if exists f(nope);
drop function nofn(); -- refused 42883
drop function std;
drop procedure f(int); -- refused 42809
drop routine f(text);
alter function f(int) rename to g;
alter function g(int) owner to current_user;
alter function g stable called on null input security definer set search_path to '';
alter function g reset all;
alter function tab set statement_timeout to '5s';
alter function pr2 set schema pg_temp; -- refused 42883
alter procedure pr2 set work_mem to default;
create schema other;
alter function g(int) set schema other;
create table tt (id int, v text default g(1)); -- refused 42883
create table tt (id int, v text default other.g(1));
drop function other.g(int); -- refused 2BP01
create view uses_st as select * from st();
drop function st(); -- refused 2BP01
drop function st() cascade;
create function rowtype(t tt) returns text language sql as $$ select t.v $$;
create function setrow() returns setof tt language sql as $$ select * from tt $$;
drop table tt; -- refused 2BP01
create aggregate my_sum(int) (sfunc = int4pl, stype = int, initcond = '0');
create or replace aggregate my_sum(int) (sfunc = int4pl, stype = int);
create aggregate two(int, text) (sfunc = nope, stype = int); -- refused 42883
alter aggregate my_sum(int) rename to their_sum;
drop aggregate their_sum(text); -- refused 42883
create function win() returns bigint language internal window as 'window_row_number';
create function types(a varchar(10), b numeric(5,2), c timestamptz, d int[], e char(3)) returns varchar language sql as $$ select a $$;
create function tt_type(a tt.id%type, b tt.v%type) returns tt.id%type language sql as $$ select a $$;
call pr(1, 2);
call pr(1);
call nope(); -- refused 42883
call other.nope(); -- refused 42883
select f('x'); -- refused 22P02
do language plpgsql $$ begin perform std(1, 2); end $$; -- refused 42883
