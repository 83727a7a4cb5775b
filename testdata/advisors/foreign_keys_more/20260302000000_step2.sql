alter table public.k9 drop constraint k9_z_key;
drop index public.k4_z_idx;
alter table public.two drop constraint two_b_fkey;
alter table public.to_parted rename constraint to_parted_id_fkey to renamed_fk;
create table public.late (id int not null, z int, primary key (id));
alter table public.parted attach partition public.late for values from (20) to (30);
alter table public.parted detach partition public.parted_1;
