//! Storage parameters of tables and indexes, options of views: which there are (reloptions.c).

use super::{Effect, Replay};
use crate::catalog::analyze::parse_bool;
use crate::catalog::{Kind, RelationClass};
use crate::syntax::{AlterTable, Definition, Statement, StatementKind, TableActionKind};

/// A parameter, with the first major version that has it and the values that it takes.
type Parameter = (&'static str, u8, Takes);

/// What values a parameter takes.
#[derive(Clone, Copy)]
enum Takes {
    Bool,
    Integer(i64, i64),
    Real(f64, f64),
    /// Words, which are not checked.
    Any,
}

const INT_MAX: i64 = i32::MAX as i64;

const TABLE: &[Parameter] = &[
    ("autovacuum_analyze_scale_factor", 14, Takes::Real(0.0, 100.0)),
    ("autovacuum_analyze_threshold", 14, Takes::Integer(0, INT_MAX)),
    ("autovacuum_enabled", 14, Takes::Bool),
    ("autovacuum_freeze_max_age", 14, Takes::Integer(100_000, 2_000_000_000)),
    ("autovacuum_freeze_min_age", 14, Takes::Integer(0, 1_000_000_000)),
    ("autovacuum_freeze_table_age", 14, Takes::Integer(0, 2_000_000_000)),
    ("autovacuum_multixact_freeze_max_age", 14, Takes::Integer(10_000, 2_000_000_000)),
    ("autovacuum_multixact_freeze_min_age", 14, Takes::Integer(0, 1_000_000_000)),
    ("autovacuum_multixact_freeze_table_age", 14, Takes::Integer(0, 2_000_000_000)),
    ("autovacuum_vacuum_cost_delay", 14, Takes::Real(-1.0, 100.0)),
    ("autovacuum_vacuum_cost_limit", 14, Takes::Integer(1, 10_000)),
    ("autovacuum_vacuum_insert_scale_factor", 14, Takes::Real(0.0, 100.0)),
    ("autovacuum_vacuum_insert_threshold", 14, Takes::Integer(-1, INT_MAX)),
    ("autovacuum_vacuum_max_threshold", 18, Takes::Integer(-1, INT_MAX)),
    ("autovacuum_vacuum_scale_factor", 14, Takes::Real(0.0, 100.0)),
    ("autovacuum_vacuum_threshold", 14, Takes::Integer(0, INT_MAX)),
    ("fillfactor", 14, Takes::Integer(10, 100)),
    ("log_autovacuum_min_duration", 14, Takes::Integer(-1, INT_MAX)),
    ("oids", 14, Takes::Any),
    ("parallel_workers", 14, Takes::Integer(0, 1024)),
    ("toast_tuple_target", 14, Takes::Integer(128, 8160)),
    ("user_catalog_table", 14, Takes::Bool),
    ("vacuum_index_cleanup", 14, Takes::Any),
    ("vacuum_max_eager_freeze_failure_rate", 18, Takes::Real(0.0, 1.0)),
    ("vacuum_truncate", 14, Takes::Bool),
];
const COLUMN: &[Parameter] =
    &[("n_distinct", 14, Takes::Real(-1.0, f64::MAX)), ("n_distinct_inherited", 14, Takes::Real(-1.0, f64::MAX))];
const VIEW: &[Parameter] =
    &[("check_option", 14, Takes::Any), ("security_barrier", 14, Takes::Bool), ("security_invoker", 15, Takes::Bool)];
const BTREE: &[Parameter] = &[("deduplicate_items", 14, Takes::Bool), ("fillfactor", 14, Takes::Integer(10, 100))];
const HASH: &[Parameter] = &[("fillfactor", 14, Takes::Integer(10, 100))];
const GIST: &[Parameter] = &[("buffering", 14, Takes::Any), ("fillfactor", 14, Takes::Integer(10, 100))];
const GIN: &[Parameter] =
    &[("fastupdate", 14, Takes::Bool), ("gin_pending_list_limit", 14, Takes::Integer(64, INT_MAX))];
const BRIN: &[Parameter] = &[("autosummarize", 14, Takes::Bool), ("pages_per_range", 14, Takes::Integer(1, 131_072))];

impl Replay {
    /// Refuses parameters that there are not, and values that they do not take.
    pub(super) fn check_options(&self, statement: &Statement) -> Effect<()> {
        match &statement.kind {
            StatementKind::CreateTable(create) if create.partition_by.is_none() => {
                self.check_parameters(Some(TABLE), &create.options)
            }
            StatementKind::CreateTableAs(create) => self.check_parameters(Some(TABLE), &create.into.options),
            StatementKind::CreateView(create) => self.check_parameters(Some(VIEW), &create.options),
            StatementKind::CreateIndex(create) => {
                let method = create.access_method.map_or("btree", |method| method.name.as_str());
                self.check_parameters(of_method(method), &create.options)
            }
            StatementKind::AlterTable(alter) => self.check_set_options(alter),
            _ => Ok(()),
        }
    }

    fn check_set_options(&self, alter: &AlterTable) -> Effect<()> {
        for action in &alter.actions {
            let TableActionKind::SetOptions(options) = &action.kind else { continue };
            let Some(id) = self.find_relation(&alter.relation.name) else { return Ok(()) };
            let known = match self.now().get(id).map(|object| &object.kind) {
                Some(Kind::Relation(relation)) => match relation.class {
                    RelationClass::Table | RelationClass::MaterializedView => Some(TABLE),
                    RelationClass::View => Some(VIEW),
                    _ => None,
                },
                Some(Kind::Index(index)) => of_method(index.access_method.as_str()),
                _ => None,
            };
            self.check_parameters(known, options)?;
        }
        Ok(())
    }

    /// The parameters of a column.
    pub(super) fn check_column_options(&self, options: &[Definition]) -> Effect<()> {
        self.check_parameters(Some(COLUMN), options)
    }

    fn check_parameters(&self, known: Option<&[Parameter]>, options: &[Definition]) -> Effect<()> {
        let Some(known) = known else { return Ok(()) };
        for option in options.iter().filter(|option| option.namespace.is_none()) {
            let name = option.name.as_str();
            let is_known = |parameter: &&Parameter| parameter.0 == name && parameter.1 <= self.settings.version;
            let Some((_, _, takes)) = known.iter().find(is_known) else {
                return Err(self.refuse("22023", option.span, format!("unrecognized parameter \"{name}\"")));
            };
            let Some(value) = option.value.as_ref().and_then(|value| value.text()) else { continue };
            if let Err(wrong) = takes.check(&value) {
                let message = match wrong {
                    Wrong::Kind(kind) => format!("invalid value for {kind} option \"{name}\": {value}"),
                    Wrong::Range(_) => format!("value out of bounds for option \"{name}\""),
                };
                let refusal = self.refuse("22023", option.span, message);
                return Err(match wrong {
                    Wrong::Range(range) => refusal.help(range),
                    Wrong::Kind(_) => refusal,
                });
            }
        }
        Ok(())
    }
}

/// What is wrong with a value.
enum Wrong {
    Kind(&'static str),
    Range(String),
}

impl Takes {
    fn check(self, value: &str) -> Result<(), Wrong> {
        match self {
            Takes::Bool if parse_bool(value).is_none() => Err(Wrong::Kind("boolean")),
            Takes::Integer(least, most) => match value.trim().parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(()),
                Ok(_) => Err(Wrong::Range(format!("valid values are between {least} and {most}"))),
                // Units and other spellings of numbers.
                Err(_) if value.contains(|c: char| c.is_ascii_digit()) => Ok(()),
                Err(_) => Err(Wrong::Kind("integer")),
            },
            Takes::Real(least, most) => match value.trim().parse::<f64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(()),
                Ok(_) => Err(Wrong::Range(format!("valid values are between {least} and {most}"))),
                Err(_) if value.contains(|c: char| c.is_ascii_digit()) => Ok(()),
                Err(_) => Err(Wrong::Kind("floating point")),
            },
            Takes::Bool | Takes::Any => Ok(()),
        }
    }
}

/// The parameters of an index method; `None` of one that extensions bring.
fn of_method(method: &str) -> Option<&'static [Parameter]> {
    match method {
        "btree" => Some(BTREE),
        "hash" | "spgist" => Some(HASH),
        "gist" => Some(GIST),
        "gin" => Some(GIN),
        "brin" => Some(BRIN),
        _ => None,
    }
}
