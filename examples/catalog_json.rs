//! Replays folders of migrations and prints each catalog as JSON, for comparison with what a server made of them.
//!
//! `cargo run --example catalog_json -- [--plain] [--version 17] [--skip-code] OUT FOLDER…` writes one file a folder into OUT.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for developers")]

use std::path::Path;

use pglint::catalog::deparse::{Deparser, Style};
use pglint::catalog::replay::{Migration, Platform, ServerSettings, SupabaseSettings, TransactionMode, replay};
use pglint::catalog::{
    Acl, CatalogAt, ConstraintKind, Grantee, Index, Kind, Object, ObjectId, Outcome, RelationClass, RoutineKind, Tag,
    TypeClass, TypeRef,
};
use pglint::source::{SourceFile, Sources};
use pglint::syntax::quote::quote_identifier;
use pglint::syntax::{Firing, Persistence, PolicyCommand, ReplicaIdentity, Volatility, parse_file};
use serde_json::{Map, Value, json};

fn main() {
    let mut args = std::env::args().skip(1).peekable();
    let mut settings = ServerSettings {
        version: 17,
        platform: Platform::Supabase(SupabaseSettings { legacy_default_privileges: true, pg_graphql: true }),
    };
    let mut skip_code = false;
    while args.peek().is_some_and(|arg| arg.starts_with("--")) {
        match args.next().as_deref() {
            Some("--skip-code") => skip_code = true,
            Some("--plain") => settings.platform = Platform::Plain,
            Some("--version") => settings.version = args.next().unwrap().parse().unwrap(),
            other => panic!("unknown option {other:?}"),
        }
    }
    let out = args.next().expect("a folder to write to");
    for folder in args {
        let started = std::time::Instant::now();
        let result = run(Path::new(&folder), &settings, skip_code);
        let name = Path::new(&folder).file_name().unwrap().to_string_lossy().into_owned();
        std::fs::write(format!("{out}/{name}.json"), serde_json::to_vec_pretty(&result).unwrap()).unwrap();
        println!("{name}: {:?}", started.elapsed());
    }
}

fn run(folder: &Path, settings: &ServerSettings, skip_code: bool) -> Value {
    let mut paths: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(|entry| entry.into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    paths.sort_by_key(|path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
    let mut sources = Sources::default();
    let mut migrations = Vec::new();
    let mut broken = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let file = sources.add(SourceFile::from_bytes(name.clone(), path, std::fs::read(path).unwrap()));
        let text = sources.file(file).text.clone();
        let parsed = parse_file(file, &text, std::slice::from_ref(&(0..text.len() as u32)));
        for statement in &parsed.broken {
            let line = sources.file(file).line_column(statement.span.start).line;
            broken.push(json!({"file": name, "line": line, "sqlstate": "42601", "message": statement.error.message}));
        }
        let mut statements = parsed.statements;
        if skip_code {
            statements.retain(|statement| !matches!(statement.kind, pglint::syntax::StatementKind::Do(_)));
        }
        keep_going(&mut statements);
        migrations.push(Migration { file, statements, gaps: Vec::new(), transaction: TransactionMode::File });
    }
    let mut catalog = replay(&migrations, settings);
    // What refuses a transaction block, or asks for a commit before it, was run outside of one.
    let alone: Vec<_> = catalog.statements().iter().filter(|it| is_refused(&it.outcome)).map(|it| it.file).collect();
    if !alone.is_empty() {
        for migration in migrations.iter_mut().filter(|migration| alone.contains(&migration.file)) {
            migration.transaction = TransactionMode::Statement;
        }
        catalog = replay(&migrations, settings);
    }
    let empty = replay(&[], settings);
    let after = Summary::new(catalog.end(), settings.version).all();
    let before = Summary::new(empty.end(), settings.version).all();
    let mut failed = broken;
    let mut unknown = Vec::new();
    for executed in catalog.statements().iter().filter(|executed| executed.within.is_none()) {
        let file = sources.file(executed.file);
        let line = file.line_column(executed.statement.span.start).line;
        match &executed.outcome {
            Outcome::Refused(refusal) => failed.push(json!({
                "file": file.name, "line": line, "sqlstate": refusal.sqlstate, "message": refusal.message,
                "labels": refusal.labels.iter().map(|(span, text)| format!("{}: {text}", sources.place(*span))).collect::<Vec<_>>(),
                "at": sources.slice(refusal.span).chars().take(80).collect::<String>(),
            })),
            Outcome::Unknown(why) => unknown.push(json!({"file": file.name, "line": line, "why": &**why})),
            _ => {}
        }
    }
    json!({"failed": failed, "unknown": unknown, "catalog": subtract(after, &before)})
}

/// A file's own BEGIN and COMMIT are left out unless it rolls back, so that a failure takes nothing else along.
fn keep_going(statements: &mut Vec<std::sync::Arc<pglint::syntax::Statement>>) {
    use pglint::syntax::{StatementKind, Transaction};
    let rolls_back = |kind: &StatementKind| matches!(kind, StatementKind::Transaction(Transaction::Rollback { .. }));
    if !statements.iter().any(|statement| rolls_back(&statement.kind)) {
        statements.retain(|statement| {
            let control = matches!(
                &statement.kind,
                StatementKind::Transaction(Transaction::Begin { .. } | Transaction::Commit { .. })
            );
            !control
        });
    }
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(refusal) if ["25001", "55P04"].contains(&refusal.sqlstate))
}

fn subtract(after: Map<String, Value>, before: &Map<String, Value>) -> Map<String, Value> {
    let mut changed = Map::new();
    for (kind, objects) in after {
        let old = before.get(&kind).and_then(Value::as_object);
        let Value::Object(objects) = objects else { continue };
        let new: Map<String, Value> =
            objects.into_iter().filter(|(key, value)| old.and_then(|old| old.get(key)) != Some(value)).collect();
        changed.insert(kind, Value::Object(new));
    }
    changed
}

struct Summary<'a> {
    at: CatalogAt<'a>,

    deparser: Deparser<'a>,
}

impl<'a> Summary<'a> {
    fn new(at: CatalogAt<'a>, version: u8) -> Summary<'a> {
        Summary { at, deparser: Deparser::new(at, version) }
    }

    fn all(&self) -> Map<String, Value> {
        let mut all = Map::new();
        for (id, object) in self.at.objects() {
            if let Some((kind, key, value)) = self.entry(id, object)
                && self.is_listed(object)
            {
                let objects = all.entry(kind).or_insert_with(|| json!({}));
                objects.as_object_mut().unwrap().insert(key, strip(value));
            }
        }
        all
    }

    fn is_listed(&self, object: &Object) -> bool {
        let of = object.attached_to().and_then(|of| self.at.get(of));
        let member = object.extension.is_some() || of.is_some_and(|of| of.extension.is_some());
        let schema = object.schema.or_else(|| of.and_then(|of| of.schema));
        let schema = schema.and_then(|schema| self.at.get(schema)).map(|schema| schema.name.as_str());
        let system = schema.is_some_and(|schema| {
            matches!(schema, "pg_catalog" | "information_schema" | "pg_toast") || schema.starts_with("pg_temp")
        });
        // The summary leaves no schema out, whoever it belongs to.
        !system && (!member || matches!(object.kind, Kind::Schema))
    }

    fn name(&self, id: ObjectId) -> String {
        let Some(object) = self.at.get(id) else { return "?".to_owned() };
        match object.schema.and_then(|schema| self.at.get(schema)) {
            Some(schema) if schema.name.as_str() == "pg_catalog" => quote_identifier(&object.name).into_owned(),
            Some(schema) => format!("{}.{}", quote_identifier(&schema.name), quote_identifier(&object.name)),
            None => quote_identifier(&object.name).into_owned(),
        }
    }

    /// Of a table of pg_catalog no dependency is recorded; its views are not pinned.
    fn is_pinned(&self, id: ObjectId) -> bool {
        self.at.get(id).is_some_and(|object| {
            let table = object.as_relation().is_some_and(|it| it.class == RelationClass::Table);
            table && self.at.schema_name(object).as_str() == "pg_catalog"
        })
    }

    fn raw(&self, id: ObjectId) -> String {
        self.at.get(id).map(|object| object.name.to_string()).unwrap_or_default()
    }

    fn owner(&self, object: &Object) -> String {
        object.owner.map(|owner| self.raw(owner)).unwrap_or_default()
    }

    fn part_key(&self, of: ObjectId, object: &Object) -> String {
        format!("{}.{}", self.name(of), quote_identifier(&object.name))
    }

    fn column_names(&self, table: ObjectId, numbers: &[i16]) -> Value {
        let names = numbers.iter().filter_map(|&number| {
            let relation = self.at.get(table)?.as_relation()?;
            Some(relation.column_number(number)?.name.to_string())
        });
        let names: Vec<String> = names.collect();
        if names.is_empty() { Value::Null } else { json!(names) }
    }

    fn type_name(&self, ty: &TypeRef) -> String {
        self.at.column_type(ty)
    }

    fn grants(&self, acl: Option<&Acl>, object: &Object) -> Value {
        let built_in = object.effective_acl();
        let acl = acl.unwrap_or(&built_in);
        let mut grants = Map::new();
        for item in acl {
            let who = match item.grantee {
                Grantee::Public => "public".to_owned(),
                Grantee::Role(role) if Some(role) == object.owner => continue,
                Grantee::Role(role) => self.raw(role),
            };
            let entry = grants.entry(who).or_insert_with(|| json!([]));
            let list = entry.as_array_mut().unwrap();
            list.extend(privilege_names(item.privileges.0).into_iter().map(Value::from));
            list.sort_by_key(ToString::to_string);
            list.dedup();
        }
        Value::Object(grants)
    }

    fn entry(&self, id: ObjectId, object: &Object) -> Option<(&'static str, String, Value)> {
        Some(match &object.kind {
            Kind::Schema => {
                if object.name.starts_with("pg_") || object.name.as_str() == "information_schema" {
                    return None;
                }
                let value = json!({"owner": self.owner(object), "grants": self.grants(object.acl.as_deref(), object)});
                ("schemas", quote_identifier(&object.name).into_owned(), value)
            }
            Kind::Extension(extension) => {
                ("extensions", object.name.to_string(), json!({"schema": self.name(extension.schema)}))
            }
            Kind::Relation(_) => return self.relation(id, object),
            Kind::Constraint(_) => return self.constraint(id, object),
            Kind::Index(index) => ("indexes", self.name(id), self.index(id, index)),
            Kind::Policy(policy) => {
                let mut roles: Vec<String> = policy.roles.iter().map(|&role| self.raw(role)).collect();
                if roles.is_empty() {
                    roles.push("public".to_owned());
                }
                roles.sort();
                let command = match policy.command {
                    PolicyCommand::All => "ALL",
                    PolicyCommand::Select => "SELECT",
                    PolicyCommand::Insert => "INSERT",
                    PolicyCommand::Update => "UPDATE",
                    PolicyCommand::Delete => "DELETE",
                };
                let value = json!({"command": command, "permissive": policy.permissive, "roles": roles,
                    "using": policy.using.as_ref().map(|_| known(self.deparser.policy_using(id))),
                    "check": policy.check.as_ref().map(|_| known(self.deparser.policy_check(id)))});
                ("policies", self.part_key(policy.table, object), value)
            }
            Kind::Trigger(trigger) => {
                let function = trigger.function.and_then(|id| self.at.get(id)).map(|it| self.at.signature(it));
                let columns = trigger.columns.iter().filter_map(|&number| self.at.column(trigger.table, number));
                let columns: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
                let value = json!({"definition": self.deparser.trigger(id), "enabled": firing(trigger.firing), "function": function,
                    "timing": format!("{:?}", trigger.timing), "events": format!("{:?}", trigger.events),
                    "columns": columns, "row": trigger.for_each_row, "constraint": trigger.constraint,
                    "when": trigger.when.is_some(), "args": trigger.args.iter().map(|arg| &**arg).collect::<Vec<_>>()});
                ("triggers", self.part_key(trigger.table, object), value)
            }
            Kind::Rule(rule) => ("rules", self.part_key(rule.table, object), json!({})),
            Kind::Sequence(sequence) => {
                let owned_by = sequence.owned_by.and_then(|(table, column)| {
                    let column = self.at.get(table)?.as_relation()?.column_number(column)?;
                    Some(format!("{}.{}", self.name(table), column.name))
                });
                let ty = match sequence.data_type.as_str() {
                    "int2" => "smallint",
                    "int4" => "integer",
                    _ => "bigint",
                };
                ("sequences", self.name(id), json!({"type": ty, "owned_by": owned_by}))
            }
            Kind::Type(ty) => {
                let (kind, extra) = match &ty.class {
                    TypeClass::Enum { labels } => {
                        let labels: Vec<&str> = labels.iter().map(|label| &*label.text).collect();
                        ("enum", json!({"labels": labels}))
                    }
                    TypeClass::Domain { base, not_null, .. } => {
                        let not_null = not_null.then_some(true);
                        let default = self.deparser.domain_default(id);
                        ("domain", json!({"base": self.type_name(base), "not_null": not_null, "default": default}))
                    }
                    TypeClass::Range { .. } => ("range", json!({})),
                    TypeClass::Multirange { .. } => ("multirange", json!({})),
                    TypeClass::Composite { relation } => {
                        let relation = self.at.get(*relation)?.as_relation()?;
                        if relation.class != RelationClass::CompositeType {
                            return None;
                        }
                        let attributes: Vec<Value> = relation.columns.iter().map(|column| {
                            json!({"name": column.name.as_str(), "type": column.ty.as_ref().map(|ty| self.type_name(ty))})
                        }).collect();
                        ("composite", json!({"attributes": attributes}))
                    }
                    TypeClass::Base => ("base", json!({})),
                    TypeClass::Pseudo => return None,
                };
                let mut value = extra;
                value["kind"] = json!(kind);
                ("types", self.name(id), value)
            }
            Kind::Routine(routine) => {
                let key = self.at.signature(object);
                let kind = match routine.kind {
                    RoutineKind::Function => "function",
                    RoutineKind::Procedure => "procedure",
                    RoutineKind::Aggregate => "aggregate",
                    RoutineKind::Window => "window",
                };
                let volatility = match routine.volatility {
                    Volatility::Immutable => "immutable",
                    Volatility::Stable => "stable",
                    Volatility::Volatile => "volatile",
                };
                let config: Vec<String> =
                    routine.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let value = json!({"schema": self.at.schema_name(object).as_str(), "name": object.name.as_str(),
                    "arguments": self.deparser.routine_arguments(id), "result": self.deparser.routine_result(id),
                    "identity_arguments": self.at.identity_arguments(routine), "kind": kind,
                    "language": routine.language.as_str(), "security_definer": routine.security_definer,
                    "volatility": volatility, "strict": routine.strict,
                    "config": (!config.is_empty()).then_some(config), "source": &*routine.source,
                    "owner": self.owner(object), "grants": self.grants(object.acl.as_deref(), object)});
                ("functions", key, value)
            }
            Kind::DefaultPrivileges(defaults) => {
                let what = match defaults.object {
                    Tag::Relation => "tables",
                    Tag::Sequence => "sequences",
                    Tag::Routine => "functions",
                    Tag::Type => "types",
                    _ => "schemas",
                };
                let schema = defaults.schema.map_or("-".to_owned(), |schema| self.name(schema));
                let key = format!("{} in {schema} on {what}", self.raw(defaults.role));
                let grants = self.grants(Some(&defaults.acl), &Object::new("".into(), None, Kind::Schema));
                ("default_privileges", key, grants)
            }
            Kind::EventTrigger(trigger) => {
                let function = trigger.function.and_then(|id| self.at.get(id)).map(|it| self.at.signature(it));
                let value = json!({"event": trigger.event.as_str(), "function": function,
                    "enabled": firing(trigger.firing)});
                ("event_triggers", object.name.to_string(), value)
            }
            Kind::Bucket(bucket) => ("buckets", object.name.to_string(), json!({"public": bucket.public})),
            Kind::Publication(publication) => {
                let mut tables: Vec<String> = publication.tables.iter().map(|it| self.name(it.table)).collect();
                tables.sort();
                (
                    "publications",
                    object.name.to_string(),
                    json!({"all_tables": publication.all_tables, "tables": tables}),
                )
            }
            Kind::Role(role) => {
                if object.name.starts_with("pg_") {
                    return None;
                }
                let mut member_of: Vec<String> = role.member_of.iter().map(|it| self.raw(it.role)).collect();
                member_of.sort();
                (
                    "roles",
                    object.name.to_string(),
                    json!({"bypassrls": role.bypass_rls, "superuser": role.superuser,
                    "login": role.login, "inherit": role.inherit, "member_of": member_of}),
                )
            }
            _ => return None,
        })
    }

    fn relation(&self, id: ObjectId, object: &Object) -> Option<(&'static str, String, Value)> {
        let relation = object.as_relation()?;
        let kind = match relation.class {
            RelationClass::Table => "table",
            RelationClass::PartitionedTable => "partitioned table",
            RelationClass::View => "view",
            RelationClass::MaterializedView => "materialized view",
            RelationClass::ForeignTable => "foreign table",
            RelationClass::CompositeType => return None,
        };
        let parents: Vec<String> = relation.parents.iter().map(|&parent| self.name(parent)).collect();
        let partition = relation.bound.is_some();
        let options: Vec<String> = relation
            .options
            .iter()
            .filter(|(name, _)| !name.starts_with("toast."))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut reads: Vec<String> = relation
            .query
            .iter()
            .flat_map(|it| &it.reads)
            .filter(|(id, _)| !self.is_pinned(*id))
            .map(|(id, _)| self.name(*id))
            .collect();
        reads.sort();
        reads.dedup();
        let columns: Vec<Value> = relation
            .columns
            .iter()
            .map(|column| {
                strip(json!({
                    "name": column.name.as_str(), "attnum": column.number,
                    "type": column.ty.as_ref().map(|ty| self.type_name(ty)),
                    "not_null": column.not_null,
                    "default": column.default.as_ref().map(|_| known(self.deparser.column_default(id, column.number))),
                    "generated": column.generated.as_ref().map(|_| known(self.deparser.column_generated(id, column.number))),
                    "identity": column.identity.map(|it| match it {
                        pglint::catalog::Identity::Always => "always",
                        pglint::catalog::Identity::ByDefault => "by default",
                    }),
                    "collation": column.collation.map(|it| quote_identifier(&it).into_owned()),
                    "grants": column.acl.as_deref().map(|acl| self.grants(Some(acl), object)),
                }))
            })
            .collect();
        let view = matches!(relation.class, RelationClass::View | RelationClass::MaterializedView);
        let value = json!({
            "kind": kind,
            "schema": object.schema.map(|schema| self.raw(schema)),
            "name": object.name.as_str(),
            "owner": self.owner(object),
            "unlogged": (relation.persistence == Persistence::Unlogged).then_some(true),
            "rls": relation.row_security.is_some(),
            "force_rls": relation.force_row_security.then_some(true),
            "partition_of": if partition { parents.first().cloned() } else { None },
            "inherits": if partition || parents.is_empty() { Value::Null } else { json!(parents) },
            "options": if options.is_empty() { Value::Null } else { json!(options) },
            "replica_identity": match relation.replica_identity {
                ReplicaIdentity::Default => Value::Null,
                ReplicaIdentity::Full => json!("f"),
                ReplicaIdentity::Nothing => json!("n"),
                ReplicaIdentity::Index(_) => json!("i"),
            },
            "definition": if view { self.deparser.view(id) } else { None },
            "partition_bound": relation.bound.as_ref().map(|_| known(self.deparser.partition_bound(id))),
            "partition_key": relation.partition_key.as_ref().map(|_| known(self.deparser.partition_key(id))),
            "reads": if view && !reads.is_empty() { json!(reads) } else { Value::Null },
            "grants": self.grants(object.acl.as_deref(), object),
            "columns": columns,
        });
        Some(("relations", self.name(id), value))
    }

    fn constraint(&self, id: ObjectId, object: &Object) -> Option<(&'static str, String, Value)> {
        let Kind::Constraint(constraint) = &object.kind else { return None };
        let of = self.at.get(constraint.of)?;
        let key = if of.as_type().is_some() {
            format!("-.{}", quote_identifier(&object.name))
        } else {
            self.part_key(constraint.of, object)
        };
        let kind = match &constraint.kind {
            ConstraintKind::NotNull { .. } => "not null",
            ConstraintKind::Check { .. } => "check",
            ConstraintKind::Primary { .. } => "primary key",
            ConstraintKind::Unique { .. } => "unique",
            ConstraintKind::Exclude { .. } => "exclude",
            ConstraintKind::ForeignKey(_) => "foreign key",
            ConstraintKind::Trigger => "trigger",
        };
        let columns = self.column_names(constraint.of, constraint.kind.columns());
        let mut value = json!({
            "definition": self.deparser.constraint(id), "type": kind, "validated": constraint.validated, "columns": columns,
            "inherited": (constraint.inherited > 0).then_some(true),
            "index": constraint.kind.own_index().map(|index| self.name(index)),
        });
        if let ConstraintKind::ForeignKey(key) = &constraint.kind {
            value["references"] = json!(self.name(key.references));
            value["referenced_columns"] = self.column_names(key.references, &key.referenced_columns);
            value["index"] = json!(key.index.map(|index| self.name(index)));
        }
        Some(("constraints", key, value))
    }

    fn index(&self, id: ObjectId, index: &Index) -> Value {
        let pretty = self.deparser.styled(Style::PRETTY);
        let count = index.keys.len() + index.include.len();
        let columns: Vec<Option<String>> = (0..count).map(|place| pretty.index_column(id, place)).collect();
        json!({
            "table": self.name(index.table), "method": index.access_method.as_str(), "unique": index.unique,
            "primary": index.primary, "valid": index.valid, "key_columns": index.keys.len(),
            "columns": columns, "definition": self.deparser.index(id),
            "predicate": index.predicate.as_ref().map(|_| known(self.deparser.index_predicate(id))),
            "constraint": index.constraint.map(|it| self.raw(it)),
        })
    }
}

/// What could not be printed is told from what is not there.
fn known(text: Option<String>) -> String {
    text.unwrap_or_else(|| "?".to_owned())
}

fn firing(firing: Firing) -> &'static str {
    match firing {
        Firing::Enabled => "O",
        Firing::Always => "A",
        Firing::Replica => "R",
        Firing::Disabled => "D",
    }
}

fn privilege_names(bits: u16) -> Vec<&'static str> {
    let names = [
        "INSERT",
        "SELECT",
        "UPDATE",
        "DELETE",
        "TRUNCATE",
        "REFERENCES",
        "TRIGGER",
        "EXECUTE",
        "USAGE",
        "CREATE",
        "TEMPORARY",
        "CONNECT",
        "SET",
        "ALTER SYSTEM",
        "MAINTAIN",
    ];
    names.iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, name)| *name).collect()
}

/// Leaves out what is null, as the summary does.
fn strip(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}
