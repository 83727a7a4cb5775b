//! Objects as data: what `pglint schema --format json` prints, and what is compared.

use serde_json::{Map, Value, json};

use super::Schema;
use crate::catalog::{
    Acl, Column, Constraint, ConstraintKind, DefaultPrivileges, Found, Grantee, Identity, Index, Kind, Object,
    ObjectId, Policy, Relation, RelationClass, Role, Routine, RoutineKind, Rule, Sequence, Tag, Trigger, Type,
    TypeClass,
};
use crate::syntax::quote::quote_identifier;
use crate::syntax::{Firing, Persistence, PolicyCommand, ReplicaIdentity, Volatility};

/// Objects by kind, then by name.
pub type Objects = Map<String, Value>;

/// All objects, those of the empty database too; `place` says where an object was made, where that is wanted.
pub fn summary(schema: &Schema<'_>, place: impl Fn(ObjectId) -> Option<Value>) -> Objects {
    let mut all = Objects::new();
    for (id, object) in schema.at.objects() {
        let entry = if schema.is_listed(object) { schema.entry(id, object) } else { None };
        let Some((kind, key, value)) = entry else { continue };
        let mut value = strip(value);
        if let (Some(place), Value::Object(fields)) = (place(id), &mut value) {
            fields.insert("made".to_owned(), place);
        }
        let objects = all.entry(kind).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(objects) = objects {
            objects.insert(key, value);
        }
    }
    all
}

/// What of `after` is not just so in `before`.
pub fn changed(after: Objects, before: &Objects) -> Objects {
    let mut changed = Objects::new();
    for (kind, objects) in after {
        let old = before.get(&kind).and_then(Value::as_object);
        let Value::Object(objects) = objects else { continue };
        let is_new = |key: &String, value: &Value| old.and_then(|old| old.get(key)).is_none_or(|old| !same(old, value));
        let new: Map<String, Value> = objects.into_iter().filter(|(key, value)| is_new(key, value)).collect();
        if !new.is_empty() {
            changed.insert(kind, Value::Object(new));
        }
    }
    changed
}

/// Whether two objects are the same but for where they were made.
fn same(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_object(), b.as_object()) else { return a == b };
    let fields = |map: &'_ Map<String, Value>| map.len() - usize::from(map.contains_key("made"));
    fields(a) == fields(b) && a.iter().all(|(key, value)| key == "made" || b.get(key) == Some(value))
}

fn rule(rule: &Rule) -> Value {
    json!({"event": command(rule.event), "instead": rule.instead, "enabled": firing(rule.firing)})
}

type Entry = (&'static str, String, Value);

impl Schema<'_> {
    fn entry(&self, id: ObjectId, object: &Object) -> Option<Entry> {
        match &object.kind {
            Kind::Schema => self.schema_entry(object),
            Kind::Extension(it) => {
                Some(("extensions", object.name.to_string(), json!({"schema": self.name(it.schema)})))
            }
            Kind::Relation(it) => self.relation(id, object, it),
            Kind::Constraint(it) => self.constraint(id, object, it),
            Kind::Index(it) => Some(("indexes", self.name(id), self.index(id, it))),
            Kind::Policy(it) => Some(("policies", self.part_key(it.table, object), self.policy(id, it))),
            Kind::Trigger(it) => Some(("triggers", self.part_key(it.table, object), self.trigger(id, it))),
            Kind::Rule(it) => Some(("rules", self.part_key(it.table, object), rule(it))),
            Kind::Sequence(it) => Some(("sequences", self.name(id), self.sequence(it))),
            Kind::Type(it) => Some(("types", self.name(id), self.ty(id, it)?)),
            Kind::Routine(it) => Some(("functions", self.at.signature(object), self.routine(id, object, it))),
            Kind::DefaultPrivileges(it) => Some(self.default_privileges(it)),
            Kind::EventTrigger(it) => {
                let value = json!({"event": it.event.as_str(), "function": self.function(it.function),
                    "enabled": firing(it.firing)});
                Some(("event_triggers", object.name.to_string(), value))
            }
            Kind::Bucket(it) => Some(("buckets", object.name.to_string(), json!({"public": it.public}))),
            Kind::Publication(it) => {
                let mut tables: Vec<String> = it.tables.iter().map(|it| self.name(it.table)).collect();
                tables.sort();
                Some(("publications", object.name.to_string(), json!({"all_tables": it.all_tables, "tables": tables})))
            }
            Kind::Role(it) if !object.name.starts_with("pg_") => {
                Some(("roles", object.name.to_string(), self.role(it)))
            }
            _ => None,
        }
    }

    /// The name as `regclass` prints it with an empty search_path.
    pub(super) fn name(&self, id: ObjectId) -> String {
        self.deparser.object_name(id).unwrap_or_else(|| "?".to_owned())
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

    fn column_names(&self, table: ObjectId, numbers: &[i16]) -> Option<Vec<String>> {
        let name = |&number: &i16| self.at.column(table, number).map(|column| column.name.to_string());
        let names: Vec<String> = numbers.iter().filter_map(name).collect();
        (!names.is_empty()).then_some(names)
    }

    fn function(&self, id: Option<ObjectId>) -> Option<String> {
        id.and_then(|id| self.at.get(id)).map(|object| self.at.signature(object))
    }

    /// Who has which privileges, the owner left out.
    fn grants(&self, acl: &Acl, object: &Object) -> Value {
        let mut grants: std::collections::BTreeMap<String, std::collections::BTreeSet<&str>> =
            std::collections::BTreeMap::new();
        for item in acl {
            let who = match item.grantee {
                Grantee::Public => "public".to_owned(),
                Grantee::Role(role) if Some(role) == object.owner => continue,
                Grantee::Role(role) => self.raw(role),
            };
            grants.entry(who).or_default().extend(item.privileges.words());
        }
        json!(grants)
    }

    fn schema_entry(&self, object: &Object) -> Option<Entry> {
        if object.name.starts_with("pg_") || object.name.as_str() == "information_schema" {
            return None;
        }
        let value = json!({"owner": self.owner(object), "grants": self.grants(&object.effective_acl(), object)});
        Some(("schemas", quote_identifier(&object.name).into_owned(), value))
    }

    fn policy(&self, id: ObjectId, policy: &Policy) -> Value {
        let mut roles: Vec<String> = policy.roles.iter().map(|&role| self.raw(role)).collect();
        if roles.is_empty() {
            roles.push("public".to_owned());
        }
        roles.sort();
        json!({"command": command(policy.command), "permissive": policy.permissive, "roles": roles,
            "using": policy.using.as_ref().map(|_| known(self.deparser.policy_using(id))),
            "check": policy.check.as_ref().map(|_| known(self.deparser.policy_check(id)))})
    }

    fn trigger(&self, id: ObjectId, trigger: &Trigger) -> Value {
        json!({"definition": known(self.deparser.trigger(id)), "enabled": firing(trigger.firing),
            "function": self.function(trigger.function)})
    }

    fn sequence(&self, sequence: &Sequence) -> Value {
        let owned_by = sequence
            .owned_by
            .and_then(|(table, column)| Some(format!("{}.{}", self.name(table), self.at.column(table, column)?.name)));
        let ty = match sequence.data_type.as_str() {
            "int2" => "smallint",
            "int4" => "integer",
            _ => "bigint",
        };
        json!({"type": ty, "owned_by": owned_by})
    }

    fn ty(&self, id: ObjectId, ty: &Type) -> Option<Value> {
        Some(match &ty.class {
            TypeClass::Enum { labels } => {
                json!({"kind": "enum", "labels": labels.iter().map(|label| &*label.text).collect::<Vec<_>>()})
            }
            TypeClass::Domain { base, not_null, default } => json!({"kind": "domain",
                "base": self.at.column_type(base), "not_null": not_null.then_some(true),
                "default": default.as_ref().map(|_| known(self.deparser.domain_default(id)))}),
            TypeClass::Range { .. } => json!({"kind": "range"}),
            TypeClass::Multirange { .. } => json!({"kind": "multirange"}),
            TypeClass::Composite { relation } => {
                let relation = self.at.get(*relation)?.as_relation()?;
                if relation.class != RelationClass::CompositeType {
                    return None;
                }
                let attribute = |column: &std::sync::Arc<Column>| json!({"name": column.name.as_str(), "type": column.ty.as_ref().map(|ty| self.at.column_type(ty))});
                json!({"kind": "composite", "attributes": relation.columns.iter().map(attribute).collect::<Vec<_>>()})
            }
            TypeClass::Base => json!({"kind": "base"}),
            TypeClass::Pseudo => return None,
        })
    }

    fn routine(&self, id: ObjectId, object: &Object, routine: &Routine) -> Value {
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
        let config: Vec<String> = routine.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        json!({"schema": self.at.schema_name(object).as_str(), "name": object.name.as_str(),
            "identity_arguments": self.at.identity_arguments(routine),
            "arguments": known(self.deparser.routine_arguments(id)), "result": self.deparser.routine_result(id),
            "kind": kind, "language": routine.language.as_str(), "security_definer": routine.security_definer,
            "volatility": volatility, "strict": routine.strict, "config": (!config.is_empty()).then_some(config),
            "source_md5": crate::advisor::md5(&routine.source),
            "owner": self.owner(object), "grants": self.grants(&object.effective_acl(), object)})
    }

    fn default_privileges(&self, defaults: &DefaultPrivileges) -> Entry {
        let what = match defaults.object {
            Tag::Relation => "tables",
            Tag::Sequence => "sequences",
            Tag::Routine => "functions",
            Tag::Type => "types",
            _ => "schemas",
        };
        let schema = defaults.schema.map_or("-".to_owned(), |schema| self.name(schema));
        let key = format!("{} in {schema} on {what}", self.raw(defaults.role));
        let nobody = Object::new("".into(), None, Kind::Schema);
        ("default_privileges", key, self.grants(&defaults.acl, &nobody))
    }

    fn role(&self, role: &Role) -> Value {
        let mut member_of: Vec<String> = role.member_of.iter().map(|it| self.raw(it.role)).collect();
        member_of.sort();
        json!({"bypassrls": role.bypass_rls, "superuser": role.superuser, "login": role.login,
            "inherit": role.inherit, "member_of": member_of})
    }

    fn relation(&self, id: ObjectId, object: &Object, relation: &Relation) -> Option<Entry> {
        let parents: Vec<String> = relation.parents.iter().map(|&parent| self.name(parent)).collect();
        let partition = relation.bound.is_some();
        let options: Vec<String> = own_options(relation).map(|(name, value)| format!("{name}={value}")).collect();
        let view = matches!(relation.class, RelationClass::View | RelationClass::MaterializedView);
        let columns: Vec<Value> =
            relation.columns.iter().map(|column| strip(self.column(id, object, column))).collect();
        let value = json!({
            "kind": kind(relation.class)?,
            "schema": object.schema.map(|schema| self.raw(schema)),
            "name": object.name.as_str(),
            "owner": self.owner(object),
            "unlogged": (relation.persistence == Persistence::Unlogged).then_some(true),
            "rls": relation.row_security.is_some(),
            "force_rls": relation.force_row_security.then_some(true),
            "partition_of": if partition { parents.first() } else { None },
            "partition_bound": relation.bound.as_ref().map(|_| known(self.deparser.partition_bound(id))),
            "partition_key": relation.partition_key.as_ref().map(|_| known(self.deparser.partition_key(id))),
            "inherits": (!partition && !parents.is_empty()).then_some(&parents),
            "options": (!options.is_empty()).then_some(options),
            "replica_identity": match relation.replica_identity {
                ReplicaIdentity::Default => None,
                ReplicaIdentity::Full => Some("f"),
                ReplicaIdentity::Nothing => Some("n"),
                ReplicaIdentity::Index(_) => Some("i"),
            },
            "definition": view.then(|| known(self.deparser.view(id))),
            "reads": if view { self.reads(relation) } else { None },
            "grants": self.grants(&object.effective_acl(), object),
            "columns": columns,
        });
        Some(("relations", self.name(id), value))
    }

    fn column(&self, id: ObjectId, object: &Object, column: &Column) -> Value {
        json!({
            "name": column.name.as_str(), "attnum": column.number,
            "type": column.ty.as_ref().map(|ty| self.at.column_type(ty)),
            "not_null": column.not_null,
            "default": column.default.as_ref().map(|_| known(self.deparser.column_default(id, column.number))),
            "generated": column.generated.as_ref().map(|_| known(self.deparser.column_generated(id, column.number))),
            "identity": column.identity.map(|it| match it {
                Identity::Always => "always",
                Identity::ByDefault => "by default",
            }),
            "collation": column.collation.map(|it| quote_identifier(&it).into_owned()),
            "grants": column.acl.as_deref().map(|acl| self.grants(acl, object)),
        })
    }

    /// The relations that a view reads. Of a table of pg_catalog no dependency is recorded; its views are not pinned.
    fn reads(&self, relation: &Relation) -> Option<Vec<String>> {
        let pinned = |id: ObjectId| {
            self.at.relation(id).is_some_and(|Found { object, is, .. }| {
                is.class == RelationClass::Table && self.at.schema_name(object).as_str() == "pg_catalog"
            })
        };
        let reads = relation.query.iter().flat_map(|query| &query.reads);
        let mut names: Vec<String> = reads.filter(|(id, _)| !pinned(*id)).map(|(id, _)| self.name(*id)).collect();
        names.sort();
        names.dedup();
        (!names.is_empty()).then_some(names)
    }

    fn constraint(&self, id: ObjectId, object: &Object, constraint: &Constraint) -> Option<Entry> {
        let of = self.at.get(constraint.of)?;
        // The server's `regclass` of what is no relation.
        let key = match of.as_type() {
            Some(_) => format!("-.{}", quote_identifier(&object.name)),
            None => self.part_key(constraint.of, object),
        };
        let mut value = json!({
            "definition": known(self.deparser.constraint(id)), "type": constraint_kind(&constraint.kind),
            "validated": constraint.validated, "columns": self.column_names(constraint.of, constraint.kind.columns()),
            "inherited": (constraint.inherited > 0).then_some(true),
            "index": constraint.kind.own_index().map(|index| self.name(index)),
        });
        if let ConstraintKind::ForeignKey(key) = &constraint.kind {
            value["references"] = json!(self.name(key.references));
            value["referenced_columns"] = json!(self.column_names(key.references, &key.referenced_columns));
            value["index"] = json!(key.index.map(|index| self.name(index)));
        }
        Some(("constraints", key, value))
    }

    fn index(&self, id: ObjectId, index: &Index) -> Value {
        let pretty = self.deparser.styled(crate::catalog::deparse::Style::PRETTY);
        let count = index.keys.len() + index.include.len();
        let columns: Vec<String> = (0..count).map(|place| known(pretty.index_column(id, place))).collect();
        json!({
            "table": self.name(index.table), "method": index.access_method.as_str(), "unique": index.unique,
            "primary": index.primary, "valid": index.valid, "key_columns": index.keys.len(),
            "columns": columns, "definition": known(self.deparser.index(id)),
            "predicate": index.predicate.as_ref().map(|_| known(self.deparser.index_predicate(id))),
            "constraint": index.constraint.map(|it| self.raw(it)),
        })
    }
}

/// The storage parameters of the relation itself.
pub(super) fn own_options(relation: &Relation) -> impl Iterator<Item = &(crate::syntax::Name, std::sync::Arc<str>)> {
    relation.options.iter().filter(|(name, _)| !name.starts_with("toast."))
}

fn kind(class: RelationClass) -> Option<&'static str> {
    Some(match class {
        RelationClass::Table => "table",
        RelationClass::PartitionedTable => "partitioned table",
        RelationClass::View => "view",
        RelationClass::MaterializedView => "materialized view",
        RelationClass::ForeignTable => "foreign table",
        RelationClass::CompositeType => return None,
    })
}

fn constraint_kind(kind: &ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::NotNull { .. } => "not null",
        ConstraintKind::Check { .. } => "check",
        ConstraintKind::Primary { .. } => "primary key",
        ConstraintKind::Unique { .. } => "unique",
        ConstraintKind::Exclude { .. } => "exclude",
        ConstraintKind::ForeignKey(_) => "foreign key",
        ConstraintKind::Trigger => "trigger",
    }
}

/// The word for the statements that a policy or rule is for.
pub(super) fn command(command: PolicyCommand) -> &'static str {
    match command {
        PolicyCommand::All => "ALL",
        PolicyCommand::Select => "SELECT",
        PolicyCommand::Insert => "INSERT",
        PolicyCommand::Update => "UPDATE",
        PolicyCommand::Delete => "DELETE",
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

/// Leaves out what is null.
fn strip(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}
