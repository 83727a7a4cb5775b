insert into public.products (sku, title, price) values
  ('TEA-1', 'Green tea', 4.90),
  ('CUP-1', 'Cup', 12.00);
