//! What `pglint init` writes.

/// A `pglint.toml` in which every setting is explained and none is made.
pub const TEMPLATE: &str = r#"# pglint.toml: https://github.com/pglint/pglint#configuration
# Every setting is optional; what is commented out is found from the files.

[project]
# migrations = ["supabase/migrations"]   # for plans that are given alone
# runner = "supabase"                    # supabase, psql, prisma, diesel, sqlx, golang-migrate, goose, dbmate,
                                         # sql-migrate, flyway, drizzle
# platform = "supabase"                  # supabase or postgres: what an empty database holds
# postgres = 17                          # major version of the server, 14 to 18
# schemas = ["public", "graphql_public"] # exposed through the API
# default_privileges = "legacy"          # legacy or revoked: whether new objects of public are open to the API roles
# pg_graphql = true                     # whether the extension is installed
# roles = ["cli_login_postgres"]         # roles that the platform has beyond those of its empty project
# baseline = "schema.sql"                # a pg_dump --schema-only of what was there before the first migration
# pending = "origin/main"                # what has changed since that git revision is not applied yet; or
                                         # { after = "20260101000000" }: what is run after that version
# exclude = ["**/generated"]

# Levels: off, info, warning, error; by rule, by category or for all. `pglint rules` lists them.
[rules]
# style = "warning"
# unindexed_foreign_keys = "error"

# From which figures on something in a plan is worth a word; these are the defaults.
[plan]
# min_share = 0.1            # part of the plan's time that a node takes itself
# min_time = 1               # ms that it takes
# rows_read = 10000          # rows that a sequential scan reads in vain
# removed_share = 0.9        # part of the rows read that a filter throws away
# index_rows_removed = 1000  # rows that a filter behind an index throws away
# join_rows_removed = 10000  # rows that a join filter throws away
# sort_rows = 10000          # rows that a sort gets
# misestimate = 10           # how many times the planner is off
# misestimate_rows = 1000    # rows, planned or real, from which on that matters
# nested_loops = 1000        # how often the inner side of a nested loop runs
# repeated_share = 0.3       # part of the time that repeated work takes
# repeated_time = 5          # ms of the whole plan from which on that matters
# offset_rows = 1000         # rows that OFFSET skips
# heap_fetches = 1000        # rows that an index-only scan looks up in the table
# heap_fetch_share = 0.1     # part of its rows that those are
# blocks = 1000              # blocks touched from which on the cache matters
# cache_hit_ratio = 0.95     # part of the blocks that should come from shared_buffers
# trigger_share = 0.3        # part of the time that triggers take
# jit_share = 0.25           # part of the time that just-in-time compilation takes
# planning_time = 1          # ms that planning takes
# count_rows = 100000        # rows that count(*) reads
# memory_limit = 1048576     # kB that one statement may take where more work_mem is advised

# ms that a statement should take, and may take at most
[plan.targets]
# key_lookup = [5, 10]
# indexed_filter = [10, 50]
# indexed_join = [50, 100]
# small_aggregate = [100, 500]
# report = [1000, 5000]
# background_job = [30000, 300000]

# From which figures on something in the statistics is worth a word; these are the defaults.
[stats]
# slow_mean = 50             # ms on average from which on a statement is mentioned
# slow_mean_warning = 100    # ms from which on that is a warning
# slow_mean_error = 500      # ms from which on that is an error
# slow_calls = 2             # calls that an average takes
# top_statements = 20        # how many statements are listed, by mean and by total time
# hot_share = 0.1            # part of all time that a statement takes
# rows_per_scan = 10000      # rows that a sequential scan reads on average
# table_rows = 10000         # rows that a table has
# index_usage = 0.95         # part of a table's scans that should be by an index
# dead_share = 0.2           # part of a table's rows that may be dead
# changed_rows = 1000        # rows that are dead, or changed since ANALYZE
# bloat = 2                  # how many times larger than its rows a table may be
# cache_hit_ratio = 0.95     # part of the blocks that should come from shared_buffers
# blocks = 10000             # blocks asked for, from which on that says something

# How large tables are, in rows or as "40 GB": what touches all of a small one is worth no warning. An export of pg_class
# or pg_stat_user_tables among the captures (`pglint capture-sql`) tells it as well.
# [tables]
# orders = "40 GB"
# currencies = 180

# [[overrides]]
# paths = ["supabase/migrations/2023*"]
# rules = { safety = "off" }
"#;
