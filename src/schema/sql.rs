//! The schema as SQL that a server takes, run on the empty database of the same platform.

use std::fmt::Write;

use super::Schema;
use super::sql_order::in_order;
use super::sql_table::with_options;
use super::summary::command;
use crate::catalog::{
    Kind, Object, ObjectId, Policy, Publication, Relation, RelationClass, Role, Routine, RoutineKind, Tag, Type,
    TypeClass,
};
use crate::syntax::quote::{quote_identifier, quote_literal};
use crate::syntax::{Firing, TriggerEvents};

/// What the text begins with: names are written out, and what functions do is not looked at.
const HEAD: &str = "\
SET check_function_bodies = false;
SET search_path = '';
";

/// The statements that make the schema. What is made by one statement that is not printed anew (aggregates, operators,
/// text search objects …) is given as it was written.
pub fn sql(schema: &Schema<'_>) -> String {
    let mut out = Vec::new();
    schema.given_sql(&mut out);
    schema.roles(&mut out);
    schema.objects(&mut out);
    schema.buckets(&mut out);
    schema.parts(&mut out);
    schema.security(&mut out);
    schema.privileges(&mut out);
    schema.rest(&mut out);
    let mut text = HEAD.to_owned();
    for statement in out {
        text.push('\n');
        text.push_str(&statement);
        text.push('\n');
    }
    text
}

impl Schema<'_> {
    /// The project's own objects of a kind.
    fn own(&self, tag: Tag) -> impl Iterator<Item = (ObjectId, &Object)> {
        let new = self.at.of_kind(tag).filter(|(id, object)| !self.is_given(*id) && self.is_listed(object));
        new.map(|(id, object)| (id, &**object))
    }

    fn relations(&self) -> impl Iterator<Item = (ObjectId, &Object, &Relation)> {
        let all = self.at.of_kind(Tag::Relation).filter(|(_, object)| self.is_listed(object));
        all.filter_map(|(id, object)| Some((id, &**object, object.as_relation()?)))
    }

    fn roles(&self, out: &mut Vec<String>) {
        for (id, object) in self.own(Tag::Role) {
            let Some(role) = object.as_role() else { continue };
            out.push(format!("CREATE ROLE {}{};", self.name(id), role_options(role)));
        }
        for (id, object) in self.at.of_kind(Tag::Role) {
            let given = self.empty.get(id).and_then(|object| object.as_role());
            for membership in object.as_role().into_iter().flat_map(|role| &role.member_of) {
                if given.is_some_and(|given| given.member_of.iter().any(|it| it.role == membership.role)) {
                    continue;
                }
                let admin = if membership.admin { " WITH ADMIN OPTION" } else { "" };
                out.push(format!("GRANT {} TO {}{admin};", self.name(membership.role), self.name(id)));
            }
        }
    }

    /// Everything that has a name of its own, each after what it needs.
    fn objects(&self, out: &mut Vec<String>) {
        let made: Vec<ObjectId> = self
            .at
            .objects()
            .filter(|(id, object)| !self.is_given(*id) && self.is_listed(object) && is_made_alone(self, object))
            .map(|(id, _)| id)
            .collect();
        for id in in_order(self, &made) {
            let Some(object) = self.at.get(id) else { continue };
            out.extend(self.create(id, object));
            if let Kind::Schema = object.kind {
                self.owner_sql(id, object, out);
            }
        }
        self.replaced_sql(out);
    }

    fn create(&self, id: ObjectId, object: &Object) -> Option<String> {
        let name = self.name(id);
        Some(match &object.kind {
            Kind::Schema => format!("CREATE SCHEMA IF NOT EXISTS {name};"),
            Kind::Extension(it) => {
                format!("CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {};", self.name(it.schema))
            }
            Kind::Type(ty) => return self.create_type(id, object, ty),
            Kind::Sequence(sequence) => self.create_sequence(id, sequence),
            Kind::Relation(relation) => match relation.class {
                RelationClass::View | RelationClass::MaterializedView => self.create_view(id, object, relation)?,
                RelationClass::CompositeType => self.create_composite(id, relation),
                RelationClass::ForeignTable => return self.as_written(id),
                RelationClass::Table | RelationClass::PartitionedTable => self.create_table(id, relation),
            },
            Kind::Routine(routine) => return self.create_routine(id, routine),
            _ => return self.as_written(id),
        })
    }

    /// An expression as it was written, where it cannot be printed anew.
    pub(super) fn written(&self, expr: &crate::syntax::Expr) -> String {
        format!("({})", self.sources.slice(expr.span))
    }

    /// The statement that made an object, with the search_path it ran with.
    fn as_written(&self, id: ObjectId) -> Option<String> {
        let made = self.at.catalog().statement(self.at.made_by(id)?)?;
        let path = made.search_path.iter().map(|&schema| self.name(schema));
        let path: Vec<String> = path.filter(|name| !name.starts_with("pg_")).collect();
        let path = if path.is_empty() { "''".to_owned() } else { path.join(", ") };
        let text = self.sources.slice(made.statement.span);
        Some(format!("SET search_path = {path};\n{text};\nSET search_path = '';"))
    }

    fn create_type(&self, id: ObjectId, object: &Object, ty: &Type) -> Option<String> {
        let name = self.name(id);
        Some(match &ty.class {
            TypeClass::Enum { labels } => {
                let labels: Vec<String> =
                    labels.iter().map(|label| format!("    {}", quote_literal(&label.text))).collect();
                format!("CREATE TYPE {name} AS ENUM (\n{}\n);", labels.join(",\n"))
            }
            TypeClass::Domain { base, not_null, default } => {
                let mut sql = format!("CREATE DOMAIN {name} AS {}", self.at.column_type(base));
                if *not_null {
                    sql.push_str(" NOT NULL");
                }
                if let Some(default) = default {
                    let text = self.plain.domain_default(id);
                    let text = text.unwrap_or_else(|| self.written(default));
                    let _ = write!(sql, " DEFAULT {text}");
                }
                for (constraint, part) in self.at.attached(id) {
                    let text = self.plain.constraint(constraint).filter(|text| text.starts_with("CHECK"));
                    if let Some(text) = text {
                        let _ = write!(sql, "\n    CONSTRAINT {} {text}", quote_identifier(&part.name));
                    }
                }
                sql + ";"
            }
            TypeClass::Multirange { .. } | TypeClass::Composite { .. } | TypeClass::Pseudo => return None,
            TypeClass::Range { .. } | TypeClass::Base => {
                _ = object;
                return self.as_written(id);
            }
        })
    }

    fn create_composite(&self, id: ObjectId, relation: &Relation) -> String {
        let attribute = |column: &std::sync::Arc<crate::catalog::Column>| {
            let ty = column.ty.as_ref().map_or("text".to_owned(), |ty| self.at.column_type(ty));
            format!("    {} {ty}", quote_identifier(&column.name))
        };
        let attributes: Vec<String> = relation.columns.iter().map(attribute).collect();
        format!("CREATE TYPE {} AS (\n{}\n);", self.name(id), attributes.join(",\n"))
    }

    fn create_view(&self, id: ObjectId, object: &Object, relation: &Relation) -> Option<String> {
        let materialized = relation.class == RelationClass::MaterializedView;
        let Some(query) = self.deparser.stable().view(id) else { return self.as_written(id) };
        let word = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let body = if materialized { query.trim_end_matches(';') } else { &query };
        let data = match (materialized, relation.populated) {
            (true, false) => "\nWITH NO DATA;",
            (true, true) => ";",
            _ => "",
        };
        _ = object;
        Some(format!("CREATE {word} {}{} AS\n{body}{data}", self.name(id), with_options(relation)))
    }

    pub(super) fn create_routine(&self, id: ObjectId, routine: &Routine) -> Option<String> {
        let printed = matches!(routine.kind, RoutineKind::Function | RoutineKind::Procedure)
            && !matches!(routine.language.as_str(), "c" | "internal");
        let definition = if printed { self.plain.routine_definition(id) } else { None };
        let Some(definition) = definition else { return self.as_written(id) };
        let definition = definition.replacen("CREATE OR REPLACE ", "CREATE ", 1);
        Some(format!("{};", definition.trim_end()))
    }

    /// Parts of tables: what belongs to their columns, constraints, indexes, partitions.
    fn parts(&self, out: &mut Vec<String>) {
        for (id, object) in self.own(Tag::Sequence) {
            let owner = object.as_sequence().filter(|it| !it.identity).and_then(|it| it.owned_by);
            if let Some((table, number)) = owner {
                let column = self.at.column_name(table, number);
                let column = quote_identifier(&column);
                out.push(format!("ALTER SEQUENCE {} OWNED BY {}.{column};", self.name(id), self.name(table)));
            }
        }
        for (id, _, relation) in self.relations().filter(|(_, _, it)| it.class != RelationClass::CompositeType) {
            self.defaults_sql(id, relation, out);
            self.details_sql(id, relation, out);
        }
        self.for_tables(out, |schema, id, _, out| schema.constraints_sql(id, false, out));
        for (id, object) in self.own(Tag::Index) {
            let made = object.as_index().is_some_and(|index| index.constraint.is_none());
            if let (true, Some(text)) = (made, self.plain.index(id)) {
                out.push(text + ";");
            }
        }
        self.for_tables(out, |schema, id, _, out| schema.constraints_sql(id, true, out));
        self.for_tables(out, |schema, id, relation, out| {
            if !schema.is_given(id) {
                out.extend(schema.attach_sql(id, relation));
            }
        });
        for (id, object) in self.own(Tag::Trigger) {
            let Some(trigger) = object.as_trigger().filter(|it| it.parent.is_none()) else { continue };
            out.extend(self.plain.trigger(id).map(|text| text + ";").or_else(|| self.as_written(id)));
            out.extend(self.firing(trigger.table, "TRIGGER", object, trigger.firing));
        }
        for (id, object) in self.own(Tag::Rule) {
            let Kind::Rule(rule) = &object.kind else { continue };
            out.extend(self.as_written(id));
            out.extend(self.firing(rule.table, "RULE", object, rule.firing));
        }
        for tag in [Tag::Statistics, Tag::EventTrigger] {
            out.extend(self.own(tag).filter_map(|(id, _)| self.as_written(id)));
        }
    }

    fn for_tables(&self, out: &mut Vec<String>, f: impl Fn(&Self, ObjectId, &Relation, &mut Vec<String>)) {
        for (id, _, relation) in self.relations() {
            if matches!(relation.class, RelationClass::Table | RelationClass::PartitionedTable) {
                f(self, id, relation, out);
            }
        }
    }

    fn firing(&self, table: ObjectId, what: &str, object: &Object, firing: Firing) -> Option<String> {
        let word = match firing {
            Firing::Enabled => return None,
            Firing::Disabled => "DISABLE",
            Firing::Always => "ENABLE ALWAYS",
            Firing::Replica => "ENABLE REPLICA",
        };
        Some(format!("ALTER TABLE {} {word} {what} {};", self.name(table), quote_identifier(&object.name)))
    }

    /// Row level security.
    fn security(&self, out: &mut Vec<String>) {
        for (id, _, relation) in self.relations() {
            let given = self.empty.get(id).and_then(|object| object.as_relation());
            let (enabled, forced) =
                given.map_or((false, false), |it| (it.row_security.is_some(), it.force_row_security));
            let name = self.name(id);
            if enabled != relation.row_security.is_some() {
                let word = if enabled { "DISABLE" } else { "ENABLE" };
                out.push(format!("ALTER TABLE {name} {word} ROW LEVEL SECURITY;"));
            }
            if forced != relation.force_row_security {
                let word = if forced { "NO FORCE" } else { "FORCE" };
                out.push(format!("ALTER TABLE {name} {word} ROW LEVEL SECURITY;"));
            }
        }
        for (id, object) in self.own(Tag::Policy) {
            if let Some(policy) = object.as_policy() {
                out.push(self.create_policy(id, object, policy));
            }
        }
    }

    fn create_policy(&self, id: ObjectId, object: &Object, policy: &Policy) -> String {
        let mut sql = format!("CREATE POLICY {} ON {}", quote_identifier(&object.name), self.name(policy.table));
        if !policy.permissive {
            sql.push_str(" AS RESTRICTIVE");
        }
        let _ = write!(sql, " FOR {}", command(policy.command));
        let roles: Vec<String> = policy.roles.iter().map(|&role| self.name(role)).collect();
        if !roles.is_empty() {
            let _ = write!(sql, " TO {}", roles.join(", "));
        }
        if let Some(using) = &policy.using {
            let text = self.plain.policy_using(id).unwrap_or_else(|| self.written(using));
            let _ = write!(sql, " USING ({text})");
        }
        if let Some(check) = &policy.check {
            let text = self.plain.policy_check(id).unwrap_or_else(|| self.written(check));
            let _ = write!(sql, " WITH CHECK ({text})");
        }
        sql + ";"
    }

    /// Owners, privileges, default privileges.
    fn privileges(&self, out: &mut Vec<String>) {
        for (id, object) in self.at.objects().filter(|(_, object)| self.is_listed(object)) {
            if !matches!(object.kind, Kind::Schema) {
                self.owner_sql(id, object, out);
            }
            let row_type = matches!(&object.kind, Kind::Type(ty) if matches!(ty.class, TypeClass::Composite { .. }));
            if !row_type {
                self.grants_of(id, object, out);
            }
        }
        self.default_privileges_sql(out);
    }

    /// Buckets are rows, made before triggers may fire for them.
    fn buckets(&self, out: &mut Vec<String>) {
        for (_, object) in self.own(Tag::Bucket) {
            let Kind::Bucket(bucket) = &object.kind else { continue };
            let id = quote_literal(&object.name);
            let public = bucket.public.unwrap_or(false);
            let title = bucket.title.map_or_else(|| id.clone(), |title| quote_literal(&title));
            out.push(format!("INSERT INTO storage.buckets (id, name, public) VALUES ({id}, {title}, {public});"));
        }
    }

    /// Comments, publications.
    fn rest(&self, out: &mut Vec<String>) {
        for (id, object) in self.own(Tag::Publication) {
            if let Kind::Publication(publication) = &object.kind {
                out.push(self.create_publication(id, publication));
            }
        }
        for (id, object) in self.at.of_kind(Tag::Publication) {
            let (Kind::Publication(is), Some(given)) = (&object.kind, self.empty.get(id)) else { continue };
            let Kind::Publication(was) = &given.kind else { continue };
            for added in is.tables.iter().filter(|it| !was.tables.iter().any(|was| was.table == it.table)) {
                out.push(format!("ALTER PUBLICATION {} ADD TABLE ONLY {};", self.name(id), self.name(added.table)));
            }
        }
        self.comments(out);
    }

    fn create_publication(&self, id: ObjectId, publication: &Publication) -> String {
        let mut sql = format!("CREATE PUBLICATION {}", self.name(id));
        let mut parts = Vec::new();
        for table in &publication.tables {
            let columns = self.at.column_names(table.table, &table.columns);
            let columns: Vec<String> = columns.iter().map(|name| quote_identifier(name).into_owned()).collect();
            let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
            let filter = self.plain.publication_filter(id, table.table).map(|text| format!(" WHERE ({text})"));
            parts.push(format!("TABLE ONLY {}{columns}{}", self.name(table.table), filter.unwrap_or_default()));
        }
        parts.extend(publication.schemas.iter().map(|&schema| format!("TABLES IN SCHEMA {}", self.name(schema))));
        if publication.all_tables {
            parts = vec!["ALL TABLES".to_owned()];
        }
        if !parts.is_empty() {
            let _ = write!(sql, " FOR {}", parts.join(", "));
        }
        let root = if publication.via_root { ", publish_via_partition_root = true" } else { "" };
        let _ = write!(sql, " WITH (publish = '{}'{root});", events(publication.actions));
        sql
    }

    fn comments(&self, out: &mut Vec<String>) {
        for (id, object) in self.at.objects().filter(|(_, object)| self.is_listed(object)) {
            let given = self.empty.get(id);
            let was = given.and_then(|given| given.comment.clone());
            if let Some(comment) = object.comment.as_ref().filter(|comment| was.as_ref() != Some(comment))
                && let Some(target) = self.comment_target(id, object)
            {
                out.push(format!("COMMENT ON {target} IS {};", quote_literal(comment)));
            }
            for column in object.as_relation().into_iter().flat_map(|relation| &relation.columns) {
                let was = self.empty.column(id, column.number).and_then(|column| column.comment.clone());
                let comment = column.comment.as_ref().filter(|comment| was.as_ref() != Some(comment));
                if let Some(comment) = comment {
                    let (table, name) = (self.name(id), quote_identifier(&column.name));
                    out.push(format!("COMMENT ON COLUMN {table}.{name} IS {};", quote_literal(comment)));
                }
            }
        }
    }

    fn comment_target(&self, id: ObjectId, object: &Object) -> Option<String> {
        let part = |word: &str, of: ObjectId| {
            let domain = if self.at.get(of).is_some_and(|of| of.as_type().is_some()) { "DOMAIN " } else { "" };
            Some(format!("{word} {} ON {domain}{}", quote_identifier(&object.name), self.name(of)))
        };
        match &object.kind {
            Kind::Constraint(it) => part("CONSTRAINT", it.of),
            Kind::Policy(it) => part("POLICY", it.table),
            Kind::Trigger(it) if it.parent.is_none() => part("TRIGGER", it.table),
            Kind::Rule(it) => part("RULE", it.table),
            Kind::Index(_) => Some(format!("INDEX {}", self.name(id))),
            _ => self.alter_target(id, object).map(|(word, name)| format!("{word} {name}")),
        }
    }

    /// The words behind ALTER, DROP and COMMENT ON: what it is, and its name.
    pub(super) fn alter_target(&self, id: ObjectId, object: &Object) -> Option<(&'static str, String)> {
        let word = match &object.kind {
            Kind::Schema => "SCHEMA",
            Kind::Relation(relation) => match relation.class {
                RelationClass::Table | RelationClass::PartitionedTable => "TABLE",
                RelationClass::View => "VIEW",
                RelationClass::MaterializedView => "MATERIALIZED VIEW",
                RelationClass::ForeignTable => "FOREIGN TABLE",
                RelationClass::CompositeType => "TYPE",
            },
            Kind::Sequence(it) if !it.identity => "SEQUENCE",
            Kind::Type(ty) => match ty.class {
                TypeClass::Domain { .. } => "DOMAIN",
                TypeClass::Composite { .. } | TypeClass::Multirange { .. } => return None,
                _ => "TYPE",
            },
            Kind::Routine(routine) => {
                let word = match routine.kind {
                    RoutineKind::Procedure => "PROCEDURE",
                    RoutineKind::Aggregate => "AGGREGATE",
                    _ => "FUNCTION",
                };
                return Some((word, self.at.signature(object)));
            }
            _ => return None,
        };
        Some((word, self.name(id)))
    }

    /// OWNER TO, where it is not the role that runs the statements.
    pub(super) fn owner_sql(&self, id: ObjectId, object: &Object, out: &mut Vec<String>) {
        let before = match self.empty.get(id) {
            Some(given) => given.owner,
            None => self.runner(),
        };
        if let (Some(owner), Some((word, name))) = (object.owner, self.alter_target(id, object))
            && Some(owner) != before
        {
            out.push(format!("ALTER {word} {name} OWNER TO {};", self.name(owner)));
        }
    }

    /// The role that runs migrations.
    pub(super) fn runner(&self) -> Option<ObjectId> {
        let first = self.at.catalog().statements().first().and_then(|executed| executed.role);
        first.or_else(|| self.at.role(crate::syntax::Name::from("postgres")))
    }
}

/// Whether an object is made by a statement of its own, and needs an order.
fn is_made_alone(schema: &Schema<'_>, object: &Object) -> bool {
    match &object.kind {
        // The schema of an extension comes with it.
        Kind::Schema => object.extension.is_none() && !object.name.starts_with("pg_"),
        Kind::Extension(_) | Kind::Routine(_) | Kind::Cast(_) | Kind::Operator(_) => true,
        Kind::ForeignServer { .. } => true,
        Kind::Relation(_) => true,
        Kind::Sequence(sequence) => !sequence.identity,
        Kind::Type(ty) => match &ty.class {
            TypeClass::Composite { relation } => schema.at.get(*relation).is_none(),
            class => !matches!(class, TypeClass::Multirange { .. }),
        },
        Kind::Other(tag) => !matches!(tag, Tag::CronJob | Tag::Database | Tag::Tablespace),
        _ => false,
    }
}

fn role_options(role: &Role) -> String {
    let mut sql = String::new();
    for (set, words) in [
        (role.superuser, " SUPERUSER"),
        (!role.inherit, " NOINHERIT"),
        (role.login, " LOGIN"),
        (role.bypass_rls, " BYPASSRLS"),
        (role.create_role, " CREATEROLE"),
        (role.create_db, " CREATEDB"),
        (role.replication, " REPLICATION"),
    ] {
        sql.push_str(if set { words } else { "" });
    }
    sql
}

fn events(actions: TriggerEvents) -> String {
    let words = [
        (actions.insert, "insert"),
        (actions.update, "update"),
        (actions.delete, "delete"),
        (actions.truncate, "truncate"),
    ];
    words.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}
