//! Storage parameters of tables and indexes, options of views: which there are (reloptions.c).

use super::{Effect, Replay};
use crate::catalog::{Kind, RelationClass};
use crate::syntax::{AlterTable, Definition, Statement, StatementKind, TableActionKind};

/// A parameter, with the first major version that has it.
type Parameter = (&'static str, u8);

const TABLE: &[Parameter] = &[
    ("autovacuum_analyze_scale_factor", 14),
    ("autovacuum_analyze_threshold", 14),
    ("autovacuum_enabled", 14),
    ("autovacuum_freeze_max_age", 14),
    ("autovacuum_freeze_min_age", 14),
    ("autovacuum_freeze_table_age", 14),
    ("autovacuum_multixact_freeze_max_age", 14),
    ("autovacuum_multixact_freeze_min_age", 14),
    ("autovacuum_multixact_freeze_table_age", 14),
    ("autovacuum_vacuum_cost_delay", 14),
    ("autovacuum_vacuum_cost_limit", 14),
    ("autovacuum_vacuum_insert_scale_factor", 14),
    ("autovacuum_vacuum_insert_threshold", 14),
    ("autovacuum_vacuum_max_threshold", 18),
    ("autovacuum_vacuum_scale_factor", 14),
    ("autovacuum_vacuum_threshold", 14),
    ("fillfactor", 14),
    ("log_autovacuum_min_duration", 14),
    ("oids", 14),
    ("parallel_workers", 14),
    ("toast_tuple_target", 14),
    ("user_catalog_table", 14),
    ("vacuum_index_cleanup", 14),
    ("vacuum_max_eager_freeze_failure_rate", 18),
    ("vacuum_truncate", 14),
];
const VIEW: &[Parameter] = &[("check_option", 14), ("security_barrier", 14), ("security_invoker", 15)];
const BTREE: &[Parameter] = &[("deduplicate_items", 14), ("fillfactor", 14)];
const HASH: &[Parameter] = &[("fillfactor", 14)];
const GIST: &[Parameter] = &[("buffering", 14), ("fillfactor", 14)];
const GIN: &[Parameter] = &[("fastupdate", 14), ("gin_pending_list_limit", 14)];
const BRIN: &[Parameter] = &[("autosummarize", 14), ("pages_per_range", 14)];

impl Replay {
    /// Refuses parameters that there are not, and a fill factor that is none.
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

    fn check_parameters(&self, known: Option<&[Parameter]>, options: &[Definition]) -> Effect<()> {
        let Some(known) = known else { return Ok(()) };
        for option in options.iter().filter(|option| option.namespace.is_none()) {
            let name = option.name.as_str();
            let is_known = |parameter: &&Parameter| parameter.0 == name && parameter.1 <= self.settings.version;
            if !known.iter().any(|parameter| is_known(&parameter)) {
                return Err(self.refuse("22023", option.span, format!("unrecognized parameter \"{name}\"")));
            }
            let number = option.value.as_ref().and_then(|value| value.text()).and_then(|text| text.parse::<i64>().ok());
            if name == "fillfactor" && number.is_some_and(|number| !(10..=100).contains(&number)) {
                let message = "value out of bounds for option \"fillfactor\"";
                return Err(self.refuse("22023", option.span, message).help("valid values are between 10 and 100"));
            }
        }
        Ok(())
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
