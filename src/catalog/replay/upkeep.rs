//! Statements that change rows or storage and leave the catalog as it is: only their refusals count.

use super::names::Target;
use super::{Effect, Replay};
use crate::catalog::{
    ConstraintKind, Kind, NameKey, NameSpace, Object, ObjectId, Outcome, Part, RelationClass, Statistics,
};
use crate::source::Span;
use crate::syntax::{
    CreateStatistics, Ident, IndexKey, Name, ObjectKind, QualifiedName, Reindex, ReindexTarget, RelationRef,
    VacuumRelation,
};

impl Replay {
    pub(super) fn truncate(&mut self, relations: &[RelationRef], cascade: bool) -> Effect {
        let mut truncated: Vec<ObjectId> = Vec::new();
        for relation in relations {
            let id = self.relation_read_as_table(relation, "a table")?;
            if relation.only && self.is_partitioned(id) {
                return Err(self.refuse("42809", relation.span, "cannot truncate only a partitioned table"));
            }
            truncated.extend(self.with_descendants(id));
        }
        if !cascade {
            self.check_not_referenced(&truncated, relations)?;
        }
        truncated.into_iter().for_each(|table| self.catalog.note_row_write(Some(table)));
        if cascade {
            self.catalog.note_row_write(None);
        }
        Ok(Outcome::Done)
    }

    /// A table that others reference can only be emptied along with them.
    fn check_not_referenced(&self, truncated: &[ObjectId], relations: &[RelationRef]) -> Effect<()> {
        let now = self.now();
        for &table in truncated {
            let other = now.referencing(table).find(|(constraint, _)| !truncated.contains(&constraint.is.of));
            if let Some((constraint, _)) = other {
                let message = "cannot truncate a table referenced in a foreign key constraint";
                let by = now.get(constraint.is.of).map(|object| object.name).unwrap_or_default();
                let why = format!("{by} references it");
                let span = relations.first().map_or(Span::NONE, |relation| relation.name.span());
                let refusal = self.refuse("0A000", span, message).label(constraint.span(), why);
                return Err(refusal.help(format!("truncate {by} in the same statement, or say CASCADE")));
            }
        }
        Ok(())
    }

    fn relation_read_as_table(&mut self, relation: &RelationRef, what: &str) -> Effect<ObjectId> {
        let id = self.relation(&relation.name)?;
        let Some(object) = self.now().get(id) else { return Ok(id) };
        let class = object.as_relation().map(|relation| relation.class);
        if matches!(class, Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::ForeignTable)) {
            return Ok(id);
        }
        let message = format!("\"{}\" is not {what}", object.name);
        let why = format!("it is a {}", object.kind_word());
        Err(self.refuse("42809", relation.name.span(), message).label(object.span, why))
    }

    pub(super) fn lock(&mut self, relations: &[RelationRef], span: Span) -> Effect {
        // What is wrong in any place is said first; a block may come from whoever sends the file.
        for relation in relations {
            let id = self.relation(&relation.name)?;
            let Some(object) = self.now().get(id) else { continue };
            let class = object.as_relation().map(|relation| relation.class);
            if !matches!(class, Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::View)) {
                let message = format!("\"{}\" is not a table or view", object.name);
                return Err(self.refuse("42809", relation.name.span(), message));
            }
        }
        if self.transaction.block.is_none() && !self.is_within_code() {
            return Err(self.refuse("25P01", span, "LOCK TABLE can only be used in transaction blocks"));
        }
        Ok(Outcome::Done)
    }

    pub(super) fn cluster(&mut self, relation: Option<&RelationRef>, index: Option<Ident>, span: Span) -> Effect {
        let Some(relation) = relation else {
            self.refuse_in_block("CLUSTER", span)?;
            return Ok(Outcome::Done);
        };
        let id = self.relation(&relation.name)?;
        let now = self.now();
        let Some(object) = now.get(id) else { return Ok(Outcome::Done) };
        let class = object.as_relation().map(|relation| relation.class);
        if !matches!(
            class,
            Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView)
        ) {
            let message = format!("\"{}\" is not a table or materialized view", object.name);
            return Err(self.refuse("42809", relation.name.span(), message));
        }
        let clustered = |object: &Object| object.as_index().is_some_and(|index| index.clustered);
        match index {
            Some(_) => self.cluster_on(id, index)?,
            None if !now.attached(id).any(|(_, object)| clustered(object)) => {
                let message = format!("there is no previously clustered index for table \"{}\"", object.name);
                return Err(self.refuse("42704", relation.name.span(), message));
            }
            None => {}
        }
        Ok(Outcome::Done)
    }

    pub(super) fn reindex(&mut self, reindex: &Reindex, span: Span) -> Effect {
        match &reindex.target {
            ReindexTarget::Index(index) => {
                if let Some(word) = reindex.concurrently {
                    self.refuse_in_block("REINDEX CONCURRENTLY", word)?;
                }
                let id = self.relation(&index.name)?;
                self.check_relation_kind(id, ObjectKind::Index, &index.name)?;
                if let Some(word) = reindex.concurrently {
                    self.check_built_beside(id, word)?;
                }
            }
            ReindexTarget::Table(table) => {
                if let Some(word) = reindex.concurrently {
                    self.refuse_in_block("REINDEX CONCURRENTLY", word)?;
                }
                let id = self.relation(&table.name)?;
                let Some(object) = self.now().get(id) else { return Ok(Outcome::Done) };
                let class = object.as_relation().map(|relation| relation.class);
                if !matches!(
                    class,
                    Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView)
                ) {
                    let message = format!("\"{}\" is not a table or materialized view", object.name);
                    return Err(self.refuse("42809", table.name.span(), message));
                }
            }
            ReindexTarget::Schema(schema) => {
                self.refuse_in_block("REINDEX SCHEMA", span)?;
                self.schema_named(*schema)?;
            }
            ReindexTarget::System(_) => self.refuse_in_block("REINDEX SYSTEM", span)?,
            ReindexTarget::Database(_) => self.refuse_in_block("REINDEX DATABASE", span)?,
        }
        Ok(Outcome::Done)
    }

    fn check_built_beside(&self, index: ObjectId, word: Span) -> Effect<()> {
        let now = self.now();
        let constraint = now.get(index).and_then(|object| object.as_index()?.constraint);
        match constraint.and_then(|id| Some((id, now.get(id)?.as_constraint()?))) {
            Some((id, constraint)) if matches!(constraint.kind, ConstraintKind::Exclude { .. }) => {
                let message = "concurrent index creation for exclusion constraints is not supported";
                Err(self.refuse_because("0A000", word, message, id, "the index is this constraint's"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn vacuum(&mut self, vacuum: bool, relations: &[VacuumRelation], span: Span) -> Effect {
        if vacuum {
            self.refuse_in_block("VACUUM", span)?;
        }
        for target in relations {
            let id = self.relation_read(&target.relation.name)?;
            for column in &target.columns {
                self.column_of(id, *column)?;
            }
        }
        Ok(Outcome::Done)
    }

    pub(super) fn create_statistics(&mut self, create: &CreateStatistics) -> Effect {
        let table = self.relation(&create.relation.name)?;
        let Some(object) = self.now().get(table).cloned() else { return Ok(Outcome::Done) };
        let class = object.as_relation().map(|relation| relation.class);
        if matches!(class, None | Some(RelationClass::View | RelationClass::CompositeType)) {
            let message = format!("cannot define statistics for relation \"{}\"", object.name);
            return Err(self.refuse("42809", create.relation.name.span(), message));
        }
        let mut keys = Vec::new();
        let mut names: Vec<Name> = Vec::new();
        for element in &create.elements {
            match element {
                IndexKey::Column(name) => {
                    let message = format!("column \"{}\" does not exist", name.name);
                    let number = self.column_or_refuse(table, *name, message)?;
                    self.check_counted(table, number, *name)?;
                    keys.push(crate::catalog::Key::Column(number));
                    names.push(name.name);
                }
                IndexKey::Expr(expr) => {
                    let scope = crate::catalog::analyze::Scope::of(self.now(), table);
                    self.analyze(&scope, expr, &crate::catalog::analyze::Purpose::Statistics)?;
                    keys.push(crate::catalog::Key::Expr(std::sync::Arc::new(expr.clone())));
                    names.push(Name::from("expr"));
                }
            }
        }
        if let [crate::catalog::Key::Column(_)] = keys[..] {
            let message = "extended statistics require at least 2 columns";
            return Err(self.refuse("42P17", create.relation.span, message));
        }
        self.check_statistics_kinds(create, &keys)?;
        let (schema, name) = self.statistics_name(create, &object, &names)?;
        let space = NameSpace::Other(crate::catalog::Tag::Statistics);
        let key = NameKey { space, parent: Some(schema), name: name.name };
        if create.if_not_exists && !self.now().named(key).is_empty() {
            return Ok(Outcome::Skipped);
        }
        let kinds = create.kinds.clone();
        let made = self.owned(name, Some(schema), Kind::Statistics(Statistics { table, kinds, keys }));
        self.create(made)?;
        Ok(Outcome::Done)
    }

    /// Values are counted by comparing them.
    fn check_counted(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let ty = self.column_at(table, number).and_then(|column| column.ty.clone());
        let Some(ty) = ty.filter(|ty| !ty.array) else { return Ok(()) };
        let base = self.now().get(self.base_type(&ty).id).map(|object| object.name);
        match base.as_ref().map(|name| name.as_str()) {
            Some(base @ ("json" | "xml" | "point" | "box" | "line" | "lseg" | "path" | "polygon" | "circle")) => {
                let message = format!(
                    "column \"{}\" cannot be used in statistics because its type {base} has no default btree operator class",
                    name.name
                );
                Err(self.refuse("0A000", name.span, message))
            }
            _ => Ok(()),
        }
    }

    fn check_statistics_kinds(&self, create: &CreateStatistics, keys: &[crate::catalog::Key]) -> Effect<()> {
        use crate::catalog::Key;
        let span = create.relation.span;
        if let ([Key::Expr(_)], false) = (keys, create.kinds.is_empty()) {
            let message = "when building statistics on a single expression, statistics kinds may not be specified";
            return Err(self.refuse("0A000", span, message));
        }
        let known = |kind: &str| matches!(kind, "ndistinct" | "dependencies" | "mcv");
        if let Some(kind) = create.kinds.iter().find(|kind| !known(kind.as_str())) {
            return Err(self.refuse("42601", span, format!("unrecognized statistics kind \"{kind}\"")));
        }
        let mut columns: Vec<i16> = keys.iter().filter_map(Key::column).collect();
        let count = columns.len();
        columns.sort_unstable();
        columns.dedup();
        if columns.len() < count {
            return Err(self.refuse("42701", span, "duplicate column name in statistics definition"));
        }
        Ok(())
    }

    fn statistics_name(
        &mut self,
        create: &CreateStatistics,
        table: &Object,
        columns: &[Name],
    ) -> Effect<(ObjectId, Ident)> {
        if let Some(name) = &create.name {
            return Ok((self.schema_for_new(name)?, name.name));
        }
        let schema = table.schema.expect("a table lives in a schema");
        let joined = super::naming::join_names(columns);
        let name = super::naming::first_free(&table.name, Some(&joined), "stat", |name| {
            let space = NameSpace::Other(crate::catalog::Tag::Statistics);
            self.now().named(NameKey { space, parent: Some(schema), name }).is_empty()
        });
        Ok((schema, Ident { name, span: create.relation.span }))
    }

    pub(super) fn alter_statistics(&mut self, name: &QualifiedName, if_exists: bool, target: Option<i64>) -> Effect {
        if let Some(low) = target.filter(|target| *target < -1) {
            return Err(self.refuse("22023", name.span(), format!("statistics target {low} is too low")));
        }
        let object = crate::syntax::ObjectRef {
            kind: ObjectKind::Statistics,
            span: name.span(),
            name: crate::syntax::ObjectName::Qualified(name.clone()),
        };
        match self.resolve(&object) {
            Ok(Target { part: Part::Whole, .. }) => Ok(Outcome::Done),
            Ok(_) => Ok(Outcome::Skipped),
            Err(super::Stop::Refused(refusal)) if if_exists && super::drop::is_missing(refusal.sqlstate) => {
                Ok(Outcome::Skipped)
            }
            Err(stop) => Err(stop),
        }
    }
}
