//! Views of information_schema.

use super::pg::{attributes, column_of, conkey, constraint_of, system_functions, type_text};
use super::views::is_of_table;
use super::{NOBODY, Row, System, Table, part, printed, whole, yes};
use crate::catalog::analyze::SystemIndex;
use crate::catalog::eval::value::Value;
use crate::catalog::{Constraint, ConstraintKind, Kind, Object, ObjectId, RelationClass, RoutineKind, Tag, TypeClass};
use crate::syntax::{Persistence, TriggerTiming};

macro_rules! view {
    ($name:literal, $rows:expr, $cell:expr, $anchors:expr) => {
        Table { schema: "information_schema", name: $name, rows: $rows, cell: $cell, open: false, anchors: &$anchors }
    };
}

pub(super) static TABLES: &[Table] = &[
    view!("schemata", schemata, schema, ["schema_name"]),
    view!("tables", tables, table, ["table_name"]),
    view!("views", views, view, ["table_name"]),
    view!("columns", columns, column, ["table_name"]),
    view!("table_constraints", table_constraints, table_constraint, ["constraint_name", "table_name"]),
    view!("key_column_usage", key_columns, key_column, ["constraint_name", "table_name"]),
    view!("constraint_column_usage", used_columns, used_column, ["constraint_name"]),
    view!("referential_constraints", foreign_keys, foreign_key, ["constraint_name"]),
    view!("check_constraints", checks, check, ["constraint_name"]),
    view!("routines", routines, routine, ["routine_name"]),
    view!("triggers", triggers, trigger, ["trigger_name", "event_object_table"]),
    view!("sequences", sequences, sequence, ["sequence_name"]),
    view!("domains", domains, domain, ["domain_name"]),
    view!("foreign_data_wrappers", |s| s.all(Tag::ForeignDataWrapper), foreign_data_wrapper, []),
    view!("foreign_servers", |s| s.all(Tag::ForeignServer), foreign_server, []),
    view!("foreign_tables", foreign_tables, foreign_table, ["foreign_table_name"]),
];

/// Any catalog's name is that of the database.
fn database() -> Value {
    Value::text("postgres")
}

fn schemata(system: &System<'_>) -> Vec<Row> {
    system.all(Tag::Schema).into_iter().filter(|row| system.owns(row.id) || system.shows(row.id)).collect()
}

fn schema(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    match column {
        "catalog_name" => database(),
        "schema_name" => Value::name(object.name),
        "schema_owner" => system.name(object.owner),
        _ => Value::Unknown,
    }
}

fn is_listed(class: RelationClass) -> bool {
    !matches!(class, RelationClass::MaterializedView | RelationClass::CompositeType)
}

fn tables(system: &System<'_>) -> Vec<Row> {
    let rows = system.of_kind(Tag::Relation);
    let listed = |object: &Object| object.as_relation().is_some_and(|relation| is_listed(relation.class));
    rows.filter(|(id, object)| listed(object) && system.shows(*id)).map(|(id, _)| whole(id)).collect()
}

fn views(system: &System<'_>) -> Vec<Row> {
    let is_view = |row: &Row| {
        let relation = system.get(*row).and_then(|object| object.as_relation());
        relation.is_some_and(|relation| relation.class == RelationClass::View)
    };
    tables(system).into_iter().filter(is_view).collect()
}

fn view(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "view_definition" if system.owns(row.id) => printed(system.deparser().view(row.id)),
        "view_definition" => Value::Null,
        _ => table(system, row, column),
    }
}

fn foreign_data_wrapper(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "foreign_data_wrapper_catalog" => database(),
        "foreign_data_wrapper_name" => system.name(Some(row.id)),
        _ => Value::Unknown,
    }
}

fn foreign_server(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "foreign_server_catalog" => database(),
        "foreign_server_name" => system.name(Some(row.id)),
        _ => Value::Unknown,
    }
}

fn foreign_tables(system: &System<'_>) -> Vec<Row> {
    let is_foreign = |row: &Row| {
        let relation = system.get(*row).and_then(|object| object.as_relation());
        relation.is_some_and(|relation| relation.server.is_some())
    };
    tables(system).into_iter().filter(is_foreign).collect()
}

fn foreign_table(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let server = object.as_relation().and_then(|relation| relation.server);
    match column {
        "foreign_table_catalog" | "foreign_server_catalog" => database(),
        "foreign_table_schema" => system.schema(object),
        "foreign_table_name" => Value::name(object.name),
        "foreign_server_name" => system.name(server),
        _ => Value::Unknown,
    }
}

fn table(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(relation) = object.as_relation() else { return Value::Unknown };
    match column {
        "table_catalog" => database(),
        "table_schema" => system.schema(object),
        "table_name" => Value::name(object.name),
        "table_type" => Value::text(match relation.class {
            RelationClass::View => "VIEW",
            RelationClass::ForeignTable => "FOREIGN",
            _ if relation.persistence == Persistence::Temporary => "LOCAL TEMPORARY",
            _ => "BASE TABLE",
        }),
        _ => Value::Unknown,
    }
}

fn columns(system: &System<'_>) -> Vec<Row> {
    let mut known: Option<(ObjectId, bool)> = None;
    let mut is_listed_column = |row: &Row| {
        let listed = match known {
            Some((id, listed)) if id == row.id => listed,
            _ => {
                let relation = system.get(*row).and_then(|object| object.as_relation());
                relation.is_some_and(|relation| is_listed(relation.class)) && system.shows(row.id)
            }
        };
        known = Some((row.id, listed));
        listed
    };
    attributes(system).into_iter().filter(|row| is_listed_column(row)).collect()
}

fn column(system: &System<'_>, row: Row, column: &str) -> Value {
    let (Some(it), Some(object)) = (column_of(system, row), system.get(row)) else { return Value::Unknown };
    match column {
        "table_catalog" | "udt_catalog" => database(),
        "table_schema" => system.schema(object),
        "table_name" => Value::name(object.name),
        "column_name" => Value::name(it.name),
        "ordinal_position" => Value::Integer(it.number.into()),
        "column_default" if it.default.is_none() => Value::Null,
        "column_default" => printed(system.deparser().column_default(row.id, it.number)),
        "is_nullable" => yes(!it.not_null),
        "is_identity" => yes(it.identity.is_some()),
        "is_generated" => Value::text(if it.generated.is_some() { "ALWAYS" } else { "NEVER" }),
        "data_type" => data_type(system, it.ty.as_ref()),
        "udt_name" => udt(system, it.ty.as_ref(), |_, object, array| {
            Value::text(format!("{}{}", if array { "_" } else { "" }, object.name))
        }),
        "udt_schema" => udt(system, it.ty.as_ref(), |system, object, _| system.schema(object)),
        "character_maximum_length" => length(system, it.ty.as_ref()),
        "numeric_precision" | "numeric_scale" => precision(system, it.ty.as_ref(), column),
        _ => Value::Unknown,
    }
}

fn base<'a>(
    system: &System<'a>,
    ty: Option<&'a crate::catalog::TypeRef>,
) -> Option<(&'a Object, &'a crate::catalog::TypeRef)> {
    let ty = ty?;
    let object = system.catalog.get(ty.id)?;
    match object.as_type().map(|ty| &ty.class) {
        Some(TypeClass::Domain { base, .. }) if !ty.array => Some((system.catalog.get(base.id)?, base)),
        _ => Some((object, ty)),
    }
}

fn udt(
    system: &System<'_>,
    ty: Option<&crate::catalog::TypeRef>,
    show: impl Fn(&System<'_>, &Object, bool) -> Value,
) -> Value {
    base(system, ty).map_or(Value::Unknown, |(object, ty)| show(system, object, ty.array))
}

/// data_type: ARRAY and USER-DEFINED for what is not the system's.
fn data_type(system: &System<'_>, ty: Option<&crate::catalog::TypeRef>) -> Value {
    let Some((object, ty)) = base(system, ty) else { return Value::Unknown };
    match () {
        () if ty.array => Value::text("ARRAY"),
        () if system.catalog.schema_name(object).as_str() == "pg_catalog" => type_text(system, Some(ty)),
        () => Value::text("USER-DEFINED"),
    }
}

fn length(system: &System<'_>, ty: Option<&crate::catalog::TypeRef>) -> Value {
    let Some((object, ty)) = base(system, ty) else { return Value::Unknown };
    match (object.name.as_str(), &ty.modifiers[..]) {
        ("varchar" | "bpchar" | "bit" | "varbit", [length]) if !ty.array => Value::Integer((*length).into()),
        _ => Value::Null,
    }
}

fn precision(system: &System<'_>, ty: Option<&crate::catalog::TypeRef>, column: &str) -> Value {
    let Some((object, ty)) = base(system, ty) else { return Value::Unknown };
    let at = usize::from(column == "numeric_scale");
    match object.name.as_str() {
        "numeric" if !ty.array => ty.modifiers.get(at).map_or(Value::Null, |value| Value::Integer((*value).into())),
        "int2" | "int4" | "int8" | "float4" | "float8" => Value::Unknown,
        _ => Value::Null,
    }
}

// --- constraints ----------------------------------------------------------------------------------

fn constraints_where(system: &System<'_>, wanted: impl Fn(&Constraint) -> bool) -> Vec<Row> {
    let all = system.all(Tag::Constraint).into_iter();
    all.filter(|row| is_of_table(system, *row))
        .filter(|row| constraint_of(system, *row).is_some_and(|it| wanted(it) && system.shows(it.of)))
        .collect()
}

fn table_constraints(system: &System<'_>) -> Vec<Row> {
    constraints_where(system, |it| !matches!(it.kind, ConstraintKind::Exclude { .. }))
}

/// Catalog, schema and name of the table and the constraint.
fn constraint_names(system: &System<'_>, row: Row, column: &str) -> Value {
    let (Some(object), Some(it)) = (system.get(row), constraint_of(system, row)) else { return Value::Unknown };
    let Some(table) = system.catalog.get(it.of) else { return Value::Unknown };
    match column {
        "constraint_catalog" | "table_catalog" => database(),
        "constraint_schema" | "table_schema" => system.schema(table),
        "table_name" => Value::name(table.name),
        "constraint_name" => Value::name(object.name),
        _ => Value::Unknown,
    }
}

fn table_constraint(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = constraint_of(system, row) else { return Value::Unknown };
    match column {
        "constraint_type" => Value::text(match it.kind {
            ConstraintKind::Primary { .. } => "PRIMARY KEY",
            ConstraintKind::Unique { .. } => "UNIQUE",
            ConstraintKind::ForeignKey(_) => "FOREIGN KEY",
            _ => "CHECK",
        }),
        "is_deferrable" => yes(it.deferrable),
        "initially_deferred" => yes(it.initially_deferred),
        _ => constraint_names(system, row, column),
    }
}

/// A row for each column of each key.
fn key_columns(system: &System<'_>) -> Vec<Row> {
    let is_key = |it: &Constraint| {
        matches!(
            it.kind,
            ConstraintKind::Primary { .. } | ConstraintKind::Unique { .. } | ConstraintKind::ForeignKey(_)
        )
    };
    let rows = constraints_where(system, is_key).into_iter();
    rows.flat_map(|row| {
        let count = constraint_of(system, row).map_or(0, |it| conkey(it).len());
        (0..count).map(move |at| part(row.id, at))
    })
    .collect()
}

fn key_column(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = constraint_of(system, row) else { return Value::Unknown };
    match column {
        "column_name" => {
            let number = conkey(it).get(row.part as usize).copied().unwrap_or(0);
            Value::name(system.catalog.column_name(it.of, number))
        }
        "ordinal_position" => Value::Integer(i64::from(row.part) + 1),
        _ => constraint_names(system, row, column),
    }
}

/// The columns that a constraint is about: of a foreign key those it references.
fn used(it: &Constraint) -> (ObjectId, &[i16]) {
    match &it.kind {
        ConstraintKind::ForeignKey(key) => (key.references, &key.referenced_columns),
        _ => (it.of, conkey(it)),
    }
}

fn used_columns(system: &System<'_>) -> Vec<Row> {
    let rows = constraints_where(system, |it| system.owns(used(it).0)).into_iter();
    rows.flat_map(|row| {
        let count = constraint_of(system, row).map_or(0, |it| used(it).1.len());
        (0..count).map(move |at| part(row.id, at))
    })
    .collect()
}

fn used_column(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = constraint_of(system, row) else { return Value::Unknown };
    let (of, columns) = used(it);
    let table = system.catalog.get(of);
    match column {
        "table_schema" => table.map_or(Value::Unknown, |table| system.schema(table)),
        "table_name" => table.map_or(Value::Unknown, |table| Value::name(table.name)),
        "column_name" => {
            let number = columns.get(row.part as usize).copied().unwrap_or(0);
            Value::name(system.catalog.column_name(of, number))
        }
        _ => constraint_names(system, row, column),
    }
}

fn foreign_keys(system: &System<'_>) -> Vec<Row> {
    constraints_where(system, |it| matches!(it.kind, ConstraintKind::ForeignKey(_)))
}

fn foreign_key(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(Constraint { kind: ConstraintKind::ForeignKey(key), .. }) = constraint_of(system, row) else {
        return Value::Unknown;
    };
    let rule = |action| {
        Value::text(match action {
            crate::syntax::ReferentialAction::NoAction => "NO ACTION",
            crate::syntax::ReferentialAction::Restrict => "RESTRICT",
            crate::syntax::ReferentialAction::Cascade => "CASCADE",
            crate::syntax::ReferentialAction::SetNull => "SET NULL",
            crate::syntax::ReferentialAction::SetDefault => "SET DEFAULT",
        })
    };
    match column {
        "update_rule" => rule(key.on_update),
        "delete_rule" => rule(key.on_delete),
        "match_option" => Value::text(if key.match_full { "FULL" } else { "NONE" }),
        "unique_constraint_name" => {
            let constraint = key.index.and_then(|index| system.catalog.get(index)?.as_index()?.constraint);
            constraint.map_or(Value::Unknown, |id| system.name(Some(id)))
        }
        _ => constraint_names(system, row, column),
    }
}

fn checks(system: &System<'_>) -> Vec<Row> {
    constraints_where(system, |it| matches!(it.kind, ConstraintKind::Check { .. }))
}

fn check(system: &System<'_>, row: Row, column: &str) -> Value {
    constraint_names(system, row, column)
}

// --- routines, triggers, others -------------------------------------------------------------------

fn routines(system: &System<'_>) -> Vec<Row> {
    let is_listed = |object: &Object| {
        object.as_routine().is_some_and(|it| matches!(it.kind, RoutineKind::Function | RoutineKind::Procedure))
    };
    let rows = system.of_kind(Tag::Routine);
    let own = rows.filter(|(id, object)| is_listed(object) && system.shows(*id)).map(|(id, _)| whole(id));
    let index = SystemIndex::of(system.version);
    let is_function = |row: &Row| index.function(row.part).is_some_and(|it| it.fact.kind == RoutineKind::Function);
    own.chain(system_functions(system).into_iter().filter(is_function)).collect()
}

fn system_routine(system: &System<'_>, row: Row, column: &str) -> Value {
    match (column, SystemIndex::of(system.version).function_name(row.part)) {
        ("specific_catalog" | "routine_catalog", _) => database(),
        ("specific_schema" | "routine_schema", Some((schema, _))) => Value::text(schema),
        ("routine_name", Some((_, name))) => Value::text(name),
        ("routine_type", _) => Value::text("FUNCTION"),
        ("security_type", _) => Value::text("INVOKER"),
        _ => Value::Unknown,
    }
}

fn routine(system: &System<'_>, row: Row, column: &str) -> Value {
    if row.id == NOBODY {
        return system_routine(system, row, column);
    }
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(it) = object.as_routine() else { return Value::Unknown };
    match column {
        "specific_catalog" | "routine_catalog" => database(),
        "specific_schema" | "routine_schema" => system.schema(object),
        "routine_name" => Value::name(object.name),
        "routine_type" => Value::text(if it.kind == RoutineKind::Procedure { "PROCEDURE" } else { "FUNCTION" }),
        "data_type" if it.kind == RoutineKind::Procedure => Value::Null,
        "data_type" => data_type(system, it.returns.as_ref()),
        "routine_definition" if system.owns(row.id) => Value::Text(it.source.clone()),
        "security_type" => Value::text(if it.security_definer { "DEFINER" } else { "INVOKER" }),
        "external_language" => Value::text(it.language.to_uppercase()),
        _ => Value::Unknown,
    }
}

/// A row for each event of each trigger; TRUNCATE is not listed.
fn triggers(system: &System<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for row in system.all(Tag::Trigger) {
        let Some(it) = system.get(row).and_then(|object| object.as_trigger()) else { continue };
        if !system.shows(it.table) {
            continue;
        }
        let events = [it.events.insert, it.events.delete, it.events.update];
        rows.extend(events.iter().enumerate().filter(|(_, fires)| **fires).map(|(at, _)| part(row.id, at)));
    }
    rows
}

fn trigger(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(it) = object.as_trigger() else { return Value::Unknown };
    let Some(table) = system.catalog.get(it.table) else { return Value::Unknown };
    match column {
        "trigger_catalog" | "event_object_catalog" => database(),
        "trigger_schema" | "event_object_schema" => system.schema(table),
        "trigger_name" => Value::name(object.name),
        "event_object_table" => Value::name(table.name),
        "event_manipulation" => Value::text(["INSERT", "DELETE", "UPDATE"][(row.part as usize).min(2)]),
        "action_orientation" => Value::text(if it.for_each_row { "ROW" } else { "STATEMENT" }),
        "action_timing" => Value::text(match it.timing {
            TriggerTiming::Before => "BEFORE",
            TriggerTiming::After => "AFTER",
            TriggerTiming::InsteadOf => "INSTEAD OF",
        }),
        _ => Value::Unknown,
    }
}

fn sequences(system: &System<'_>) -> Vec<Row> {
    let is_listed = |object: &Object| object.as_sequence().is_some_and(|sequence| !sequence.identity);
    let rows = system.of_kind(Tag::Sequence);
    rows.filter(|(id, object)| is_listed(object) && system.shows(*id)).map(|(id, _)| whole(id)).collect()
}

fn sequence(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    match column {
        "sequence_catalog" => database(),
        "sequence_schema" => system.schema(object),
        "sequence_name" => Value::name(object.name),
        _ => Value::Unknown,
    }
}

fn domains(system: &System<'_>) -> Vec<Row> {
    let is_domain =
        |object: &Object| matches!(&object.kind, Kind::Type(ty) if matches!(ty.class, TypeClass::Domain { .. }));
    let rows = system.of_kind(Tag::Type);
    rows.filter(|(_, object)| is_domain(object)).map(|(id, _)| whole(id)).collect()
}

fn domain(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    match column {
        "domain_catalog" => database(),
        "domain_schema" => system.schema(object),
        "domain_name" => Value::name(object.name),
        _ => Value::Unknown,
    }
}
