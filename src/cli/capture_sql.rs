//! `pglint capture-sql`: the SQL that makes all captures in one go.

use std::io;

use super::{Status, output};

/// Read-only; psql runs it.
const SCRIPT: &str = r#"-- Captures for pglint: statistics, settings, sizes. Nothing is changed: each statement reads a view.
--
--   psql "$DATABASE_URL" -X -f capture.sql && pglint captures --fail-on never
--
-- Who may run it: any role that may connect sees its own tables' counters. To see all of them, and other roles'
-- statements:
--
--   grant pg_read_all_stats to pglint;   -- query texts of others in pg_stat_statements, sizes
--   grant pg_read_all_settings to pglint;   -- settings that only superusers see
--   pg_stats shows the columns that the role may read: grant pg_read_all_data, or leave that part out.
--
-- pg_stats holds samples of the data (most_common_vals, histogram_bounds). Where data must not leave the server,
-- set samples to false: \set samples false
--
-- pg_stat_statements must be loaded (shared_preload_libraries) and made (create extension); else it is left out.

\set ON_ERROR_STOP on
\if :{?samples} \else \set samples true \endif
\! mkdir -p captures
set statement_timeout = '60s';
set lock_timeout = '1s';
begin transaction isolation level repeatable read read only;
\pset format unaligned
\pset tuples_only on
\pset pager off

\o captures/pg_stat_user_tables.json
select coalesce(json_agg(t), '[]') from pg_stat_user_tables t;
\o captures/pg_stat_user_indexes.json
select coalesce(json_agg(t), '[]') from pg_stat_user_indexes t;
\o captures/pg_statio_user_tables.json
select coalesce(json_agg(t), '[]') from pg_statio_user_tables t;
\o captures/pg_statio_user_indexes.json
select coalesce(json_agg(t), '[]') from pg_statio_user_indexes t;

\o captures/pg_class.json
select coalesce(json_agg(t), '[]') from (
  select n.nspname as schemaname, c.relname, c.relkind, c.relpages, c.reltuples,
         pg_relation_size(c.oid) as bytes, c.reloptions
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm', 'i', 'I') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
) t;
\o captures/pg_index.json
select coalesce(json_agg(t), '[]') from (
  select n.nspname as schemaname, r.relname, c.relname as indexrelname, i.indisvalid, i.indisready, i.indisunique,
         pg_get_indexdef(i.indexrelid) as indexdef
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class r on r.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
) t;

\o captures/pg_stats.json
\if :samples
select coalesce(json_agg(t), '[]') from (
  select schemaname, tablename, attname, null_frac, avg_width, n_distinct, correlation,
         most_common_vals::text, most_common_freqs::text, histogram_bounds::text,
         most_common_elems::text, most_common_elem_freqs::text
  from pg_stats where schemaname !~ '^pg_' and schemaname <> 'information_schema'
) t;
\else
select coalesce(json_agg(t), '[]') from (
  select schemaname, tablename, attname, null_frac, avg_width, n_distinct, correlation
  from pg_stats where schemaname !~ '^pg_' and schemaname <> 'information_schema'
) t;
\endif

\o captures/pg_settings.json
select json_agg(t) from (
  select name, setting, unit, boot_val, source from pg_settings where source <> 'default'
    or name ~ '^(shared_buffers|work_mem|maintenance_work_mem|effective_cache_size|random_page_cost|max_connections)$'
    or name ~ '^(autovacuum|track_|jit)'
) t;
\o captures/pg_stat_database.json
select json_agg(t) from pg_stat_database t where datname = current_database();

\o
select to_regclass('pg_stat_statements') is not null as has_statements \gset
\if :has_statements
\o captures/pg_stat_statements.json
select coalesce(json_agg(t), '[]') from (
  select s.* from pg_stat_statements s join pg_database d on d.oid = s.dbid
  where d.datname = current_database()
) t;
\o
\endif
commit;

-- Plans: for each statement that matters, into captures/NAME.json with the query in captures/NAME.sql. ANALYZE runs
-- the statement, so wrap what writes in BEGIN and ROLLBACK:
--
--   explain (analyze, buffers, verbose, settings, format json) select …;
"#;

/// Prints it.
pub fn run() -> io::Result<Status> {
    output::print(SCRIPT.as_bytes())?;
    Ok(Status::Clean)
}
