//! Tables of pg_catalog.

use super::{NOBODY, Row, System, Table, letter, part, printed, type_oid};
use crate::catalog::analyze::{FunctionId, SystemIndex, Type};
use crate::catalog::eval::value::{Oid, Value};
use crate::catalog::{
    Column, Constraint, ConstraintKind, DependencyKind, Identity, Key, Kind, Object, Part, RelationClass, RoutineKind,
    Tag, TypeClass, TypeRef,
};
use crate::syntax::{Firing, Name, Persistence, PolicyCommand, ReferentialAction, Volatility};

macro_rules! table {
    ($name:literal, $rows:expr, $cell:expr, $anchors:expr) => {
        Table { schema: "pg_catalog", name: $name, rows: $rows, cell: $cell, open: false, anchors: &$anchors }
    };
}

pub(super) static TABLES: &[Table] = &[
    table!("pg_namespace", |s| s.all(Tag::Schema), namespace, ["oid", "nspname"]),
    table!("pg_class", classes, class, ["oid", "relname"]),
    table!("pg_attribute", attributes, attribute, ["attrelid"]),
    table!("pg_attrdef", defaults, default, ["adrelid"]),
    table!("pg_type", types, type_row, ["oid", "typname"]),
    table!("pg_enum", labels, label, ["enumtypid"]),
    table!("pg_constraint", |s| s.all(Tag::Constraint), constraint, ["oid", "conname", "conrelid", "contypid"]),
    table!("pg_index", |s| s.all(Tag::Index), index, ["indexrelid", "indrelid"]),
    table!("pg_policy", |s| s.all(Tag::Policy), policy, ["oid", "polname", "polrelid"]),
    table!("pg_proc", procs, proc, ["oid", "proname"]),
    table!("pg_trigger", |s| s.all(Tag::Trigger), trigger, ["oid", "tgname", "tgrelid"]),
    table!("pg_roles", |s| s.all(Tag::Role), role, ["oid", "rolname"]),
    table!("pg_authid", |s| s.all(Tag::Role), role, ["oid", "rolname"]),
    table!("pg_user", users, role, ["usesysid", "usename"]),
    table!("pg_auth_members", members, member, []),
    table!("pg_extension", |s| s.all(Tag::Extension), extension, ["oid", "extname"]),
    table!("pg_publication", |s| s.all(Tag::Publication), publication, ["oid", "pubname"]),
    table!("pg_publication_rel", published, published_rel, ["prpubid"]),
    table!("pg_event_trigger", |s| s.all(Tag::EventTrigger), event_trigger, ["oid", "evtname"]),
    table!("pg_inherits", inherits, inherit, ["inhrelid"]),
    table!("pg_depend", needs, need, ["objid"]),
    table!("pg_rewrite", rewrites, rewrite, ["oid", "ev_class"]),
    table!("pg_sequence", |s| s.all(Tag::Sequence), sequence, ["seqrelid"]),
    table!("pg_language", |s| s.all(Tag::Language), named, []),
    table!("pg_am", |s| s.all(Tag::AccessMethod), named, []),
    table!("pg_database", |s| s.all(Tag::Database), named, []),
    table!("pg_foreign_server", |s| s.all(Tag::ForeignServer), named, []),
    table!("pg_foreign_data_wrapper", |s| s.all(Tag::ForeignDataWrapper), named, []),
    table!("pg_ts_config", |s| s.all(Tag::TextSearchConfiguration), named, []),
    table!("pg_ts_dict", |s| s.all(Tag::TextSearchDictionary), named, []),
    table!("pg_statistic_ext", |s| s.all(Tag::Statistics), named, []),
];

/// oid, name, namespace and owner by the ends of the columns' names.
fn common(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    match column {
        "oid" => Value::object(row.id),
        _ if column.ends_with("owner") || column == "polowner" => Value::optional_object(object.owner),
        _ if column.ends_with("namespace") => Value::optional_object(object.schema),
        _ if column.ends_with("name") => Value::name(object.name),
        _ => Value::Unknown,
    }
}

fn named(system: &System<'_>, row: Row, column: &str) -> Value {
    common(system, row, column)
}

fn namespace(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "nspacl" => Value::Unknown,
        _ => common(system, row, column),
    }
}

// --- pg_class, pg_attribute -----------------------------------------------------------------------

fn classes(system: &System<'_>) -> Vec<Row> {
    let mut rows = system.all(Tag::Relation);
    rows.extend(system.all(Tag::Sequence));
    rows.extend(system.all(Tag::Index));
    rows
}

pub(super) fn relkind(object: &Object) -> char {
    match &object.kind {
        Kind::Relation(relation) => match relation.class {
            RelationClass::Table => 'r',
            RelationClass::PartitionedTable => 'p',
            RelationClass::View => 'v',
            RelationClass::MaterializedView => 'm',
            RelationClass::ForeignTable => 'f',
            RelationClass::CompositeType => 'c',
        },
        Kind::Sequence(_) => 'S',
        _ => 'i',
    }
}

fn class(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let relation = object.as_relation();
    let flag = |value: Option<bool>| value.map_or(Value::Bool(false), Value::Bool);
    match column {
        "relkind" => letter(match relkind(object) {
            'i' => index_kind(system, object),
            other => other,
        }),
        "relrowsecurity" => flag(relation.map(|relation| relation.row_security.is_some())),
        "relforcerowsecurity" => flag(relation.map(|relation| relation.force_row_security)),
        "relispartition" => flag(relation.map(|relation| relation.bound.is_some())),
        "relispopulated" => relation.map_or(Value::Bool(true), |relation| Value::Bool(relation.populated)),
        "relnatts" => relation.map_or(Value::Unknown, |relation| Value::Integer(relation.last_column_number.into())),
        "relhasindex" => Value::Bool(system.catalog.indexes(row.id).next().is_some()),
        "relhastriggers" => match system.catalog.triggers(row.id).next() {
            Some(_) => Value::Bool(true),
            None => Value::Unknown,
        },
        "reltype" => relation.map_or(Value::Unknown, |relation| match relation.row_type {
            Some(id) => Value::Object(Oid::Type(Type { id, array: false })),
            None => Value::Unknown,
        }),
        "relpersistence" => match relation.map(|relation| relation.persistence) {
            Some(Persistence::Unlogged) => letter('u'),
            Some(Persistence::Temporary) => letter('t'),
            _ => letter('p'),
        },
        "reltablespace" => match relation.is_none_or(|relation| relation.tablespace.is_none()) {
            true => Value::Object(Oid::Zero),
            false => Value::Unknown,
        },
        // An index has no schema of its own in the catalog's eyes, but that of its table.
        "relnamespace" => Value::optional_object(object.schema.or_else(|| table_schema(system, object))),
        "relowner" => {
            let table = || system.catalog.get(object.attached_to()?)?.owner;
            Value::optional_object(object.owner.or_else(table))
        }
        _ => common(system, row, column),
    }
}

fn index_kind(system: &System<'_>, object: &Object) -> char {
    let table = object.attached_to().and_then(|table| system.catalog.get(table));
    let partitioned = table.and_then(|table| table.as_relation());
    if partitioned.is_some_and(|table| table.class == RelationClass::PartitionedTable) { 'I' } else { 'i' }
}

fn table_schema(system: &System<'_>, object: &Object) -> Option<crate::catalog::ObjectId> {
    system.catalog.get(object.attached_to()?)?.schema
}

pub(super) fn attributes(system: &System<'_>) -> Vec<Row> {
    let relations = system.of_kind(Tag::Relation);
    let columns = |(id, object): (_, &std::sync::Arc<Object>)| {
        let count = object.as_relation().map_or(0, |relation| relation.columns.len());
        (0..count).map(move |at| part(id, at))
    };
    relations.flat_map(columns).collect()
}

pub(super) fn column_of<'a>(system: &System<'a>, row: Row) -> Option<&'a Column> {
    system.get(row)?.as_relation()?.columns.get(row.part as usize).map(|column| &**column)
}

fn attribute(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = column_of(system, row) else { return Value::Unknown };
    match column {
        "attrelid" => Value::object(row.id),
        "attname" => Value::name(it.name),
        "attnum" => Value::Integer(it.number.into()),
        "atttypid" => type_oid(it.ty.as_ref()),
        "attnotnull" => Value::Bool(it.not_null),
        "atthasdef" => Value::Bool(it.default.is_some() || it.generated.is_some()),
        "attisdropped" => Value::Bool(false),
        "attislocal" => Value::Bool(it.local),
        "attinhcount" => Value::Integer(it.inherited.into()),
        "attidentity" => match it.identity {
            Some(Identity::Always) => letter('a'),
            Some(Identity::ByDefault) => letter('d'),
            None => Value::text(""),
        },
        "attgenerated" => match &it.generated {
            Some(generated) => letter(if generated.stored { 's' } else { 'v' }),
            None => Value::text(""),
        },
        _ => Value::Unknown,
    }
}

fn defaults(system: &System<'_>) -> Vec<Row> {
    let has_default = |row: &Row| {
        column_of(system, *row).is_some_and(|column| column.default.is_some() || column.generated.is_some())
    };
    attributes(system).into_iter().filter(has_default).collect()
}

fn default(system: &System<'_>, row: Row, column: &str) -> Value {
    match column {
        "adrelid" => Value::object(row.id),
        "adbin" => match column_of(system, row) {
            Some(it) if it.default.is_some() => printed(system.deparser().column_default(row.id, it.number)),
            Some(it) => printed(system.deparser().column_generated(row.id, it.number)),
            None => Value::Unknown,
        },
        "adnum" => column_of(system, row).map_or(Value::Unknown, |column| Value::Integer(column.number.into())),
        _ => Value::Unknown,
    }
}

fn inherits(system: &System<'_>) -> Vec<Row> {
    let relations = system.of_kind(Tag::Relation);
    let parents = |(id, object): (_, &std::sync::Arc<Object>)| {
        let count = object.as_relation().map_or(0, |relation| relation.parents.len());
        (0..count).map(move |at| part(id, at))
    };
    relations.flat_map(parents).collect()
}

fn inherit(system: &System<'_>, row: Row, column: &str) -> Value {
    let parent = system.get(row).and_then(|object| object.as_relation()?.parents.get(row.part as usize).copied());
    match column {
        "inhrelid" => Value::object(row.id),
        "inhparent" => Value::optional_object(parent),
        "inhseqno" => Value::Integer(i64::from(row.part) + 1),
        _ => Value::Unknown,
    }
}

fn sequence(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(sequence) = system.get(row).and_then(|object| object.as_sequence()) else { return Value::Unknown };
    match column {
        "seqrelid" => Value::object(row.id),
        "seqstart" => Value::Integer(sequence.start),
        "seqincrement" => Value::Integer(sequence.increment),
        "seqmin" => Value::Integer(sequence.min_value),
        "seqmax" => Value::Integer(sequence.max_value),
        "seqcycle" => Value::Bool(sequence.cycle),
        _ => Value::Unknown,
    }
}

// --- pg_depend, pg_rewrite --------------------------------------------------------------------------

/// Each dependency that is kept, by the object that has it.
fn needs(system: &System<'_>) -> Vec<Row> {
    let rows = |(id, object): (_, &std::sync::Arc<Object>)| {
        let mut count = 0;
        object.each_need(|_| count += 1);
        (0..count).map(move |at| part(id, at))
    };
    system.objects().into_iter().flat_map(rows).collect()
}

/// The system catalog that holds objects of a kind.
fn class_of(object: &Object) -> Option<&'static str> {
    Some(match &object.kind {
        Kind::Relation(_) | Kind::Sequence(_) | Kind::Index(_) => "pg_class",
        Kind::Type(_) => "pg_type",
        Kind::Routine(_) => "pg_proc",
        Kind::Constraint(_) => "pg_constraint",
        Kind::Policy(_) => "pg_policy",
        Kind::Trigger(_) => "pg_trigger",
        Kind::Schema => "pg_namespace",
        Kind::Extension(_) => "pg_extension",
        Kind::Rule(_) => "pg_rewrite",
        _ => return None,
    })
}

fn need(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let (mut found, mut at) = (None, 0);
    object.each_need(|need| {
        if at == row.part {
            found = Some(need);
        }
        at += 1;
    });
    let Some(need) = found else { return Value::Unknown };
    let on = system.catalog.get(need.on);
    // What a view reads is needed by its rule.
    let is_view = object.as_relation().is_some_and(|relation| relation.query.is_some());
    let by_rule =
        is_view && need.kind == DependencyKind::Normal && on.is_none_or(|on| !matches!(on.kind, Kind::Schema));
    match column {
        "classid" if by_rule => catalog_oid(system, Some("pg_rewrite")),
        "classid" => catalog_oid(system, class_of(object)),
        "objid" if by_rule => Value::Object(Oid::ViewRule(row.id)),
        "objid" => oid_of(object, row.id),
        "objsubid" => match need.part {
            Part::Column(number) | Part::Default(number) => Value::Integer(number.into()),
            _ => Value::Integer(0),
        },
        "refclassid" => catalog_oid(system, on.and_then(|on| class_of(on))),
        "refobjid" => on.map_or(Value::Unknown, |on| oid_of(on, need.on)),
        "refobjsubid" => Value::Integer(need.column.unwrap_or(0).into()),
        "deptype" => letter(match need.kind {
            DependencyKind::Normal => 'n',
            DependencyKind::Auto => 'a',
            DependencyKind::Internal => 'i',
            DependencyKind::Extension => 'e',
            DependencyKind::Partition => 'P',
        }),
        _ => Value::Unknown,
    }
}

fn oid_of(object: &Object, id: crate::catalog::ObjectId) -> Value {
    match object.as_type() {
        Some(_) => Value::Object(Oid::Type(Type { id, array: false })),
        None => Value::object(id),
    }
}

/// The oid of a table of pg_catalog.
fn catalog_oid(system: &System<'_>, name: Option<&str>) -> Value {
    let schema = system.catalog.schema(Name::from("pg_catalog"));
    let id = name.zip(schema).and_then(|(name, schema)| system.catalog.relation_in(schema, Name::from(name)));
    id.map_or(Value::Unknown, Value::object)
}

/// The rules of views, then the others.
fn rewrites(system: &System<'_>) -> Vec<Row> {
    let is_view = |object: &Object| object.as_relation().is_some_and(|relation| relation.query.is_some());
    let views = system.of_kind(Tag::Relation).filter(|(_, object)| is_view(object));
    let mut rows: Vec<Row> = views.map(|(id, _)| part(id, 1)).collect();
    rows.extend(system.all(Tag::Rule));
    rows
}

fn rewrite(system: &System<'_>, row: Row, column: &str) -> Value {
    match (column, row.part) {
        ("oid", 1) => Value::Object(Oid::ViewRule(row.id)),
        ("oid", _) | ("ev_class", 1) => Value::object(row.id),
        ("rulename", 1) => Value::text("_RETURN"),
        ("is_instead", 1) => Value::Bool(true),
        ("ev_type", 1) => letter('1'),
        ("ev_enabled", 1) => letter('O'),
        ("ev_class", _) => Value::optional_object(system.get(row).and_then(|rule| rule.attached_to())),
        ("rulename", _) => system.name(Some(row.id)),
        _ => Value::Unknown,
    }
}

// --- pg_type, pg_enum -----------------------------------------------------------------------------

/// Each type, and the array of each that has one.
fn types(system: &System<'_>) -> Vec<Row> {
    let is_pseudo = |object: &Object| object.as_type().is_none_or(|ty| matches!(ty.class, TypeClass::Pseudo));
    let rows = |(id, object): (_, &std::sync::Arc<Object>)| {
        (0..if is_pseudo(object) { 1 } else { 2 }).map(move |at| part(id, at))
    };
    system.of_kind(Tag::Type).flat_map(rows).collect()
}

fn type_row(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(ty) = object.as_type() else { return Value::Unknown };
    let array = row.part == 1;
    let own = Type { id: row.id, array };
    match column {
        "oid" => Value::Object(Oid::Type(own)),
        "typname" if array => Value::text(format!("_{}", object.name)),
        "typtype" if array => letter('b'),
        "typtype" => letter(match ty.class {
            TypeClass::Base => 'b',
            TypeClass::Composite { .. } => 'c',
            TypeClass::Domain { .. } => 'd',
            TypeClass::Enum { .. } => 'e',
            TypeClass::Pseudo => 'p',
            TypeClass::Range { .. } => 'r',
            TypeClass::Multirange { .. } => 'm',
        }),
        "typcategory" => letter(if array { 'A' } else { ty.category }),
        "typelem" if array => Value::Object(Oid::Type(Type { array: false, ..own })),
        "typelem" => Value::Object(Oid::Zero),
        "typarray" if array => Value::Object(Oid::Zero),
        "typarray" => Value::Object(Oid::Type(Type { array: true, ..own })),
        "typrelid" => match ty.class {
            TypeClass::Composite { relation } if !array => Value::object(relation),
            _ => Value::Object(Oid::Zero),
        },
        "typbasetype" => match &ty.class {
            TypeClass::Domain { base, .. } if !array => type_oid(Some(base)),
            _ => Value::Object(Oid::Zero),
        },
        "typnotnull" => match &ty.class {
            TypeClass::Domain { not_null, .. } if !array => Value::Bool(*not_null),
            _ => Value::Bool(false),
        },
        "typisdefined" => Value::Bool(true),
        _ => common(system, row, column),
    }
}

fn labels(system: &System<'_>) -> Vec<Row> {
    let rows = |(id, object): (_, &std::sync::Arc<Object>)| {
        let count = match object.as_type().map(|ty| &ty.class) {
            Some(TypeClass::Enum { labels }) => labels.len(),
            _ => 0,
        };
        (0..count).map(move |at| part(id, at))
    };
    system.of_kind(Tag::Type).flat_map(rows).collect()
}

fn label(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(TypeClass::Enum { labels }) = system.get(row).and_then(|object| Some(&object.as_type()?.class)) else {
        return Value::Unknown;
    };
    match column {
        "enumtypid" => Value::Object(Oid::Type(Type { id: row.id, array: false })),
        "enumlabel" => labels.get(row.part as usize).map_or(Value::Unknown, |label| Value::Text(label.text.clone())),
        "enumsortorder" => Value::Number(f64::from(row.part) + 1.0),
        _ => Value::Unknown,
    }
}

// --- pg_constraint, pg_index ------------------------------------------------------------------------

pub(super) fn constraint_of<'a>(system: &System<'a>, row: Row) -> Option<&'a Constraint> {
    system.get(row)?.as_constraint()
}

pub(super) fn contype(constraint: &Constraint) -> char {
    match constraint.kind {
        ConstraintKind::NotNull { .. } => 'n',
        ConstraintKind::Check { .. } => 'c',
        ConstraintKind::Primary { .. } => 'p',
        ConstraintKind::Unique { .. } => 'u',
        ConstraintKind::Exclude { .. } => 'x',
        ConstraintKind::ForeignKey(_) => 'f',
        ConstraintKind::Trigger => 't',
    }
}

/// conkey.
pub(super) fn conkey(constraint: &Constraint) -> &[i16] {
    match &constraint.kind {
        ConstraintKind::NotNull { column } => std::slice::from_ref(column),
        ConstraintKind::Check { columns, .. }
        | ConstraintKind::Primary { columns, .. }
        | ConstraintKind::Unique { columns, .. }
        | ConstraintKind::Exclude { columns, .. } => columns,
        ConstraintKind::ForeignKey(key) => &key.columns,
        ConstraintKind::Trigger => &[],
    }
}

fn numbers(columns: &[i16]) -> Value {
    Value::array(columns.iter().map(|column| Value::Integer((*column).into())))
}

fn constraint(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = constraint_of(system, row) else { return Value::Unknown };
    let of = system.catalog.get(it.of);
    let of_table = of.is_some_and(|of| of.as_relation().is_some());
    let foreign = if let ConstraintKind::ForeignKey(key) = &it.kind { Some(key) } else { None };
    match column {
        "contype" => letter(contype(it)),
        "connamespace" => Value::optional_object(of.and_then(|of| of.schema)),
        "conrelid" if of_table => Value::object(it.of),
        "conrelid" => Value::Object(Oid::Zero),
        "contypid" if of_table => Value::Object(Oid::Zero),
        "contypid" => Value::Object(Oid::Type(Type { id: it.of, array: false })),
        "conindid" => match &it.kind {
            ConstraintKind::Primary { index, .. }
            | ConstraintKind::Unique { index, .. }
            | ConstraintKind::Exclude { index, .. } => Value::object(*index),
            ConstraintKind::ForeignKey(key) => Value::optional_object(key.index),
            _ => Value::Object(Oid::Zero),
        },
        "conparentid" => Value::optional_object(it.parent),
        "confrelid" => Value::optional_object(foreign.map(|key| key.references)),
        "conkey" => numbers(conkey(it)),
        "confkey" => foreign.map_or(Value::Null, |key| numbers(&key.referenced_columns)),
        "confupdtype" => letter(foreign.map_or(' ', |key| action(key.on_update))),
        "confdeltype" => letter(foreign.map_or(' ', |key| action(key.on_delete))),
        "confmatchtype" => letter(foreign.map_or(' ', |key| if key.match_full { 'f' } else { 's' })),
        "convalidated" => Value::Bool(it.validated),
        "condeferrable" => Value::Bool(it.deferrable),
        "condeferred" => Value::Bool(it.initially_deferred),
        "conislocal" => Value::Bool(it.local),
        "conbin" => match &it.kind {
            ConstraintKind::Check { expr, .. } => printed(system.deparser().expression(row.id, expr)),
            _ => Value::Null,
        },
        "coninhcount" => Value::Integer(it.inherited.into()),
        "connoinherit" => Value::Bool(it.no_inherit),
        _ => common(system, row, column),
    }
}

fn action(action: ReferentialAction) -> char {
    match action {
        ReferentialAction::NoAction => 'a',
        ReferentialAction::Restrict => 'r',
        ReferentialAction::Cascade => 'c',
        ReferentialAction::SetNull => 'n',
        ReferentialAction::SetDefault => 'd',
    }
}

fn index(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = system.get(row).and_then(|object| object.as_index()) else { return Value::Unknown };
    match column {
        "indexrelid" => Value::object(row.id),
        "indrelid" => Value::object(it.table),
        "indisunique" => Value::Bool(it.unique),
        "indisprimary" => Value::Bool(it.primary),
        "indisexclusion" => Value::Bool(it.exclusion),
        "indisvalid" => Value::Bool(it.valid),
        "indisready" | "indislive" => Value::Bool(true),
        "indnullsnotdistinct" => Value::Bool(it.nulls_not_distinct),
        "indisclustered" => Value::Bool(it.clustered),
        "indnatts" => Value::Integer((it.keys.len() + it.include.len()) as i64),
        "indnkeyatts" => Value::Integer(it.keys.len() as i64),
        "indkey" => {
            let keys = it.keys.iter().map(|key| if let Key::Column(number) = key.key { number } else { 0 });
            let all: Vec<i16> = keys.chain(it.include.iter().copied()).collect();
            numbers(&all)
        }
        "indpred" if it.predicate.is_none() => Value::Null,
        "indpred" => printed(system.deparser().index_predicate(row.id)),
        "indexprs" if it.keys.iter().all(|key| matches!(key.key, Key::Column(_))) => Value::Null,
        _ => Value::Unknown,
    }
}

// --- policies, triggers, functions ------------------------------------------------------------------

fn command_letter(command: PolicyCommand) -> char {
    match command {
        PolicyCommand::All => '*',
        PolicyCommand::Select => 'r',
        PolicyCommand::Insert => 'a',
        PolicyCommand::Update => 'w',
        PolicyCommand::Delete => 'd',
    }
}

fn policy(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = system.get(row).and_then(|object| object.as_policy()) else { return Value::Unknown };
    match column {
        "polrelid" => Value::object(it.table),
        "polcmd" => letter(command_letter(it.command)),
        "polpermissive" => Value::Bool(it.permissive),
        "polroles" if it.roles.is_empty() => Value::array([Value::Object(Oid::Zero)]),
        "polroles" => Value::array(it.roles.iter().map(|role| Value::object(*role))),
        "polqual" if it.using.is_none() => Value::Null,
        "polqual" => printed(system.deparser().policy_using(row.id)),
        "polwithcheck" if it.check.is_none() => Value::Null,
        "polwithcheck" => printed(system.deparser().policy_check(row.id)),
        _ => common(system, row, column),
    }
}

fn trigger(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(it) = system.get(row).and_then(|object| object.as_trigger()) else { return Value::Unknown };
    match column {
        "tgrelid" => Value::object(it.table),
        "tgfoid" => match it.function {
            Some(id) => Value::object(id),
            None => Value::Unknown,
        },
        "tgenabled" => letter(match it.firing {
            Firing::Enabled => 'O',
            Firing::Always => 'A',
            Firing::Replica => 'R',
            Firing::Disabled => 'D',
        }),
        "tgisinternal" => Value::Bool(false),
        "tgparentid" => Value::optional_object(it.parent),
        "tgconstraint" if !it.constraint => Value::Object(Oid::Zero),
        _ => common(system, row, column),
    }
}

fn event_trigger(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(Kind::EventTrigger(it)) = system.get(row).map(|object| &object.kind) else { return Value::Unknown };
    match column {
        "evtevent" => Value::name(it.event),
        _ => common(system, row, column),
    }
}

/// The functions of the catalog, then those of the empty server.
fn procs(system: &System<'_>) -> Vec<Row> {
    let mut rows = system.all(Tag::Routine);
    rows.extend(system_functions(system));
    rows
}

/// The functions of the empty server, by their place in the index.
pub(super) fn system_functions(system: &System<'_>) -> Vec<Row> {
    let index = SystemIndex::of(system.version);
    match system.only {
        None => (0..index.function_count()).map(|at| part(NOBODY, at)).collect(),
        Some(only) => {
            let named = only.names.iter().flat_map(|name| index.functions_named(name.as_str()));
            named.map(|(at, _)| part(NOBODY, at as usize)).collect()
        }
    }
}

fn proc(system: &System<'_>, row: Row, column: &str) -> Value {
    if row.id == NOBODY {
        return system_proc(system, row, column);
    }
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(it) = object.as_routine() else { return Value::Unknown };
    match column {
        "oid" => Value::object(row.id),
        "prokind" => letter(match it.kind {
            RoutineKind::Function => 'f',
            RoutineKind::Procedure => 'p',
            RoutineKind::Aggregate => 'a',
            RoutineKind::Window => 'w',
        }),
        "prosecdef" => Value::Bool(it.security_definer),
        "proisstrict" => Value::Bool(it.strict),
        "proleakproof" => Value::Bool(it.leakproof),
        "proretset" => Value::Bool(it.returns_set),
        "provolatile" => letter(match it.volatility {
            Volatility::Immutable => 'i',
            Volatility::Stable => 's',
            Volatility::Volatile => 'v',
        }),
        "pronargs" => Value::Integer(it.inputs().count() as i64),
        "pronargdefaults" => Value::Integer(it.inputs().filter(|input| input.default.is_some()).count() as i64),
        "prorettype" => type_oid(it.returns.as_ref()),
        "proargtypes" => Value::array(it.inputs().map(|input| type_oid(Some(&input.ty)))),
        "prosrc" => Value::Text(it.source.clone()),
        "proconfig" if it.settings.is_empty() => Value::Null,
        "proconfig" => Value::array(it.settings.iter().map(|(name, value)| Value::text(format!("{name}={value}")))),
        "prolang" => match system.catalog.of_kind(Tag::Language).find(|(_, language)| language.name == it.language) {
            Some((id, _)) => Value::object(id),
            None => Value::Unknown,
        },
        _ => common(system, row, column),
    }
}

fn system_proc(system: &System<'_>, row: Row, column: &str) -> Value {
    let index = SystemIndex::of(system.version);
    let Some(function) = index.function(row.part) else { return Value::Unknown };
    match column {
        "pronargs" => return Value::Integer(function.args.len() as i64),
        "prorettype" => {
            let types = system.catalog.catalog().system_types(system.version);
            let ty = function.result.and_then(|result| types.ty(result));
            return ty.map_or(Value::Unknown, |ty| Value::Object(Oid::Type(ty)));
        }
        _ => {}
    }
    match (column, index.function_name(row.part)) {
        ("oid", _) => Value::Object(Oid::Function(FunctionId::System(row.part))),
        ("proname", Some((_, name))) => Value::text(name),
        ("pronamespace", Some((schema, _))) => Value::optional_object(system.catalog.schema(Name::from(schema))),
        _ => Value::Unknown,
    }
}

// --- roles, extensions, publications ----------------------------------------------------------------

fn role(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(object) = system.get(row) else { return Value::Unknown };
    let Some(it) = object.as_role() else { return Value::Unknown };
    match column {
        "oid" | "usesysid" => Value::object(row.id),
        "rolname" | "usename" => Value::name(object.name),
        "rolsuper" | "usesuper" => Value::Bool(it.superuser),
        "rolinherit" => Value::Bool(it.inherit),
        "rolcreaterole" => Value::Bool(it.create_role),
        "rolcreatedb" | "usecreatedb" => Value::Bool(it.create_db),
        "rolcanlogin" => Value::Bool(it.login),
        "rolreplication" | "userepl" => Value::Bool(it.replication),
        "rolbypassrls" | "usebypassrls" => Value::Bool(it.bypass_rls),
        _ => Value::Unknown,
    }
}

fn users(system: &System<'_>) -> Vec<Row> {
    let can_login = |row: &Row| system.get(*row).and_then(|object| object.as_role()).is_some_and(|role| role.login);
    system.all(Tag::Role).into_iter().filter(can_login).collect()
}

fn members(system: &System<'_>) -> Vec<Row> {
    let rows = |(id, object): (_, &std::sync::Arc<Object>)| {
        let count = object.as_role().map_or(0, |role| role.member_of.len());
        (0..count).map(move |at| part(id, at))
    };
    system.of_kind(Tag::Role).flat_map(rows).collect()
}

fn member(system: &System<'_>, row: Row, column: &str) -> Value {
    let role = system.get(row).and_then(|object| object.as_role());
    let Some(membership) = role.and_then(|role| role.member_of.get(row.part as usize)) else { return Value::Unknown };
    match column {
        "roleid" => Value::object(membership.role),
        "member" => Value::object(row.id),
        "admin_option" => Value::Bool(membership.admin),
        "inherit_option" => Value::Bool(membership.inherit),
        "set_option" => Value::Bool(membership.set),
        _ => Value::Unknown,
    }
}

fn extension(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(Kind::Extension(it)) = system.get(row).map(|object| &object.kind) else { return Value::Unknown };
    match column {
        "extnamespace" => Value::object(it.schema),
        "extversion" => it.version.clone().map_or(Value::Unknown, Value::Text),
        "extrelocatable" => Value::Bool(it.relocatable),
        _ => common(system, row, column),
    }
}

fn publication(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(Kind::Publication(it)) = system.get(row).map(|object| &object.kind) else { return Value::Unknown };
    match column {
        "puballtables" => Value::Bool(it.all_tables),
        "pubinsert" => Value::Bool(it.actions.insert),
        "pubupdate" => Value::Bool(it.actions.update),
        "pubdelete" => Value::Bool(it.actions.delete),
        "pubtruncate" => Value::Bool(it.actions.truncate),
        "pubviaroot" => Value::Bool(it.via_root),
        _ => common(system, row, column),
    }
}

fn published(system: &System<'_>) -> Vec<Row> {
    let rows = |(id, object): (_, &std::sync::Arc<Object>)| {
        let count = if let Kind::Publication(publication) = &object.kind { publication.tables.len() } else { 0 };
        (0..count).map(move |at| part(id, at))
    };
    system.of_kind(Tag::Publication).flat_map(rows).collect()
}

fn published_rel(system: &System<'_>, row: Row, column: &str) -> Value {
    let Some(Kind::Publication(it)) = system.get(row).map(|object| &object.kind) else { return Value::Unknown };
    match column {
        "prpubid" => Value::object(row.id),
        "prrelid" => Value::optional_object(it.tables.get(row.part as usize).map(|table| table.table)),
        _ => Value::Unknown,
    }
}

/// The type of a column as text.
pub(super) fn type_text(system: &System<'_>, ty: Option<&TypeRef>) -> Value {
    ty.map_or(Value::Unknown, |ty| Value::text(system.catalog.type_name(ty)))
}
