-- Every form of query and expression, written as people write them. The tests parse each part of it
-- by itself and expect the same again.

select 1;
SELECT DISTINCT ON (a, (b)) a, b AS "B b", t.*, * FROM t WHERE (a) = 1 ORDER BY a, (b) DESC NULLS LAST LIMIT (10) OFFSET 5;
select all naïve, "größe" as straße from übung as ü (naïve, "größe") where straße = 'Straße';
select distinct a from only t, only (s.u), v * as w;
select a from t order by a using operator(pg_catalog.<) nulls first;
select from t;
select;
select a into temp copy from t;
((select 1));
(select 1 order by 1) limit 3;
(((select 1) order by 1) limit 1);
table t;
table only s.t order by a;
values (1, 'a'), ((2), ('b')), (default, null);
select * from (values (1), (2)) as v (x);
select 1 union all select 2 intersect select 3 except all (select 4 order by 1 limit 1) order by 1;
(select 1 union select 2) union all (select 3);
select (select 1 union (select 2)), ((select 3));
select a from t for update of t, s.u skip locked for no key update nowait;
select a from t order by a fetch first 3 rows with ties;
select a from t offset 2 rows fetch next row only;
select a from t limit all;
with recursive a (x, y) as (select 1, 2), b as materialized (insert into t values (1) returning *), c as not materialized (delete from t)
select * from a union all select * from b;
with a as (select 1) (select * from a) order by 1;

-- FROM
select * from a join b on (a.id = b.id) left outer join (c cross join d) using (x, y) as j natural join e;
select * from (a join b on true) as j (x, y), lateral (select 1) as l, ((select 2)) m (z), (select 3);
select * from f(1), g(x => 2) with ordinality as t (a, n), rows from (f(1), h(2) as (a int, b text)) as r, lateral k(t.a) as (x int, y text[]);
select * from t tablesample system (10) repeatable (42), s.u as u tablesample bernoulli ((5));
select * from xmltable('/r' passing data columns id int path '@id' default 1, n for ordinality) as x;
select * from json_table(js, '$.a[*]' passing 1 as one columns (id for ordinality, a int path '$.a', nested path '$.b' columns (b text))) as j;
select * from current_date as today, cast(1 as int) as one;

-- Grouping and windows
select count(*), count(distinct a) from t group by distinct a, (b, c), rollup (a, (b)), cube ((a)), grouping sets ((a), (), rollup (b)) having (count(*) > 1);
select grouping(a, b) from t group by ();
select sum(a) filter (where (b > 0)) over (partition by c, (d) order by e desc rows between 1 preceding and current row exclude ties) from t;
select rank() over w, sum(a) over (w order by b) from t window w as (partition by c), v as (w);
select percentile_cont(0.5) within group (order by (a) desc), string_agg(a, ',' order by b nulls first), f(variadic array[1, 2]) from t;

-- Operators
select - a, + a, - -1, -1, - (1), @ a, a + b * -c, (a + b) * (c), a operator(pg_catalog.+) b, a || 'x' || ('y'), not a, not (not b);
select a and b or not c and (d or e), (a and b) and c, (a or (b)) or (c and d);
select a = any (b), a <> all ((c)), a like any (array['x%']), a not ilike all (d), a = some (select 1), a < all ((select 2)), a operator(s.@@) any (b);
select a in (1, (2)), a not in (1), a in (select 1), (a) not in ((select 2)), (a, b) in ((1, 2)), (a, b) = (select 1, 2);
select a between 1 and 2, a not between (1) and (2), (a) between symmetric b and c and d, a not between asymmetric 1 and 2;
select a like 'x', a not like ('x') escape '!', a ilike b || c escape ('!'), a similar to 'x', a not similar to 'y' escape 'z';
select a is null, (a) is not null, a isnull, a notnull, a is true, a is not false, (a) is unknown, a is not unknown;
select a is distinct from b, (a) is not distinct from (b), nullif(a, (b)), a is document, a is not document;
select a is normalized, (a) is not nfkc normalized, a is json, a is not json, a is json object with unique keys, (a) is json array without unique;
select a at time zone 'utc', (a) at time zone ('x' || b) at local, a at local, (a, b) overlaps (c, d), row (a, b) overlaps row (c, d);
select a collate "C", (a || b) collate pg_catalog."default" < c;

-- Values
select 'a', 'it''s', E'\\ é', $$a$$, $tag$é$tag$, U&'\00e9', U&'!00e9' uescape '!', 'a'
  'b', B'01', X'1f', 1, 1.5, 1e10, .5, 0x1F, 1_000, 99999999999, true, FALSE, null, $1;
select U&"d!0061ta" uescape '!', U&"d\0061ta", "a""b", t."Ünï".x;
select date '2020-01-01', timestamp (3) with time zone 'now', interval '1' day, interval '1 2' day to hour, interval (3) '1', interval '1' second (3), double precision '1', char varying (3) 'abc', s.point '(1,2)';
select a::int, a::s.mood, a::numeric(10, 2)[], (a)::text[3][4]::text, a::int array, a::int array[3], cast(a as character varying (3)), cast((a) as timestamp without time zone), -1::int;
select a::interval year to month, a::interval (3), a::time with time zone, a::float(24), a::bit(3), a::char, a::"char", a::double
  precision, a::national character varying (3), a::dec (3);
select case when a then (1) end, case (a) when 1 then 'x' when (2) then case b when c then d end else (e) end;
select array[1, (2)], array[[1], [a]], array[]::int[], array(select (1)), row(), row(1), (1, 2), row((1, 2), 3), array(values (1), (2));
select (a).b, (a.b).c, a[1], a[1:2], a[:], a[b[1]], (f(x)).*, (select r).x, (array[1, 2])[1], $1.a, ($1)[2].b, a.b[1].c;
select exists (select 1), exists ((select 1)), not exists (select), (select a), ((select (a)));
select coalesce(a, (b)), greatest(a, b), least((a)), extract(year from a), position(a in (b || c)), position('x' in case when a then b end), substring(a from 1 for 2), substring(a for 2), substring(a, 1, 2), overlay(a placing b from 1), trim(both 'x' from (a)), ltrim(a), normalize(a, nfc), collation for (a), treat(a as int);
select current_date, current_time, current_time(3), current_timestamp(3), localtime, localtimestamp (3), current_role, current_user, user, session_user, system_user, current_catalog, current_schema, current_schema(), now();
select xmlelement(name foo, xmlattributes(a as b), 'c', d), xmlforest(a, b as c), xmlconcat(a, b), xmlparse(document a), xmlpi(name php, 'x'), xmlroot(a, version no value, standalone yes), xmlserialize(content a as text), xmlexists('//a' passing by value b);
select json_object('a': 1, b value (c) returning jsonb), json_array(1, a null on null), json_array(select 1), json('{}'), json_scalar(1), json_serialize(a returning text), json_exists(a, '$.b' passing 1 as x), json_value(a, '$.b' returning int default 0 on empty), json_query(a, '$.b' with wrapper);
select json_objectagg(a: b) filter (where c), json_arrayagg(a order by b) over (partition by c), json_object('{a,1}');
select s.f(a, b := 1, c => (2)), pg_catalog.now(), "F"(), f(distinct a), f(all a), db.s.g();

-- Data modification
insert into t values (1, (2)), (default, 3);
insert into only_letters as o (a, b.c, d[1]) overriding system value select 1, 2, 3 from u on conflict do nothing;
insert into t default values returning a, (b) as c;
insert into t (a) (select 1) on conflict (a, lower((b)) collate "C" text_ops, (c + 1)) where d > 0 do update set a = excluded.a, (b, c) = (1, (2)), d = default where t.a > 1 returning old.a, new.*;
insert into t values (1) on conflict on constraint t_pkey do update set (a, b) = (select 1, 2);
with x as (select 1) insert into t select * from x;
update only t as u set a = 1, b.c[1] = (2), (d, e) = row (3, 4) from v join w on true where (u.id = v.id) returning with (old as o, new as n) o.a, n.b;
update t set a = 1 where current of c;
delete from t using u, v as w where (t.id) = u.id returning *;
merge into t as x using (select 1 as id) s on (x.id = s.id)
  when matched and (x.a) then update set a = s.a, (b, c) = (1, 2)
  when matched then do nothing
  when not matched by source then delete
  when not matched and s.id > 1 then insert (id, a.b) overriding user value values (s.id, default)
  returning merge_action(), x.*;
