//! What the server refuses of a statement that writes rows when it is about to run: after analysis, whatever the rows.

use super::{Effect, Replay};
use crate::catalog::{Column, Kind, Object, ObjectId, Relation, RelationClass, Tag, TypeClass};
use crate::syntax::{
    Expr, ExprKind, FromKind, Insert, Merge, MergeAction, Name, Persistence, Query, QueryBody, RelationRef,
    ReplicaIdentity, TriggerTiming,
};

/// What is done to rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
}

impl Event {
    /// The words of messages: `cannot insert into`, `publishes updates`.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Event::Insert => ("insert into", "inserts"),
            Event::Update => ("update", "updates"),
            Event::Delete => ("delete from", "deletes"),
        }
    }
}

impl Replay {
    /// CheckValidResultRel, and the rewriter before it for views.
    pub(super) fn check_written(&self, relation: &RelationRef, event: Event) -> Effect<()> {
        let Some(id) = self.find_relation(&relation.name) else { return Ok(()) };
        match self.now().relation(id).map(|it| it.is.class) {
            Some(RelationClass::View) => self.check_updatable_view(id, relation, event),
            Some(RelationClass::Table | RelationClass::PartitionedTable) if event != Event::Insert => {
                self.check_replica_identity(id, relation, event)
            }
            _ => Ok(()),
        }
    }

    /// MERGE writes tables; since 17 also views that could be written by its parts.
    pub(super) fn check_merge(&self, merge: &Merge) -> Effect<()> {
        let relation = &merge.relation;
        let Some(id) = self.find_relation(&relation.name) else { return Ok(()) };
        let class = self.now().relation(id).map(|it| it.is.class);
        let is_table = matches!(class, Some(RelationClass::Table | RelationClass::PartitionedTable) | None);
        if !is_table && (self.settings.version < 17 || class != Some(RelationClass::View)) {
            let message = format!("cannot execute MERGE on relation \"{}\"", relation.name.name.name);
            return Err(self.refuse_because("0A000", relation.name.span(), message, id, "it is no table"));
        }
        for arm in &merge.arms {
            let event = match arm.action {
                MergeAction::Insert { .. } => Event::Insert,
                MergeAction::Update(_) => Event::Update,
                MergeAction::Delete => Event::Delete,
                MergeAction::Nothing => continue,
            };
            self.check_written(relation, event)?;
        }
        Ok(())
    }

    fn check_updatable_view(&self, view: ObjectId, relation: &RelationRef, event: Event) -> Effect<()> {
        let mut at = view;
        loop {
            if self.has_own_way(at, event) {
                return Ok(());
            }
            let Some(query) = self.now().relation(at).and_then(|it| it.is.query.clone()) else { return Ok(()) };
            if !shows_one_relation(&query.query) {
                let name = self.name_of(at);
                let message = format!("cannot {} view \"{name}\"", event.words().0);
                let why = "it does not show the rows of one table";
                return Err(self.refuse_because("55000", relation.name.span(), message, at, why));
            }
            match &query.reads[..] {
                [(below, _)] if self.now().relation(*below).is_some_and(|it| it.is.class == RelationClass::View) => {
                    at = *below;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Whether an INSTEAD OF trigger or a rule says what writing to a view does.
    fn has_own_way(&self, view: ObjectId, event: Event) -> bool {
        use crate::syntax::PolicyCommand as On;
        let is_it = |object: &Object| match &object.kind {
            Kind::Trigger(trigger) => {
                let fires = match event {
                    Event::Insert => trigger.events.insert,
                    Event::Update => trigger.events.update,
                    Event::Delete => trigger.events.delete,
                };
                fires && trigger.timing == TriggerTiming::InsteadOf
            }
            Kind::Rule(rule) => matches!(
                (rule.event, event),
                (On::Insert, Event::Insert) | (On::Update, Event::Update) | (On::Delete, Event::Delete)
            ),
            _ => false,
        };
        self.now().attached(view).any(|(_, object)| is_it(object))
    }

    /// A row that is published as changed must be found again on the other side.
    fn check_replica_identity(&self, table: ObjectId, relation: &RelationRef, event: Event) -> Effect<()> {
        let partitioned = self.is_partitioned(table);
        let tables = if partitioned { self.with_descendants(table) } else { vec![table] };
        let stored = |id: &ObjectId| self.now().relation(*id).is_some_and(|it| it.is.class == RelationClass::Table);
        let leaves: Vec<ObjectId> = tables.into_iter().filter(stored).collect();
        let lacks = |&leaf: &ObjectId| !self.has_replica_identity(leaf) && self.publishes(leaf, event);
        let Some(&first) = leaves.first().filter(|_| leaves.iter().all(lacks)) else { return Ok(()) };
        let (verb, published) = event.words();
        let message = format!(
            "cannot {verb} table \"{}\" because it does not have a replica identity and publishes {published}",
            self.name_of(first)
        );
        let refusal = self.refuse_because("55000", relation.name.span(), message, first, "it has no primary key");
        Err(refusal.help("give it a primary key, or set REPLICA IDENTITY FULL"))
    }

    fn has_replica_identity(&self, table: ObjectId) -> bool {
        let Some(found) = self.now().relation(table) else { return true };
        match found.is.replica_identity {
            ReplicaIdentity::Default => self.now().indexes(table).any(|index| index.is.primary),
            ReplicaIdentity::Nothing => false,
            ReplicaIdentity::Full | ReplicaIdentity::Index(_) => true,
        }
    }

    fn publishes(&self, table: ObjectId, event: Event) -> bool {
        let now = self.now();
        let persistent = |it: &Relation| it.persistence == Persistence::Permanent;
        if !now.relation(table).is_some_and(|it| persistent(it.is)) {
            return false;
        }
        let mut lineage = vec![table];
        while let Some(relation) = lineage.last().and_then(|&id| now.relation(id)).filter(|it| it.is.bound.is_some()) {
            let Some(&parent) = relation.is.parents.first() else { break };
            lineage.push(parent);
        }
        let in_schema =
            |schema: &ObjectId| lineage.iter().any(|&id| now.get(id).and_then(|it| it.schema) == Some(*schema));
        now.of_kind(Tag::Publication).any(|(_, object)| match &object.kind {
            Kind::Publication(it) => {
                let sends = match event {
                    Event::Insert => it.actions.insert,
                    Event::Update => it.actions.update,
                    Event::Delete => it.actions.delete,
                };
                let lists = it.tables.iter().any(|listed| lineage.contains(&listed.table));
                sends && (it.all_tables || lists || it.schemas.iter().any(in_schema))
            }
            _ => false,
        })
    }

    /// A row of constants that leaves a NOT NULL column empty, and nothing that would fill it.
    pub(super) fn check_constant_rows(&self, insert: &Insert) -> Effect<()> {
        let Some(table) = self.find_relation(&insert.relation.name) else { return Ok(()) };
        let Some(found) = self.now().relation(table) else { return Ok(()) };
        if found.is.class == RelationClass::View {
            return self.check_rows_through_view(found.is, table, insert);
        }
        let is_table = matches!(found.is.class, RelationClass::Table | RelationClass::PartitionedTable);
        if !is_table || !found.is.columns_known || self.may_fill_rows(table) {
            return Ok(());
        }
        let names: Vec<Name> = match &insert.columns[..] {
            [] => found.is.columns.iter().map(|column| column.name).collect(),
            columns => columns.iter().map(|column| column.name.name).collect(),
        };
        for row in constant_rows(insert) {
            let given = |name: Name| names.iter().position(|&it| it == name).and_then(|at| row.get(at));
            let is_empty = |column: &Column| match given(column.name).map(|value| &value.kind) {
                Some(ExprKind::Null) => true,
                Some(ExprKind::Default) | None => !self.is_filled(column),
                Some(_) => false,
            };
            // Where a row goes is asked first.
            let routes = |column: &Column| {
                found
                    .is
                    .partition_key
                    .as_ref()
                    .is_some_and(|key| key.keys.iter().any(|it| it.column().is_none_or(|it| it == column.number)))
            };
            let empty = |column: &&std::sync::Arc<Column>| column.not_null && is_empty(column) && !routes(column);
            if let Some(column) = found.is.columns.iter().find(empty) {
                let name = column.name;
                let message = format!(
                    "null value in column \"{name}\" of relation \"{}\" violates not-null constraint",
                    found.name()
                );
                let span = given(name).map_or(insert.relation.name.span(), |value| value.span);
                return Err(self.refuse("23502", span, message).label(column.span, "NOT NULL and without a default"));
            }
        }
        Ok(())
    }

    /// A column that the view does not show gets its default, or nothing.
    fn check_rows_through_view(&self, view: &Relation, id: ObjectId, insert: &Insert) -> Effect<()> {
        let Some([(table, shown)]) = view.query.as_ref().map(|query| &query.reads[..]) else { return Ok(()) };
        let Some(found) = self.now().relation(*table) else { return Ok(()) };
        let is_table = matches!(found.is.class, RelationClass::Table | RelationClass::PartitionedTable);
        let replaced = self.now().attached(id).any(|(_, it)| matches!(it.kind, Kind::Rule(_) | Kind::Trigger(_)));
        if !is_table || replaced || !found.is.columns_known || self.may_fill_rows(*table) {
            return Ok(());
        }
        if constant_rows(insert).is_empty() {
            return Ok(());
        }
        let hidden = |column: &&std::sync::Arc<Column>| column.not_null && !shown.contains(&column.number);
        let Some(column) = found.is.columns.iter().find(|column| hidden(column) && !self.is_filled(column)) else {
            return Ok(());
        };
        let (name, of) = (column.name, found.name());
        let message = format!("null value in column \"{name}\" of relation \"{of}\" violates not-null constraint");
        let refusal = self.refuse("23502", insert.relation.name.span(), message);
        Err(refusal.label(column.span, "NOT NULL and without a default, and the view does not show it"))
    }

    fn is_filled(&self, column: &Column) -> bool {
        let domain = column.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| self.now().get(ty.id)?.as_type());
        let has_default = matches!(domain.map(|ty| &ty.class), Some(TypeClass::Domain { default: Some(_), .. }));
        has_default || column.default.is_some() || column.identity.is_some() || column.generated.is_some()
    }

    /// Whether triggers or rules may change a row on its way.
    fn may_fill_rows(&self, table: ObjectId) -> bool {
        let changes = |object: &Object| match &object.kind {
            Kind::Trigger(trigger) => trigger.events.insert && trigger.timing == TriggerTiming::Before,
            Kind::Rule(_) => true,
            _ => false,
        };
        let tables = self.with_descendants(table);
        tables.into_iter().any(|table| self.now().attached(table).any(|(_, object)| changes(object)))
    }

    /// FOR UPDATE and the like lock rows of tables; a materialized view's are not there to be changed.
    pub(super) fn check_row_locks(&self, query: &Query) -> Effect<()> {
        let QueryBody::Select(select) = &query.body else { return Ok(()) };
        if query.locking.is_empty() {
            return Ok(());
        }
        for item in &select.from {
            let FromKind::Relation(relation) = &item.kind else { continue };
            let name = relation.alias.as_ref().map_or(relation.name.name.name, |alias| alias.name.name);
            let is_named = |of: &[RelationRef]| of.is_empty() || of.iter().any(|it| it.name.name.name == name);
            if !query.locking.iter().any(|locking| is_named(&locking.relations)) {
                continue;
            }
            let Some(id) = self.find_relation(&relation.name) else { continue };
            if self.now().relation(id).is_some_and(|it| it.is.class == RelationClass::MaterializedView) {
                let message = format!("cannot lock rows in materialized view \"{}\"", self.name_of(id));
                return Err(self.refuse_because("42809", relation.name.span(), message, id, "made here"));
            }
        }
        Ok(())
    }
}

/// Whether a view's query is of the kind through which the server writes (view_query_is_auto_updatable), as far as its
/// clauses tell.
fn shows_one_relation(query: &Query) -> bool {
    let QueryBody::Select(select) = &query.body else { return false };
    let plain = query.with.is_none() && query.limit.is_none() && query.offset.is_none();
    let grouped = select.distinct.is_some() || !select.group_by.is_empty() || select.having.is_some();
    let one = matches!(&select.from[..], [only] if matches!(only.kind, FromKind::Relation(_)));
    plain && !grouped && one
}

/// The rows that an INSERT writes in any case, each given in full: VALUES, DEFAULT VALUES.
fn constant_rows(insert: &Insert) -> Vec<&[Expr]> {
    match insert.source.as_ref().map(|source| &source.body) {
        None => vec![&[]],
        Some(QueryBody::Values(values)) => values.rows.iter().map(Vec::as_slice).collect(),
        Some(_) => Vec::new(),
    }
}
