create policy "everybody sees products" on public.products
  for select using (true);

create policy "customers see themselves" on public.customers
  for select to authenticated
  using ((select auth.uid()) = user_id);

create policy "read own orders" on public.orders
  for select to authenticated
  using (
    exists (
      select 1 from public.customers
      where customers.id = orders.customer_id and customers.user_id = auth.uid()
    )
  );

create policy "read own order items" on public.order_items
  for select to authenticated
  using (exists (select 1 from public.orders where orders.id = order_items.order_id));

create policy "staff change orders" on public.orders
  for update to authenticated
  using (private.is_staff())
  with check (private.is_staff());
