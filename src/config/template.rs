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
# pg_graphql = true
# baseline = "schema.sql"                # a pg_dump --schema-only of what was there before the first migration
# exclude = ["**/generated"]

# Levels: off, info, warning, error; by rule, by category or for all. `pglint rules` lists them.
[rules]
# style = "warning"
# unindexed_foreign_keys = "error"

# [[overrides]]
# paths = ["supabase/migrations/2023*"]
# rules = { safety = "off" }
"#;
