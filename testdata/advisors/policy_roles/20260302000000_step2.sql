drop policy p3 on public.a;
alter policy q2 on public.b to authenticated;
alter policy q1 on public.b rename to "Q one, renamed";
alter role editor rename to editors;
drop role if exists nobody_here;
