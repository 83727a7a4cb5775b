-- server: 17
create role r1;
create role r2;
create table t (id int, owner text, org int);
create table m (org int, who text);
create policy a on t;
create policy a on t; -- refused 42710
create policy b on t as restrictive for update to r1, r2 using (owner = current_user) with check (org in (select org from m where who = t.owner));
create policy c on t for insert using (true); -- refused 42601
create policy c on t for select with check (true); -- refused 42601
create policy c on t for delete to public, r1 using (id > 0);
create policy d on t for select to nobody using (true); -- refused 42704
create policy d on t for select using (id); -- refused 42804
create policy d on t for select using (count(*) > 1); -- refused 42803
create policy d on t for select using (nope = 1); -- refused 42703
create policy d on nope using (true); -- refused 42P01
alter policy a on t rename to aa;
alter policy aa on t to r1 using (org is not null) with check (org > 0);
alter policy nope on t using (true); -- refused 42704
alter policy aa on t rename to b; -- refused 42710
alter table t enable row level security, force row level security;
alter table t no force row level security;
alter table t rename column owner to owned_by;
alter table t rename to tt;
drop table m; -- refused 2BP01
alter table tt drop column org; -- refused 2BP01
alter table tt drop column org cascade;
drop policy aa on tt; -- refused 42704
drop policy if exists aa on tt;
drop policy if exists aa on nowhere;
create view v as select 1 as x;
create policy p on v using (true); -- refused 42809
alter table v enable row level security; -- refused 42809
create policy "Odd ""Name" on tt for all to current_user using ((select current_setting('app.user', true)) = owned_by);
drop role r1;
alter table tt disable row level security;
create function is_ok(text) returns boolean language sql stable as 'select true';
create policy via_fn on tt using (is_ok(owned_by) and is_ok('x'));
drop function is_ok(text); -- refused 2BP01
drop function is_ok(text) cascade;
