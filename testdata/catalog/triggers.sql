-- server: 17
create table t (id int primary key, a int, b text);
create view v as select * from t;
create function tf() returns trigger language plpgsql as $$ begin return new; end $$;
create function nt() returns int language sql as 'select 1';
create function et() returns event_trigger language plpgsql as $$ begin end $$;
create trigger a before insert or update of a, b or delete on t for each row when (pg_trigger_depth() = 0) execute function tf('x', 1, 'it''s');
create trigger b after update on t referencing old table as o new table as n for each statement execute procedure tf();
create constraint trigger c after insert on t deferrable initially deferred for each row when (new.a > 1) execute function tf();
create trigger d instead of insert on v for each row execute function tf();
create trigger e after truncate on t execute function tf();
create or replace trigger e before truncate on t execute function tf();
create trigger a after insert on t for each row execute function tf(); -- refused 42710
create trigger f before insert on t for each row execute function nt(); -- refused 42P17
create trigger f before insert on t for each row execute function nope(); -- refused 42883
create trigger f before insert on nope for each row execute function tf(); -- refused 42P01
create trigger f before update of nope on t for each row execute function tf(); -- refused 42703
create trigger f before insert on v for each row execute function tf(); -- refused 42809
create trigger f instead of insert on t for each row execute function tf(); -- refused 42809
create trigger f before truncate on t for each row execute function tf(); -- refused 0A000
create trigger f before update on t for each row when (old.nope > 1) execute function tf(); -- refused 42703
create trigger f before update on t for each row when (new.a) execute function tf(); -- refused 42804
create trigger f before update on t for each row when ((old.a, old.b) is distinct from (new.a, new.b)) execute function tf();
create trigger g before update on t for each row when (old.* is distinct from new.*) execute function tf();
alter table t disable trigger a;
alter table t enable replica trigger f;
alter table t enable always trigger g;
alter table t disable trigger nope; -- refused 42704
alter trigger a on t rename to aa;
alter trigger nope on t rename to x; -- refused 42704
alter trigger b on t rename to aa; -- refused 42710
drop function tf(); -- refused 2BP01
alter table t drop column a; -- refused 2BP01
drop trigger c on t;
drop trigger c on t; -- refused 42704
drop trigger if exists c on t;
alter table t rename column b to bb;
create event trigger ev on ddl_command_end when tag in ('CREATE TABLE', 'DROP TABLE') execute function et();
create event trigger ev on ddl_command_end execute function et(); -- refused 42710
create event trigger ev2 on nope execute function et(); -- refused 42601
create event trigger ev2 on sql_drop execute function tf(); -- refused 42P17
alter event trigger ev disable;
alter event trigger ev rename to ev_renamed;
drop event trigger nope; -- refused 42704
drop event trigger ev_renamed;
create rule r1 as on insert to t do instead nothing;
create rule r2 as on update to t where old.a > 1 do also select 1;
create rule r3 as on select to t do instead select 1; -- refused 42809
create rule r4 as on delete to nope do nothing; -- refused 42P01
create or replace rule r1 as on insert to t do also nothing;
alter rule r1 on t rename to r1b;
drop rule nope on t; -- refused 42704
drop rule r1b on t;
alter table t disable rule r2;
drop function tf() cascade;
