//! The views of information_schema that list privileges: a row for each of each grantee.

use super::{Row, System, Table, part, yes};
use crate::catalog::eval::value::Value;
use crate::catalog::{
    AclItem, Column, Grantee, Object, ObjectId, Privileges, Relation, RelationClass, RoutineKind, Tag,
};

macro_rules! view {
    ($name:literal, $rows:expr, $cell:expr, $anchor:literal) => {
        Table { schema: "information_schema", name: $name, rows: $rows, cell: $cell, open: false, anchors: &[$anchor] }
    };
}

pub(super) static TABLES: &[Table] = &[
    view!("table_privileges", |s| of_tables(s, true), of_table, "table_name"),
    view!("role_table_grants", |s| of_tables(s, false), of_table, "table_name"),
    view!("column_privileges", |s| of_columns(s, true), of_column, "table_name"),
    view!("role_column_grants", |s| of_columns(s, false), of_column, "table_name"),
    view!("routine_privileges", |s| of_routines(s, true), of_routine, "routine_name"),
    view!("role_routine_grants", |s| of_routines(s, false), of_routine, "routine_name"),
];

const OF_TABLES: [&str; 7] = ["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
const OF_COLUMNS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];

/// A privilege that somebody has.
#[derive(Clone)]
struct Grant {
    item: AclItem,
    word: &'static str,
}

impl System<'_> {
    /// The entries of a list, one by one.
    fn grants(&self, acl: &[AclItem], words: &[&str]) -> Vec<Grant> {
        let grants = acl.iter().flat_map(|item| item.privileges.words().map(|word| Grant { item: *item, word }));
        grants.filter(|grant| words.contains(&grant.word) && self.is_shown(&grant.item)).collect()
    }

    /// Shown are grants to everyone, and those that the current role gave or got.
    fn is_shown(&self, item: &AclItem) -> bool {
        item.grantee == Grantee::Public || self.takes_part(item)
    }

    /// Whether the current role gave or got a grant.
    fn takes_part(&self, item: &AclItem) -> bool {
        let Some(role) = self.role else { return true };
        let of = |other| self.catalog.has_privileges_of_role(role, other);
        of(item.grantor) || matches!(item.grantee, Grantee::Role(grantee) if of(grantee))
    }

    fn grant_cell(&self, grant: &Grant, column: &str) -> Value {
        match (column, grant.item.grantee) {
            ("grantee", Grantee::Public) => Value::text("PUBLIC"),
            ("grantee", Grantee::Role(role)) => self.name(Some(role)),
            ("grantor", _) => self.name(Some(grant.item.grantor)),
            ("privilege_type", _) => Value::text(grant.word),
            ("is_grantable", grantee) => {
                let owner = matches!(grantee, Grantee::Role(role) if role == grant.item.grantor);
                let passed_on = Privileges::from_word(&grant.word.to_lowercase())
                    .is_some_and(|privilege| grant.item.grant_options.contains(privilege));
                yes(owner || passed_on)
            }
            _ => Value::Unknown,
        }
    }
}

/// The rows of these grants: all that are shown, or those that the current role takes part in.
fn listed(system: &System<'_>, grants: impl Iterator<Item = (Row, Grant)>, all: bool) -> Vec<Row> {
    grants.filter(|(_, grant)| all || system.takes_part(&grant.item)).map(|(row, _)| row).collect()
}

/// Grants of an object as rows that count from `first`.
fn counted(id: ObjectId, first: usize, grants: Vec<Grant>) -> impl Iterator<Item = (Row, Grant)> {
    grants.into_iter().enumerate().map(move |(at, grant)| (part(id, first + at), grant))
}

// --- tables and their columns ---------------------------------------------------------------------

fn relations<'a>(system: &System<'a>) -> impl Iterator<Item = (ObjectId, &'a Object, &'a Relation)> {
    let none = |class| matches!(class, RelationClass::MaterializedView | RelationClass::CompositeType);
    system.of_kind(Tag::Relation).filter_map(move |(id, object)| {
        let relation = object.as_relation().filter(|relation| !none(relation.class))?;
        Some((id, &**object, relation))
    })
}

fn of_tables(system: &System<'_>, all: bool) -> Vec<Row> {
    let grants = |object: &Object| system.grants(&object.effective_acl(), &OF_TABLES);
    listed(system, relations(system).flat_map(|(id, object, _)| counted(id, 0, grants(object))), all)
}

fn of_table(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let grants = system.grants(&object.effective_acl(), &OF_TABLES);
    let Some(grant) = grants.get(row.part as usize) else { return Value::Unknown };
    match column {
        "with_hierarchy" => yes(grant.word == "SELECT"),
        _ => table_cell(system, object, column).unwrap_or_else(|| system.grant_cell(grant, column)),
    }
}

fn table_cell(system: &System<'_>, object: &Object, column: &str) -> Option<Value> {
    Some(match column {
        "table_catalog" => Value::text("postgres"),
        "table_schema" => system.schema(object),
        "table_name" => Value::name(object.name),
        _ => return None,
    })
}

/// A row of the views of columns counts by this for each column, and by one for each of its grants.
const GRANTS: usize = 1 << 12;

fn of_columns(system: &System<'_>, all: bool) -> Vec<Row> {
    let grants = relations(system).flat_map(|(id, object, relation)| {
        let on_table = system.grants(&object.effective_acl(), &OF_COLUMNS);
        let columns = relation.columns.iter().enumerate();
        columns.flat_map(move |(at, column)| counted(id, at * GRANTS, on_column(system, &on_table, column)))
    });
    listed(system, grants, all)
}

/// What is granted on a column, be it by a grant on the whole table.
fn on_column(system: &System<'_>, on_table: &[Grant], column: &Column) -> Vec<Grant> {
    let mut grants = on_table.to_vec();
    for grant in column.acl.as_deref().map(|acl| system.grants(acl, &OF_COLUMNS)).unwrap_or_default() {
        let same = |other: &Grant| other.item.grantee == grant.item.grantee && other.word == grant.word;
        if !grants.iter().any(same) {
            grants.push(grant);
        }
    }
    grants.truncate(GRANTS);
    grants
}

fn of_column(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(own) = object.as_relation().and_then(|it| it.columns.get(row.part as usize / GRANTS)) else {
        return Value::Unknown;
    };
    if column == "column_name" {
        return Value::name(own.name);
    }
    if let Some(value) = table_cell(system, object, column) {
        return value;
    }
    let grants = on_column(system, &system.grants(&object.effective_acl(), &OF_COLUMNS), own);
    grants.get(row.part as usize % GRANTS).map_or(Value::Unknown, |grant| system.grant_cell(grant, column))
}

// --- routines -------------------------------------------------------------------------------------

/// The functions of the empty server are left out: nobody asks who may execute them.
fn of_routines(system: &System<'_>, all: bool) -> Vec<Row> {
    let is_listed = |object: &Object| {
        object.as_routine().is_some_and(|it| matches!(it.kind, RoutineKind::Function | RoutineKind::Procedure))
    };
    let routines = system.of_kind(Tag::Routine).filter(|(_, object)| is_listed(object));
    let grants = |object: &Object| system.grants(&object.effective_acl(), &["EXECUTE"]);
    listed(system, routines.flat_map(|(id, object)| counted(id, 0, grants(object))), all)
}

fn of_routine(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    match column {
        "specific_catalog" | "routine_catalog" => Value::text("postgres"),
        "specific_schema" | "routine_schema" => system.schema(object),
        "routine_name" => Value::name(object.name),
        _ => {
            let grants = system.grants(&object.effective_acl(), &["EXECUTE"]);
            grants.get(row.part as usize).map_or(Value::Unknown, |grant| system.grant_cell(grant, column))
        }
    }
}
