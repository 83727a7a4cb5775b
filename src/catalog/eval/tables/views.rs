//! Views of pg_catalog that people ask: pg_tables, pg_policies, pg_indexes …

use super::pg::constraint_of;
use super::{NOBODY, Row, System, Table, part, printed, whole};
use crate::catalog::deparse::Style;
use crate::catalog::eval::value::{Value, concat};
use crate::catalog::{Kind, Object, ObjectId, Relation, RelationClass, Tag, baseline};
use crate::syntax::{Name, PolicyCommand};

macro_rules! view {
    ($name:literal, $rows:expr, $cell:expr, $anchors:expr) => {
        Table { schema: "pg_catalog", name: $name, rows: $rows, cell: $cell, open: false, anchors: &$anchors }
    };
}

pub(super) static TABLES: &[Table] = &[
    view!("pg_tables", tables, table, ["tablename"]),
    view!("pg_views", |s| of_class(s, &[RelationClass::View]), view, ["viewname"]),
    view!("pg_matviews", |s| of_class(s, &[RelationClass::MaterializedView]), view, ["matviewname"]),
    view!("pg_indexes", |s| s.all(Tag::Index), index, ["indexname", "tablename"]),
    view!("pg_policies", |s| s.all(Tag::Policy), policy, ["policyname", "tablename"]),
    view!("pg_sequences", |s| s.all(Tag::Sequence), sequence, ["sequencename"]),
    view!("pg_publication_tables", published_tables, published_table, []),
    view!("pg_stat_user_tables", user_tables, statistics, ["relid", "relname"]),
    view!("pg_stat_all_tables", tables, statistics, ["relid", "relname"]),
    view!("pg_statio_user_tables", user_tables, statistics, ["relid", "relname"]),
    view!(
        "pg_stat_user_indexes",
        |s| s.all(Tag::Index),
        index_statistics,
        ["relid", "relname", "indexrelid", "indexrelname"]
    ),
    view!("pg_available_extensions", available_extensions, available_extension, []),
    Table { schema: "pg_catalog", name: "pg_settings", rows: settings, cell: setting, open: false, anchors: &[] },
    Table { schema: "cron", name: "job", rows: |s| s.all(Tag::CronJob), cell: job, open: false, anchors: &["jobname"] },
    Table {
        schema: "storage",
        name: "buckets",
        rows: |s| s.all(Tag::Bucket),
        cell: bucket,
        open: false,
        anchors: &["id"],
    },
];

fn of_class(system: &System<'_>, classes: &[RelationClass]) -> Vec<Row> {
    let of_class = |object: &Object| object.as_relation().is_some_and(|relation| classes.contains(&relation.class));
    system.of_kind(Tag::Relation).filter(|(_, object)| of_class(object)).map(|(id, _)| whole(id)).collect()
}

fn tables(system: &System<'_>) -> Vec<Row> {
    of_class(system, &[RelationClass::Table, RelationClass::PartitionedTable])
}

fn user_tables(system: &System<'_>) -> Vec<Row> {
    let is_ours = |row: &Row| {
        let schema = system.get(*row).map(|object| system.catalog.schema_name(object));
        schema.is_some_and(|schema| !matches!(schema.as_str(), "pg_catalog" | "information_schema"))
    };
    tables(system).into_iter().filter(is_ours).collect()
}

fn relation_of<'a>(system: &System<'a>, row: Row) -> Option<(&'a Object, &'a Relation)> {
    let object = system.get(row)?;
    Some((object, object.as_relation()?))
}

fn table(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some((object, relation)) = relation_of(system, row) else { return Value::Unknown };
    match column {
        "schemaname" => system.schema(object),
        "tablename" => Value::name(object.name),
        "tableowner" => system.name(object.owner),
        "rowsecurity" => Value::Bool(relation.row_security.is_some()),
        "hasindexes" => Value::Bool(system.catalog.indexes(row.id).next().is_some()),
        "tablespace" if relation.tablespace.is_none() => Value::Null,
        _ => Value::Unknown,
    }
}

fn view(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some((object, relation)) = relation_of(system, row) else { return Value::Unknown };
    match column {
        "schemaname" => system.schema(object),
        "viewname" | "matviewname" => Value::name(object.name),
        "viewowner" | "matviewowner" => system.name(object.owner),
        "definition" => printed(system.deparser().view(row.id)),
        "ispopulated" => Value::Bool(relation.populated),
        "hasindexes" => Value::Bool(system.catalog.indexes(row.id).next().is_some()),
        _ => Value::Unknown,
    }
}

fn table_name(system: &System<'_>, id: ObjectId, column: &str) -> Value {
    let Some(table) = system.catalog.get(id) else { return Value::Unknown };
    match column {
        "schemaname" => system.schema(table),
        _ => Value::name(table.name),
    }
}

fn index(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(table) = object.attached_to() else { return Value::Unknown };
    match column {
        "schemaname" | "tablename" => table_name(system, table, column),
        "indexname" => Value::name(object.name),
        "indexdef" => printed(system.deparser().styled(Style::PLAIN).index(row.id)),
        "tablespace" => Value::Null,
        _ => Value::Unknown,
    }
}

fn index_statistics(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(table) = object.attached_to() else { return Value::Unknown };
    match column {
        "schemaname" | "relname" => table_name(system, table, column),
        "indexrelname" => Value::name(object.name),
        "relid" => Value::object(table),
        "indexrelid" => Value::object(row.id),
        _ => Value::Unknown,
    }
}

fn policy(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(it) = object.as_policy() else { return Value::Unknown };
    match column {
        "schemaname" | "tablename" => table_name(system, it.table, column),
        "policyname" => Value::name(object.name),
        "permissive" => Value::text(if it.permissive { "PERMISSIVE" } else { "RESTRICTIVE" }),
        "roles" if it.roles.is_empty() => Value::array([Value::text("public")]),
        "roles" => Value::array(it.roles.iter().map(|role| system.name(Some(*role)))),
        "cmd" => Value::text(command_word(it.command)),
        "qual" if it.using.is_none() => Value::Null,
        "with_check" if it.check.is_none() => Value::Null,
        "qual" => printed(system.deparser().policy_using(row.id)),
        "with_check" => printed(system.deparser().policy_check(row.id)),
        _ => Value::Unknown,
    }
}

fn sequence(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    match column {
        "schemaname" => system.schema(object),
        "sequencename" => Value::name(object.name),
        "sequenceowner" => system.name(object.owner),
        _ => Value::Unknown,
    }
}

/// The tables of each publication: those it names, those of its schemas, or all.
fn published_tables(system: &System<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (id, object) in system.of_kind(Tag::Publication) {
        let Kind::Publication(publication) = &object.kind else { continue };
        let all = user_tables(system);
        for table in all {
            let schema = system.get(table).and_then(|table| table.schema);
            let published = publication.all_tables
                || publication.tables.iter().any(|published| published.table == table.id)
                || schema.is_some_and(|schema| publication.schemas.contains(&schema));
            if published {
                rows.push(part(id, table.id.0 as usize));
            }
        }
    }
    rows
}

fn published_table(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "pubname" => system.name(Some(row.id)),
        "schemaname" | "tablename" => table_name(system, ObjectId(row.part), column),
        _ => Value::Unknown,
    }
}

fn statistics(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some((object, _)) = relation_of(system, row) else { return Value::Unknown };
    match column {
        "relid" => Value::object(row.id),
        "schemaname" => system.schema(object),
        "relname" => Value::name(object.name),
        _ => Value::Unknown,
    }
}

fn available_extensions(system: &System<'_>) -> Vec<Row> {
    (0..baseline::all_extensions(system.version).count()).map(|at| part(super::NOBODY, at)).collect()
}

fn available_extension(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(name) = baseline::all_extensions(system.version).nth(row.part as usize) else { return Value::Unknown };
    match column {
        "name" => Value::text(name),
        "installed_version" if !system.catalog.has_extension(name) => Value::Null,
        _ => Value::Unknown,
    }
}

/// Those that the session set, those of the server, and what extensions may have added.
fn settings(system: &System<'_>) -> Vec<Row> {
    let own = (0..session_settings(system).len()).map(|at| part(NOBODY, at + OWN_SETTINGS));
    let of_server = baseline::settings(system.version).map(|place| part(NOBODY, place as usize));
    of_server.chain(own).chain([part(NOBODY, OTHER_SETTINGS)]).collect()
}

/// Behind the places of the server's settings.
const OWN_SETTINGS: usize = 1 << 24;
const OTHER_SETTINGS: usize = u32::MAX as usize;

/// Settings of the session that are none of the server's.
fn session_settings<'a>(system: &System<'a>) -> Vec<&'a Name> {
    let is_own = |name: &&Name| baseline::setting(name.as_str(), system.version).is_none();
    let mut names: Vec<_> = system.settings.keys().filter(is_own).collect();
    names.sort_by_key(|name| name.as_str());
    names
}

fn setting(system: &System<'_>, row: Row, column: &str) -> Value {
    let own = (row.part as usize).checked_sub(OWN_SETTINGS);
    let of_server = if own.is_none() { baseline::setting_at(row.part) } else { None };
    let own = own.and_then(|at| session_settings(system).get(at).copied().copied());
    let name = own.or_else(|| of_server.as_ref().map(|setting| Name::from(setting.name)));
    // The settings of extensions have a dot in their names.
    let Some(name) = name else {
        let dotted = concat(&[Value::Unknown, Value::text("."), Value::Unknown]);
        return if column == "name" { dotted } else { Value::Unknown };
    };
    let major = i64::from(system.version) * 10_000;
    let set = system.settings.get(&Name::from(&name.to_lowercase()));
    match (column, name.as_str()) {
        ("name", _) => Value::name(name),
        ("setting", "server_version_num") => Value::Between(major, major + 9_999),
        ("setting", "server_version" | "search_path" | "role") => Value::Unknown,
        ("setting", _) => match set {
            Some(value) => Value::Text(value.clone()),
            None => of_server.and_then(|setting| setting.default).map_or(Value::Unknown, Value::text),
        },
        ("context", _) => of_server.map_or(Value::Unknown, |setting| Value::text(setting.context)),
        _ => Value::Unknown,
    }
}

fn job(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "jobname" => system.name(Some(row.id)),
        "active" => Value::Bool(true),
        _ => Value::Unknown,
    }
}

fn bucket(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Kind::Bucket(bucket) = &object.kind else { return Value::Unknown };
    match column {
        "id" => Value::name(object.name),
        "name" => bucket.title.map_or(Value::Unknown, Value::name),
        "public" => bucket.public.map_or(Value::Unknown, Value::Bool),
        _ => Value::Unknown,
    }
}

/// Commands are told by their words here.
fn command_word(command: PolicyCommand) -> &'static str {
    match command {
        PolicyCommand::All => "ALL",
        PolicyCommand::Select => "SELECT",
        PolicyCommand::Insert => "INSERT",
        PolicyCommand::Update => "UPDATE",
        PolicyCommand::Delete => "DELETE",
    }
}

/// Whether a row is of a constraint on a table.
pub(super) fn is_of_table(system: &System<'_>, row: Row) -> bool {
    let constraint = constraint_of(system, row);
    constraint.and_then(|it| system.catalog.get(it.of)).is_some_and(|of| of.as_relation().is_some())
}
