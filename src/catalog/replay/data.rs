//! Queries and statements that write rows: what the server refuses in them, and the few that change more.

use std::sync::Arc;

use super::written::Event;
use super::{Effect, Replay};
use crate::catalog::analyze::{QueryAnalysis, Scope};
use crate::catalog::{Column, Executed, Identity, Index, ObjectId, Outcome, Refusal, Relation, RelationClass};
use crate::source::{FileId, Span};
use crate::syntax::{
    ConflictTarget, Copy, DataRef, Expr, ExprKind, IndexElement, IndexKey, Insert, Name, QueryBody, Statement,
    StatementKind, Target, TargetColumn, Update,
};

impl Replay {
    /// The same refusal for INSERTs of the same form, where no row is to blame.
    pub(super) fn refuse_repeats(&mut self, file: FileId, statement: &Statement) {
        let StatementKind::Insert(insert) = &statement.kind else { return };
        let Some(source) = insert.source.as_ref().filter(|_| !insert.repeats.is_empty()) else { return };
        let Some(executed) = self.catalog.statements().last().cloned() else { return };
        let Outcome::Refused(refusal) = &executed.outcome else { return };
        let (whole, at) = (statement.span, refusal.span);
        let offset = match () {
            () if at.file != whole.file || at.start < whole.start || at.end > whole.end => return,
            () if at.end <= source.span.start => at.start - whole.start,
            () if at.start >= source.span.end => at.start - source.span.end,
            () => return,
        };
        let mut alike = insert.clone();
        alike.repeats.clear();
        if let Some(QueryBody::Values(values)) = alike.source.as_mut().map(|source| &mut source.body) {
            values.rows.clear();
        }
        for &repeat in &insert.repeats {
            let from_end = at.start >= source.span.end;
            let start =
                if from_end { repeat.end - (whole.end - source.span.end) + offset } else { repeat.start + offset };
            let refusal = Refusal { span: Span::new(repeat.file, start, start + at.len()), ..(**refusal).clone() };
            let statement =
                Arc::new(Statement { span: repeat, written: true, kind: StatementKind::Insert(alike.clone()) });
            let outcome = Outcome::Refused(Arc::new(refusal));
            self.catalog.begin_statement(|id| Executed { id, file, statement, outcome, ..executed.clone() });
        }
    }

    /// Carries out a query or a statement that writes rows; `None` where it is neither.
    pub(super) fn execute_data(&mut self, statement: &Statement) -> Option<Effect> {
        if let StatementKind::Copy(copy) = &statement.kind {
            return Some(self.copy(copy));
        }
        let data = statement.kind.as_data()?;
        if let DataRef::Select(query) = data
            && let QueryBody::Select(select) = &query.body
            && let Some(into) = &select.into
        {
            return Some(self.select_into(into, query));
        }
        Some(self.run_data(data))
    }

    /// Resolves a statement that is run, not only stored: the planner refuses more than analysis does.
    pub(crate) fn analyze_to_run(&mut self, scope: &Scope, data: DataRef<'_>) -> Effect<QueryAnalysis> {
        let analysis = self.analyze_statement(scope, data)?;
        match data {
            DataRef::Insert(insert) => {
                self.check_writable(&insert.relation)?;
                self.check_insert(insert)?;
                self.check_written(&insert.relation, Event::Insert)?;
                self.check_constant_rows(insert)?;
            }
            DataRef::Update(update) => {
                self.check_writable(&update.relation)?;
                self.check_update(update)?;
                self.check_written(&update.relation, Event::Update)?;
            }
            DataRef::Delete(delete) => {
                self.check_writable(&delete.relation)?;
                self.check_written(&delete.relation, Event::Delete)?;
            }
            DataRef::Merge(merge) => self.check_merge(merge)?,
            DataRef::Select(query) => self.check_row_locks(query)?,
        }
        self.check_rows_written(data, &analysis)?;
        Ok(analysis)
    }

    /// COPY … TO reads one table as it lies there.
    fn check_copied(&self, id: ObjectId, copy: &Copy, span: Span) -> Effect<()> {
        let Some(object) = self.now().get(id).filter(|_| !copy.from) else { return Ok(()) };
        let populated_since_18 = self.settings.version >= 18;
        let copies = match object.as_relation().map(|relation| relation.class) {
            Some(RelationClass::MaterializedView) => populated_since_18,
            Some(RelationClass::PartitionedTable | RelationClass::View | RelationClass::ForeignTable) => false,
            Some(_) => true,
            None => object.as_sequence().is_none(),
        };
        if copies {
            return Ok(());
        }
        let message = format!("cannot copy from {} \"{}\"", object.kind_word(), object.name);
        Err(self.refuse("42809", span, message).help("copy a query: COPY (SELECT …) TO"))
    }

    /// A materialized view is written by REFRESH alone.
    fn check_writable(&self, relation: &crate::syntax::RelationRef) -> Effect<()> {
        let Some(id) = self.find_relation(&relation.name) else { return Ok(()) };
        let found = self.now().relation(id);
        if found.is_some_and(|it| it.is.class == RelationClass::MaterializedView) {
            let message = format!("cannot change materialized view \"{}\"", relation.name.name.name);
            return Err(self.refuse_because("42809", relation.name.span(), message, id, "made here"));
        }
        Ok(())
    }

    /// What the planner refuses of an INSERT that analysis lets pass.
    fn check_insert(&mut self, insert: &Insert) -> Effect<()> {
        let Some(table) = self.find_relation(&insert.relation.name) else { return Ok(()) };
        let Some(object) = self.now().get(table).cloned() else { return Ok(()) };
        let Some(relation) = object.as_relation().filter(|relation| relation.columns_known) else { return Ok(()) };
        for (at, column) in inserted_columns(insert, relation).into_iter().enumerate() {
            let always = column.column.identity == Some(Identity::Always) && insert.overriding.is_none();
            let fixed = column.column.generated.is_some() || always;
            if fixed && !inserts_default(insert, at) {
                let message = format!("cannot insert a non-DEFAULT value into column \"{}\"", column.column.name);
                let what = if always { "GENERATED ALWAYS AS IDENTITY" } else { "generated" };
                return Err(self.refuse("428C9", column.span, message).label(column.column.span, what));
            }
        }
        if let Some(target) = insert.on_conflict.as_ref().and_then(|conflict| conflict.target.as_ref()) {
            self.check_conflict_target(table, target)?;
        }
        Ok(())
    }

    fn check_update(&self, update: &Update) -> Effect<()> {
        let Some(table) = self.find_relation(&update.relation.name) else { return Ok(()) };
        let Some(relation) = self.now().get(table).and_then(|object| object.as_relation()) else { return Ok(()) };
        for assignment in &update.set {
            let name = assignment.column.name;
            let Some(column) = relation.column(name.name) else { continue };
            let fixed = column.generated.is_some() || column.identity == Some(Identity::Always);
            if fixed && !matches!(assignment.value.kind, ExprKind::Default) {
                let message = format!("column \"{}\" can only be updated to DEFAULT", name.name);
                return Err(self.refuse("428C9", name.span, message).label(column.span, "generated"));
            }
        }
        Ok(())
    }

    /// ON CONFLICT needs a unique index over exactly the columns it names (`infer_arbiter_indexes`).
    fn check_conflict_target(&mut self, table: ObjectId, target: &ConflictTarget) -> Effect<()> {
        let (elements, filter) = match target {
            ConflictTarget::Constraint(_) => return Ok(()),
            ConflictTarget::Columns { elements, filter } => (elements, filter),
        };
        let now = self.now();
        let Some(object) = now.get(table) else { return Ok(()) };
        let Some(relation) = object.as_relation() else { return Ok(()) };
        if !matches!(relation.class, RelationClass::Table | RelationClass::PartitionedTable) {
            return Ok(());
        }
        let mut columns = Vec::new();
        for element in elements {
            match &element.key {
                IndexKey::Column(name) => columns.extend(relation.column(name.name).map(|column| column.number)),
                IndexKey::Expr(_) => return Ok(()),
            }
        }
        let serves = |index: &Index| {
            let keys: Option<Vec<i16>> = index.keys.iter().map(|key| key.key.column()).collect();
            let same = keys.is_some_and(|keys| {
                keys.iter().all(|key| columns.contains(key)) && columns.iter().all(|column| keys.contains(column))
            });
            same && index.unique && index.valid && (index.predicate.is_none() || filter.is_some())
        };
        if now.attached(table).any(|(_, object)| object.as_index().is_some_and(serves)) {
            return Ok(());
        }
        let names: Vec<&str> = elements.iter().filter_map(name_of).collect();
        if let Some(why) = names.iter().find_map(|name| self.doubt.about(Name::from(name))) {
            return Err(super::Stop::Unknown(why));
        }
        let span = elements.iter().map(|element| element.span).reduce(|all, span| all.to(span));
        let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
        let list = names.join(", ");
        let refusal = self.refuse("42P10", span.unwrap_or(Span::NONE), message);
        let why = format!("no unique index of it is on exactly ({list})");
        Err(refusal.label(object.span, why).help(format!("add a unique constraint on ({list})")))
    }

    fn copy(&mut self, copy: &Copy) -> Effect {
        if let Some(query) = &copy.query {
            self.analyze_statement(&Scope::empty(), query.as_ref())?;
        }
        if let Some(relation) = &copy.relation {
            let id = self.relation_read(&relation.name)?;
            self.check_copied(id, copy, relation.name.span())?;
            for column in &copy.columns {
                self.column_of(id, *column)?;
            }
            if copy.from {
                self.note_write(id);
            }
        }
        Ok(Outcome::Done)
    }
}

/// A column that an INSERT writes, and the place to blame.
struct Inserted<'a> {
    column: &'a Column,
    span: Span,
}

fn inserted_columns<'a>(insert: &Insert, relation: &'a Relation) -> Vec<Inserted<'a>> {
    let Some(source) = &insert.source else { return Vec::new() };
    if insert.columns.is_empty() {
        let width = match &source.body {
            QueryBody::Values(values) => values.rows.first().map_or(0, Vec::len),
            QueryBody::Select(select) if !select.targets.iter().any(is_star) => select.targets.len(),
            _ => 0,
        };
        let span = insert.relation.name.span();
        return relation.columns.iter().take(width).map(|column| Inserted { column, span }).collect();
    }
    // A name that is no column would shift the rest, but analysis has refused it.
    let column =
        |target: &TargetColumn| Some(Inserted { column: relation.column(target.name.name)?, span: target.name.span });
    insert.columns.iter().filter_map(column).collect()
}

fn is_star(target: &Target) -> bool {
    match &target.expr.kind {
        ExprKind::Column(column) => column.star,
        ExprKind::Indirection(_) => true,
        _ => false,
    }
}

/// Whether every row says DEFAULT for the column at this place.
fn inserts_default(insert: &Insert, at: usize) -> bool {
    match insert.source.as_ref().map(|source| &source.body) {
        None => true,
        Some(QueryBody::Values(values)) => {
            let is_default = |row: &Vec<Expr>| row.get(at).is_none_or(|value| matches!(value.kind, ExprKind::Default));
            values.rows.iter().all(is_default)
        }
        Some(_) => false,
    }
}

fn name_of(element: &IndexElement) -> Option<&'static str> {
    if let IndexKey::Column(name) = &element.key { Some(name.as_str()) } else { None }
}
