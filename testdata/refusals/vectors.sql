-- server: 14 17 18
create type mood as enum ('sad', 'ok');
create function feel(a mood, b text) returns int language sql as 'select 1';
create table pets (id int primary key, owner int, name text);
create index pets_owner_name on pets (owner, name);

-- oidvector and int2vector count from 0.
do $$
begin
  if exists (select 1 from pg_proc p where p.proname = 'feel' and p.proargtypes[0] = 'mood'::regtype) then
    execute 'create table first_is_mood ()';
  end if;
  if exists (select 1 from pg_proc p where p.proname = 'feel' and p.proargtypes[1] = 'text'::regtype) then
    execute 'create table second_is_text ()';
  end if;
  if exists (select 1 from pg_index i where i.indrelid = 'pets'::regclass and i.indkey[0] = 2 and i.indkey[1] = 3) then
    execute 'create table keys_are_2_and_3 ()';
  end if;
  if exists (select 1 from pg_constraint c where c.conrelid = 'pets'::regclass and c.conkey[1] = 1 and c.contype = 'p') then
    execute 'create table conkey_counts_from_1 ()';
  end if;
  if (select i.indkey::text from pg_index i where i.indexrelid = 'pets_owner_name'::regclass) = '2 3' then
    execute 'create table key_as_text ()';
  end if;
  if (select 'mood'::regtype = any (proargtypes) from pg_proc where proname = 'feel') then
    execute 'create table any_of_them ()';
  end if;
end $$;
drop table first_is_mood, second_is_text, keys_are_2_and_3, conkey_counts_from_1, key_as_text, any_of_them;
select oidvectortypes(proargtypes) from pg_proc where proname = 'feel';
select proargtypes[0][1] from pg_proc limit 0;
