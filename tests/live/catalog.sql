-- What is in a database: a row an object, as `pglint schema --format json` has it. Runs with an empty search_path.
select 'schemas' as kind, q.name::text, q.value::text from (
  select quote_ident(n.nspname), jsonb_build_object('owner', pg_get_userbyid(n.nspowner), 'grants', (select coalesce(jsonb_object_agg(g.who, g.privs), '{}') from (
  select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as who,
         jsonb_agg(distinct a.privilege_type order by a.privilege_type) as privs
  from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a where a.grantee <> n.nspowner group by 1) g))
  from pg_namespace n where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and n.nspname !~ '^pg_'
) q (name, value)
union all
select 'extensions' as kind, q.name::text, q.value::text from (
  select e.extname, jsonb_build_object('schema', e.extnamespace::regnamespace::text) from pg_extension e
) q (name, value)
union all
select 'relations' as kind, q.name::text, q.value::text from (
  select c.oid::regclass::text, jsonb_strip_nulls(jsonb_build_object(
      'kind', case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
                             when 'm' then 'materialized view' when 'f' then 'foreign table' end,
      'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
      'unlogged', nullif(c.relpersistence = 'u', false),
      'rls', c.relrowsecurity, 'force_rls', nullif(c.relforcerowsecurity, false),
      'partition_of', case when c.relispartition then (select i.inhparent::regclass::text from pg_inherits i where i.inhrelid = c.oid) end,
      'partition_bound', pg_get_expr(c.relpartbound, c.oid),
      'partition_key', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
      'inherits', case when not c.relispartition then (select jsonb_agg(i.inhparent::regclass::text order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid) end,
      'options', to_jsonb(c.reloptions),
      'replica_identity', nullif(c.relreplident, 'd'),
      'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
      'reads', case when c.relkind in ('v', 'm') then (select jsonb_agg(distinct d.refobjid::regclass::text) from pg_rewrite r
                  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
                  where r.ev_class = c.oid and d.refobjid <> c.oid) end,
      'grants', (select coalesce(jsonb_object_agg(g.who, g.privs), '{}') from (
  select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as who,
         jsonb_agg(distinct a.privilege_type order by a.privilege_type) as privs
  from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where a.grantee <> c.relowner group by 1) g),
      'columns', (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
          'name', a.attname, 'attnum', a.attnum, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
          'default', case when a.attgenerated = '' then pg_get_expr(ad.adbin, ad.adrelid) end,
          'generated', case when a.attgenerated <> '' then pg_get_expr(ad.adbin, ad.adrelid) end,
          'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
          'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
          'grants', case when a.attacl is not null then (select coalesce(jsonb_object_agg(g.who, g.privs), '{}') from (
  select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as who,
         jsonb_agg(distinct a.privilege_type order by a.privilege_type) as privs
  from aclexplode(coalesce(a.attacl, acldefault('c', c.relowner))) a where a.grantee <> c.relowner group by 1) g) end)) order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
) q (name, value)
union all
select 'constraints' as kind, q.name::text, q.value::text from (
  select coalesce(c.conrelid::regclass::text || '.', 'domain ' || nullif(c.contypid, 0)::regtype::text || '.') || quote_ident(c.conname),
    jsonb_strip_nulls(jsonb_build_object(
      'type', case c.contype when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'c' then 'check'
                             when 'x' then 'exclude' when 't' then 'trigger' when 'n' then 'not null' end,
      'definition', pg_get_constraintdef(c.oid), 'validated', c.convalidated,
      'columns', (select jsonb_agg(a.attname order by k.i) from unnest(c.conkey) with ordinality k(num, i) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num),
      'references', case when c.contype = 'f' then c.confrelid::regclass::text end,
      'referenced_columns', case when c.contype = 'f' then (select jsonb_agg(a.attname order by k.i) from unnest(c.confkey) with ordinality k(num, i) join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num) end,
      'index', case when c.conindid <> 0 then c.conindid::regclass::text end,
      'inherited', nullif(c.coninhcount > 0, false)))
  from pg_constraint c join pg_namespace n on n.oid = c.connamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.objid in (c.conrelid, c.contypid) and e.deptype = 'e' and e.objid <> 0)
) q (name, value)
union all
select 'indexes' as kind, q.name::text, q.value::text from (
  select i.indexrelid::regclass::text, jsonb_strip_nulls(jsonb_build_object(
      'table', i.indrelid::regclass::text, 'definition', pg_get_indexdef(i.indexrelid), 'method', am.amname,
      'unique', i.indisunique, 'primary', i.indisprimary, 'valid', i.indisvalid, 'key_columns', i.indnkeyatts,
      'columns', (select jsonb_agg(pg_get_indexdef(i.indexrelid, k, true) order by k) from generate_series(1, i.indnatts) k),
      'predicate', pg_get_expr(i.indpred, i.indrelid),
      'constraint', (select c.conname from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))))
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am am on am.oid = c.relam join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.objid = i.indrelid and e.deptype = 'e')
) q (name, value)
union all
select 'policies' as kind, q.name::text, q.value::text from (
  select c.oid::regclass::text || '.' || quote_ident(p.polname), jsonb_strip_nulls(jsonb_build_object(
      'command', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
      'permissive', p.polpermissive,
      'roles', (select jsonb_agg(case when r = 0 then 'public' else pg_get_userbyid(r)::text end order by pg_get_userbyid(r)::text) from unnest(p.polroles) r),
      'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
) q (name, value)
union all
select 'functions' as kind, q.name::text, q.value::text from (
  select p.oid::regprocedure::text, jsonb_strip_nulls(jsonb_build_object(
      'schema', n.nspname, 'name', p.proname, 'identity_arguments', pg_get_function_identity_arguments(p.oid),
      'kind', case p.prokind when 'f' then 'function' when 'p' then 'procedure' when 'a' then 'aggregate' else 'window' end,
      'arguments', pg_get_function_arguments(p.oid), 'result', pg_get_function_result(p.oid), 'language', l.lanname,
      'security_definer', p.prosecdef, 'volatility', case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
      'strict', p.proisstrict, 'config', to_jsonb(p.proconfig), 'source_md5', md5(p.prosrc), 'owner', pg_get_userbyid(p.proowner),
      'grants', (select coalesce(jsonb_object_agg(g.who, g.privs), '{}') from (
  select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as who,
         jsonb_agg(distinct a.privilege_type order by a.privilege_type) as privs
  from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee <> p.proowner group by 1) g)))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
) q (name, value)
union all
select 'triggers' as kind, q.name::text, q.value::text from (
  select t.tgrelid::regclass::text || '.' || quote_ident(t.tgname), jsonb_build_object(
      'definition', pg_get_triggerdef(t.oid), 'function', t.tgfoid::regprocedure::text, 'enabled', t.tgenabled)
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where not t.tgisinternal and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
) q (name, value)
union all
select 'types' as kind, q.name::text, q.value::text from (
  select t.oid::regtype::text, jsonb_strip_nulls(jsonb_build_object(
      'kind', case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite' when 'r' then 'range' when 'm' then 'multirange' else 'base' end,
      'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
      'base', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
      'not_null', nullif(t.typnotnull, false), 'default', t.typdefault,
      'attributes', case when t.typtype = 'c' then (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
                          from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) end))
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_type'::regclass and e.objid = t.oid and e.deptype = 'e') and t.typtype in ('e', 'd', 'c', 'r', 'b') and t.typelem = 0
    and (t.typrelid = 0 or (select c.relkind from pg_class c where c.oid = t.typrelid) = 'c')
) q (name, value)
union all
select 'sequences' as kind, q.name::text, q.value::text from (
  select c.oid::regclass::text, jsonb_strip_nulls(jsonb_build_object('type', s.seqtypid::regtype::text,
      'owned_by', (select d.refobjid::regclass::text || '.' || a.attname from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                   where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') limit 1)))
  from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
) q (name, value)
union all
select 'rules' as kind, q.name::text, q.value::text from (
  select r.ev_class::regclass::text || '.' || quote_ident(r.rulename), jsonb_build_object('instead', r.is_instead, 'enabled', r.ev_enabled,
      'event', case r.ev_type when '1' then 'SELECT' when '2' then 'UPDATE' when '3' then 'INSERT' else 'DELETE' end)
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
  where r.rulename <> '_RETURN' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(temp|toast_temp)_' and not exists (select from pg_depend e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
) q (name, value)
union all
select 'default_privileges' as kind, q.name::text, q.value::text from (
  select pg_get_userbyid(d.defaclrole) || ' in ' || coalesce(d.defaclnamespace::regnamespace::text, '*') || ' on ' ||
         case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' else 'schemas' end,
         (select coalesce(jsonb_object_agg(g.who, g.privs), '{}') from (
            select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as who, jsonb_agg(a.privilege_type order by a.privilege_type) as privs
            from aclexplode(d.defaclacl) a group by 1) g)
  from pg_default_acl d where d.defaclnamespace = 0 or d.defaclnamespace::regnamespace::text !~ '^(pg_|information_schema)'
) q (name, value)
union all
select 'roles' as kind, q.name::text, q.value::text from (
  select r.rolname, jsonb_build_object('bypassrls', r.rolbypassrls, 'superuser', r.rolsuper, 'login', r.rolcanlogin, 'inherit', r.rolinherit,
      'member_of', (select coalesce(jsonb_agg(pg_get_userbyid(m.roleid) order by pg_get_userbyid(m.roleid)::text), '[]') from (select distinct roleid from pg_auth_members where member = r.oid) m))
  from pg_roles r where r.rolname !~ '^pg_'
) q (name, value)
union all
select 'publications' as kind, q.name::text, q.value::text from (
  select p.pubname, jsonb_build_object('all_tables', p.puballtables,
      'tables', (select coalesce(jsonb_agg(r.prrelid::regclass::text order by r.prrelid::regclass::text), '[]') from pg_publication_rel r where r.prpubid = p.oid))
  from pg_publication p
) q (name, value)
union all
select 'event_triggers' as kind, q.name::text, q.value::text from (
  select e.evtname, jsonb_build_object('event', e.evtevent, 'function', e.evtfoid::regprocedure::text, 'enabled', e.evtenabled) from pg_event_trigger e
) q (name, value)
