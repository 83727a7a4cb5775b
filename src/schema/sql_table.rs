//! Tables: their columns first, what may need other objects afterwards.

use std::fmt::Write;

use super::Schema;
use super::summary::own_options;
use crate::catalog::{
    Column, Constraint, ConstraintKind, Identity, Object, ObjectId, Relation, RelationClass, Sequence, Tag,
};
use crate::syntax::quote::{quote_identifier, quote_literal};
use crate::syntax::{Persistence, ReplicaIdentity};

impl Schema<'_> {
    /// CREATE TABLE with its own columns and keys; a partition is attached later.
    pub(super) fn create_table(&self, id: ObjectId, relation: &Relation) -> String {
        let partition = relation.bound.is_some();
        let alone = partition || relation.parents.is_empty();
        let (mut lines, mut later, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let mut number = 1;
        for column in relation.columns.iter().filter(|column| alone || column.local) {
            // Columns that were dropped hold the numbers of those behind them.
            for dropped in (number..column.number).filter(|_| alone) {
                let name = format!("\"........pg.dropped.{dropped}........\"");
                lines.push(format!("    {name} integer"));
                gone.push(format!("\nALTER TABLE {} DROP COLUMN {name};", self.name(id)));
            }
            number = column.number + 1;
            lines.push(format!("    {}", self.column_sql(id, column, relation)));
        }
        // The oldest index first: a foreign key takes the first that fits.
        let mut made: Vec<_> =
            self.at.attached(id).filter_map(|(id, object)| Some((key_of(object)?, id, object))).collect();
        made.sort_by_key(|((index, _), ..)| *index);
        let mut keys: Vec<Vec<i16>> = Vec::new();
        for ((_, mut columns), constraint, object) in made {
            let text = object.as_constraint().and_then(|it| self.constraint_sql(constraint, object, it));
            let Some(text) = text else { continue };
            columns.sort_unstable();
            // CREATE TABLE makes one of two keys over the same columns.
            if keys.contains(&columns) {
                later.push(format!("\nALTER TABLE {} ADD {text};", self.name(id)));
            } else {
                lines.push(format!("    {text}"));
            }
            keys.push(columns);
        }
        let mut sql = format!("CREATE {}TABLE {} (", table_word(relation), self.name(id));
        if !lines.is_empty() {
            let _ = write!(sql, "\n{}\n", lines.join(",\n"));
        }
        sql.push(')');
        if !partition && !relation.parents.is_empty() {
            let parents: Vec<String> = relation.parents.iter().map(|&parent| self.name(parent)).collect();
            let _ = write!(sql, "\nINHERITS ({})", parents.join(", "));
        }
        if relation.partition_key.is_some() {
            let _ = write!(sql, "\nPARTITION BY {}", self.plain.partition_key(id).unwrap_or_default());
        }
        if let Some(server) = relation.server {
            let _ = write!(sql, "\nSERVER {}", self.name(server));
        }
        if let Some(method) = relation.access_method {
            let _ = write!(sql, "\nUSING {}", quote_identifier(&method));
        }
        sql.push_str(&with_options(relation));
        sql.push(';');
        sql.extend(gone);
        sql.extend(later);
        sql
    }

    /// A column as CREATE TABLE has it.
    fn column_sql(&self, table: ObjectId, column: &Column, relation: &Relation) -> String {
        let ty = column.ty.as_ref().map_or("text".to_owned(), |ty| self.at.column_type(ty));
        let mut sql = format!("{} {ty}", quote_identifier(&column.name));
        if let Some(collation) = column.collation {
            let _ = write!(sql, " COLLATE {}", self.collation(&collation));
        }
        if let Some(generated) = &column.generated {
            let text = self.plain.column_generated(table, column.number);
            let text = text.unwrap_or_else(|| self.written(&generated.expr));
            let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
            let _ = write!(sql, " GENERATED ALWAYS AS ({text}) {kind}");
        }
        // A key makes its columns NOT NULL, but says so only after a parent was asked.
        if column.not_null {
            sql.push_str(&self.not_null(table, column, relation));
        }
        // From 17 a partition has it from its parent, and may bring none.
        let inherits = relation.bound.is_some() && self.version >= 17;
        if let Some(identity) = column.identity.filter(|_| !inherits) {
            let always = if identity == Identity::Always { "ALWAYS" } else { "BY DEFAULT" };
            let _ = write!(sql, " GENERATED {always} AS IDENTITY{}", self.identity_options(table, column.number));
        }
        sql
    }

    /// NOT NULL, with its name where the server would give another one.
    fn not_null(&self, table: ObjectId, column: &Column, _: &Relation) -> String {
        let found = self.at.constraints(table).find(|it| match it.is.kind {
            ConstraintKind::NotNull { column: number } => number == column.number,
            _ => false,
        });
        let name = found.filter(|_| self.version >= 18).map(|it| it.object.name);
        match name {
            Some(name) => format!(" CONSTRAINT {} NOT NULL", quote_identifier(&name)),
            None => " NOT NULL".to_owned(),
        }
    }

    fn identity_options(&self, table: ObjectId, number: i16) -> String {
        let mut sequences = self.at.of_kind(Tag::Sequence);
        let found = sequences.find_map(|(id, object)| {
            let sequence = object.as_sequence()?;
            (sequence.identity && sequence.owned_by == Some((table, number))).then_some((id, sequence))
        });
        match found {
            Some((id, sequence)) => {
                format!(" (SEQUENCE NAME {}{})", self.name(id), sequence_options(sequence))
            }
            None => String::new(),
        }
    }

    pub(super) fn collation(&self, name: &str) -> String {
        let mut made = self.at.of_kind(Tag::Collation).filter(|(_, object)| object.name.as_str() == name);
        match made.next() {
            Some((id, _)) => self.name(id),
            None => format!("pg_catalog.{}", quote_identifier(name)),
        }
    }

    /// `CONSTRAINT name …`.
    fn constraint_sql(&self, id: ObjectId, object: &Object, constraint: &Constraint) -> Option<String> {
        let text = self.plain.constraint(id).or_else(|| match &constraint.kind {
            ConstraintKind::Check { expr, .. } => Some(format!("CHECK {}", self.written(expr))),
            _ => None,
        })?;
        Some(format!("CONSTRAINT {} {text}", quote_identifier(&object.name)))
    }

    /// Defaults of columns, and columns added to a table of the empty database.
    pub(super) fn defaults_sql(&self, id: ObjectId, relation: &Relation, out: &mut Vec<String>) {
        let given = self.empty.get(id).and_then(|object| object.as_relation());
        let view = relation.class == RelationClass::View;
        for column in &relation.columns {
            let was = given.and_then(|given| given.column_number(column.number));
            if given.is_some() && was.is_none() {
                let column = self.column_sql(id, column, relation);
                out.push(format!("ALTER TABLE {} ADD COLUMN {column};", self.name(id)));
            }
            let same = was.is_some_and(|was| match (&was.default, &column.default) {
                (Some(a), Some(b)) => std::sync::Arc::ptr_eq(a, b),
                (a, b) => a.is_none() && b.is_none(),
            });
            let Some(default) = column.default.as_ref().filter(|_| !same) else { continue };
            let text = self.plain.column_default(id, column.number);
            let text = text.unwrap_or_else(|| self.written(default));
            let word = if view { "VIEW" } else { "TABLE ONLY" };
            let name = quote_identifier(&column.name);
            out.push(format!("ALTER {word} {} ALTER COLUMN {name} SET DEFAULT {text};", self.name(id)));
        }
    }

    /// STORAGE, COMPRESSION, STATISTICS of columns; REPLICA IDENTITY and CLUSTER.
    pub(super) fn details_sql(&self, id: ObjectId, relation: &Relation, out: &mut Vec<String>) {
        let name = self.name(id);
        let given = self.empty.get(id).and_then(|object| object.as_relation());
        for column in &relation.columns {
            let was = given.and_then(|given| given.column_number(column.number));
            let column_name = quote_identifier(&column.name);
            let settings = [
                (
                    "STORAGE",
                    column.storage.map(|it| it.to_string()),
                    was.and_then(|was| was.storage).map(|it| it.to_string()),
                ),
                (
                    "COMPRESSION",
                    column.compression.map(|it| it.to_string()),
                    was.and_then(|was| was.compression).map(|it| it.to_string()),
                ),
                (
                    "STATISTICS",
                    column.statistics.map(|it| it.to_string()),
                    was.and_then(|was| was.statistics).map(|it| it.to_string()),
                ),
            ];
            for (word, is, was) in settings {
                if let Some(value) = is.filter(|is| Some(is) != was.as_ref()) {
                    out.push(format!("ALTER TABLE ONLY {name} ALTER COLUMN {column_name} SET {word} {value};"));
                }
            }
        }
        if !matches!(relation.class, RelationClass::Table | RelationClass::PartitionedTable) {
            return;
        }
        let identity = match &relation.replica_identity {
            ReplicaIdentity::Default => None,
            ReplicaIdentity::Full => Some("FULL".to_owned()),
            ReplicaIdentity::Nothing => Some("NOTHING".to_owned()),
            ReplicaIdentity::Index(index) => Some(format!("USING INDEX {}", quote_identifier(&index.name))),
        };
        if let Some(identity) =
            identity.filter(|_| given.is_none_or(|it| it.replica_identity != relation.replica_identity))
        {
            out.push(format!("ALTER TABLE ONLY {name} REPLICA IDENTITY {identity};"));
        }
    }

    /// Checks and exclusions (`foreign`: foreign keys) that are the table's own.
    pub(super) fn constraints_sql(&self, id: ObjectId, foreign: bool, out: &mut Vec<String>) {
        for (constraint, object) in self.at.attached(id) {
            let Some(it) = object.as_constraint().filter(|_| !self.is_given(constraint)) else { continue };
            let wanted = match &it.kind {
                ConstraintKind::Check { .. } | ConstraintKind::Exclude { .. } => !foreign,
                ConstraintKind::Primary { .. } | ConstraintKind::Unique { .. } => !foreign && self.is_given(id),
                ConstraintKind::ForeignKey(_) => foreign && !self.follows_another(id, it),
                ConstraintKind::NotNull { .. } | ConstraintKind::Trigger => false,
            };
            let partition = self.at.relation(id).is_some_and(|found| found.is.bound.is_some());
            if wanted
                && (it.local || partition)
                && let Some(text) = self.constraint_sql(constraint, object, it)
            {
                out.push(format!("ALTER TABLE {} ADD {text};", self.name(id)));
            }
        }
    }

    /// Keys on a partitioned table bring one for each partition of what they reference.
    fn follows_another(&self, table: ObjectId, constraint: &Constraint) -> bool {
        let parent = constraint.parent.and_then(|parent| self.at.get(parent)).and_then(|object| object.as_constraint());
        parent.is_some_and(|parent| parent.of == table)
    }

    pub(super) fn attach_sql(&self, id: ObjectId, relation: &Relation) -> Option<String> {
        relation.bound.as_ref()?;
        let parent = relation.parents.first()?;
        let bound = self.plain.partition_bound(id).or_else(|| {
            let text = self.sources.slice(relation.bound.as_ref()?.span);
            Some(text.to_owned())
        })?;
        Some(format!("ALTER TABLE ONLY {} ATTACH PARTITION {} {bound};", self.name(*parent), self.name(id)))
    }

    /// CREATE SEQUENCE.
    pub(super) fn create_sequence(&self, id: ObjectId, sequence: &Sequence) -> String {
        let unlogged = if sequence.persistence == Persistence::Unlogged { "UNLOGGED " } else { "" };
        let ty = match sequence.data_type.as_str() {
            "int2" => " AS smallint",
            "int4" => " AS integer",
            _ => "",
        };
        format!("CREATE {unlogged}SEQUENCE {}{ty}{};", self.name(id), sequence_options(sequence))
    }
}

/// Keys are part of CREATE TABLE: views may rest on them.
fn key_of(object: &Object) -> Option<(ObjectId, Vec<i16>)> {
    match &object.as_constraint()?.kind {
        ConstraintKind::Primary { columns, index } | ConstraintKind::Unique { columns, index } => {
            Some((*index, columns.clone()))
        }
        _ => None,
    }
}

fn table_word(relation: &Relation) -> &'static str {
    match (relation.class, relation.persistence) {
        (RelationClass::ForeignTable, _) => "FOREIGN ",
        (_, Persistence::Unlogged) => "UNLOGGED ",
        _ => "",
    }
}

/// WITH (…), empty where there are no storage parameters.
pub(super) fn with_options(relation: &Relation) -> String {
    let own = own_options(relation).map(|(name, value)| format!("{name}={}", quote_literal(value)));
    let toast = relation.options.iter().filter(|(name, _)| name.starts_with("toast."));
    let options: Vec<String> =
        own.chain(toast.map(|(name, value)| format!("{name}={}", quote_literal(value)))).collect();
    if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) }
}

fn sequence_options(sequence: &Sequence) -> String {
    let cycle = if sequence.cycle { " CYCLE" } else { "" };
    format!(
        " START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{cycle}",
        sequence.start, sequence.increment, sequence.min_value, sequence.max_value, sequence.cache
    )
}
