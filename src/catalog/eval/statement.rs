//! Statements that code runs: queries for their rows, definitions for their effect, changes of rows as far as
//! anything is known of rows.

use std::sync::Arc;

use super::expr::Context;
use super::query::{Cells, RowSet, column_name};
use super::value::{Truth, Value};
use super::{Evaluator, Halt, Result};
use crate::catalog::analyze::tree::{Command, Expr, Node, Query, RangeEntry, RangeKind};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{ExprAnalysis, Purpose, QueryAnalysis, Scope};
use crate::catalog::{Bucket, ObjectId, Refusal};
use crate::source::Span;
use crate::syntax::{self as ir, DataRef, Name, Statement, StatementKind};

impl Evaluator<'_> {
    /// A refusal without more to say.
    pub(super) fn refusal(&self, sqlstate: &'static str, span: Span, message: impl Into<String>) -> Refusal {
        Refusal { sqlstate, span, message: message.into(), labels: Vec::new(), help: None }
    }

    pub(super) fn analyze_expression(&mut self, scope: &Scope, expr: &ir::Expr) -> Result<ExprAnalysis> {
        self.replay.analyze(scope, expr, &Purpose::Value).map_err(Halt::from)
    }

    /// Runs a statement of code: a definition by replay, a query or a change of rows here.
    pub(super) fn statement(
        &mut self,
        statement: Arc<Statement>,
        scope: &Scope,
        context: Context<'_>,
    ) -> Result<RowSet> {
        self.step()?;
        let data = match &statement.kind {
            StatementKind::Call(call) => {
                let analysis = self.replay.analyze(scope, call, &Purpose::CallArguments).map_err(Halt::from)?;
                self.eval(&analysis.expr, context)?;
                return Ok(RowSet::unknown());
            }
            StatementKind::Select(query) if into_of(query).is_none() => DataRef::Select(query),
            StatementKind::Select(_) | StatementKind::CreateTableAs(_) => {
                let around = std::mem::replace(&mut self.replay.code_scope, scope.clone());
                let ran = self.replay.run_within(self.file, statement, self.within);
                self.replay.code_scope = around;
                return ran.map(|()| RowSet::default());
            }
            kind => match kind.as_data() {
                Some(data) => data,
                None => {
                    self.replay.run_within(self.file, statement, self.within)?;
                    return Ok(RowSet::default());
                }
            },
        };
        let analysis = self.replay.analyze_to_run(scope, data).map_err(Halt::from)?;
        self.replay.catalog.note_code_data(self.within, statement.clone());
        let changes = matches!(data, DataRef::Update(_) | DataRef::Delete(_));
        if !changes || !self.entered.insert(statement.span) {
            return self.data(&analysis, data, context);
        }
        let (_, caller) = self.replay.begin(self.file, statement.clone(), Some(self.within));
        let rows = self.data(&analysis, data, context);
        self.replay.end(caller);
        rows
    }

    /// Runs an analysed query or change of rows.
    pub(super) fn data(
        &mut self,
        analysis: &QueryAnalysis,
        statement: DataRef<'_>,
        context: Context<'_>,
    ) -> Result<RowSet> {
        self.doubtful = self.names_doubtful(&analysis.query, context);
        let mut rows = match (analysis.query.command, statement) {
            (Command::Select, _) => self.select_statement(&analysis.query, context),
            (Command::Insert, DataRef::Insert(insert)) => self.insert(&analysis.query, insert, context),
            (command, _) => self.change(&analysis.query, command, context),
        }?;
        rows.columns = analysis.columns().into_iter().map(|column| (column.name, column.ty)).collect();
        Ok(rows)
    }

    /// Whether a query asks for something by a name that is in doubt.
    fn names_doubtful(&self, query: &Query, context: Context<'_>) -> bool {
        if self.replay.doubt.is_empty() {
            return false;
        }
        if self.replay.doubt.hides_names() {
            return true;
        }
        let doubtful = |text: &str| self.replay.doubt.about(Name::from(text)).is_some();
        let mut found = context.variables.iter().chain(context.parameters).filter_map(Value::as_str).any(doubtful);
        for place in Walk::query(query, &[]) {
            if let Part::Expr(Expr { node: Node::Constant(constant), .. }) = place.part
                && let crate::catalog::analyze::tree::Constant::Text(text) = constant
            {
                found |= doubtful(text) || doubtful(text.rsplit('.').next().unwrap_or(text));
            }
        }
        found
    }

    fn select_statement(&mut self, query: &Query, context: Context<'_>) -> Result<RowSet> {
        self.note_writes_of_with(query);
        let rows = self.query(query, context)?;
        if rows.open {
            self.doubt_calls(query)?;
        }
        Ok(rows)
    }

    /// The functions that a query calls may have run, or not.
    fn doubt_calls(&mut self, query: &Query) -> Result<()> {
        let mut called = Vec::new();
        for place in Walk::query(query, &[]) {
            if let Part::Expr(Expr { node: Node::Call(call), .. }) = place.part
                && let Some(crate::catalog::analyze::FunctionId::Object(id)) = call.function
                && self.has_effects(call)
            {
                called.push(id);
            }
        }
        called.into_iter().try_for_each(|id| self.doubt_function(id))
    }

    // --- INSERT, UPDATE, DELETE, MERGE ------------------------------------------------------------

    fn insert(&mut self, query: &Query, insert: &ir::Insert, context: Context<'_>) -> Result<RowSet> {
        self.note_writes_of_with(query);
        let Some(table) = self.target(query) else { return Ok(RowSet::unknown()) };
        if self.replay.is_bucket_table(table) {
            return self.insert_buckets(query, context);
        }
        // A select that certainly yields nothing writes nothing.
        let source = query.from.first().and_then(|node| match node {
            crate::catalog::analyze::tree::FromNode::Range(range) => query.ranges.get(*range as usize),
            crate::catalog::analyze::tree::FromNode::Join(_) => None,
        });
        if let (Some(RangeKind::Subquery { query: select, .. }), true) =
            (source.map(|range| &range.kind), insert.with.is_none())
        {
            let rows = self.query(select, context)?;
            if rows.rows.is_empty() && !rows.open {
                return Ok(RowSet::default());
            }
        }
        self.note_write(query);
        Ok(RowSet::unknown())
    }

    /// UPDATE, DELETE, MERGE: of a table without rows nothing changes.
    fn change(&mut self, query: &Query, command: Command, context: Context<'_>) -> Result<RowSet> {
        self.note_writes_of_with(query);
        let Some(table) = self.target(query) else { return Ok(RowSet::unknown()) };
        if self.replay.is_bucket_table(table) {
            return self.change_buckets(query, command, context);
        }
        if let Some(catalog) = self.system_catalog(table) {
            return self.change_catalog(catalog, query, command, context);
        }
        let (_, open) = self.relation_rows(table);
        if !open && command != Command::Merge {
            return Ok(RowSet::default());
        }
        self.note_write(query);
        Ok(RowSet::unknown())
    }

    fn target(&self, query: &Query) -> Option<ObjectId> {
        match &query.ranges.get(query.result? as usize)?.kind {
            RangeKind::Relation { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// WITH may hold statements that write too.
    fn note_writes_of_with(&mut self, query: &Query) {
        for cte in query.ctes.iter().filter(|cte| cte.query.command != Command::Select) {
            self.note_write(&cte.query);
        }
    }

    /// The table has rows from here on, and so may those that its triggers write to.
    fn note_write(&mut self, query: &Query) {
        if let Some(table) = self.target(query) {
            self.replay.note_write(table);
        }
    }

    /// The system catalog that a table is.
    fn system_catalog(&self, table: ObjectId) -> Option<Name> {
        let now = self.replay.now();
        let object = now.get(table)?;
        (now.schema_name(object).as_str() == "pg_catalog").then_some(object.name)
    }

    /// UPDATE and DELETE of a system catalog, which a superuser may do. The options of functions are followed.
    fn change_catalog(
        &mut self,
        catalog: Name,
        query: &Query,
        command: Command,
        context: Context<'_>,
    ) -> Result<RowSet> {
        let Some(result) = query.result else { return Ok(RowSet::unknown()) };
        let entry = &query.ranges[result as usize];
        let written = query.writes.iter().map(|write| column_name(entry, write.column));
        let is_option = |name: Option<Name>| {
            name.is_some_and(|name| ["prosecdef", "proisstrict", "proleakproof", "proconfig"].contains(&name.as_str()))
        };
        let followed = catalog.as_str() == "pg_proc" && command == Command::Update && query.from.is_empty();
        let Some(table) = self.target(query).filter(|_| followed && written.into_iter().all(is_option)) else {
            self.replay.doubt.everything("a system catalog is written to");
            self.note_unknown("what is written to a system catalog is not followed");
            return Ok(RowSet::unknown());
        };
        let (rows, _) = self.relation_rows(table);
        for (cells, certain) in rows {
            self.step()?;
            let Some(id) = cells.object() else { continue };
            self.on_target(query, cells, context, |it, chosen, inner| {
                match chosen {
                    Truth::True if certain => {
                        for write in &query.writes {
                            let Some(value) = &write.value else { continue };
                            let value = it.eval(value, inner)?;
                            match column_name(entry, write.column).filter(|_| !value.has_unknown()) {
                                Some(name) => it.replay.set_routine_option(id, name, &value),
                                None => it.note_unknown("what is written to a system catalog is not known"),
                            }
                        }
                    }
                    Truth::False | Truth::Null => {}
                    _ => it.note_unknown("which functions an UPDATE of pg_proc changes is not known"),
                }
                Ok(())
            })?;
        }
        Ok(RowSet::default())
    }

    /// Shows a row of the table that a statement changes, and whether its condition chooses the row.
    fn on_target<T>(
        &mut self,
        query: &Query,
        cells: Cells,
        context: Context<'_>,
        see: impl FnOnce(&mut Self, Truth, Context<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = vec![None; query.ranges.len()];
        if let Some(row) = query.result.and_then(|result| rows.get_mut(result as usize)) {
            *row = Some(cells);
        }
        let ctes = std::rc::Rc::default();
        let bound = super::expr::Bound { ranges: &query.ranges, rows, parent: context.rows, ctes, group: None };
        let inner = Context { rows: Some(&bound), ..context };
        let chosen = match &query.filter {
            Some(filter) if query.from.is_empty() => self.eval(filter, inner)?.truth(),
            Some(_) => Truth::Unknown,
            None => Truth::True,
        };
        see(self, chosen, inner)
    }

    /// INSERT into storage.buckets: each row is an object.
    fn insert_buckets(&mut self, query: &Query, context: Context<'_>) -> Result<RowSet> {
        let result = query.result.unwrap_or(0) as usize;
        let number = |name: &str| column_number(&query.ranges[result], name);
        let place = |name: &str| {
            let number = number(name);
            query.writes.iter().filter(|write| !write.update).position(|write| Some(write.column) == number)
        };
        let (id, title, public) = (place("id"), place("name"), place("public"));
        let inserted: Vec<_> = query.writes.iter().filter(|write| !write.update).collect();
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let from_select = inserted.iter().all(|write| write.value.is_none());
        if from_select {
            let Some(RangeKind::Subquery { query: select, .. }) =
                query.ranges.iter().map(|r| &r.kind).find(|k| matches!(k, RangeKind::Subquery { .. }))
            else {
                return Ok(RowSet::unknown());
            };
            let selected = self.query(select, context)?;
            if selected.open || selected.rows.iter().any(|row| !row.certain) {
                self.note_unknown("which buckets are made is not known");
                return Ok(RowSet::unknown());
            }
            rows.extend(selected.rows.iter().map(|row| row.values.to_vec()));
        } else {
            let mut first = Vec::new();
            for write in &inserted {
                first.push(match &write.value {
                    Some(value) => self.eval(value, context)?,
                    None => Value::Unknown,
                });
            }
            let width = first.len().max(1);
            rows.push(first);
            for chunk in query.row_values.chunks(width) {
                rows.push(self.eval_all(chunk, context)?);
            }
        }
        let updates = |name: &str| query.writes.iter().any(|write| write.update && Some(write.column) == number(name));
        for row in rows {
            let text = |at: Option<usize>| at.and_then(|at| row.get(at)).and_then(Value::as_str).map(Name::from);
            let Some(id) = text(id) else {
                self.note_unknown("the id of a bucket is not known");
                continue;
            };
            let is_public = match public.map(|at| row.get(at)) {
                None | Some(Some(Value::Null)) => Some(false),
                Some(Some(Value::Bool(value))) => Some(*value),
                _ => None,
            };
            let made = Bucket { title: text(title), public: is_public };
            let Some((object, is)) = self.replay.bucket(id) else {
                self.replay.add_bucket(id, made);
                continue;
            };
            let title = if updates("name") { made.title } else { is.title };
            let public = if updates("public") { made.public } else { is.public };
            self.replay.change_bucket(object, id, Bucket { title, public });
        }
        Ok(RowSet::unknown())
    }

    /// UPDATE and DELETE of storage.buckets.
    fn change_buckets(&mut self, query: &Query, command: Command, context: Context<'_>) -> Result<RowSet> {
        let result = query.result.unwrap_or(0);
        let Some(table) = self.target(query) else { return Ok(RowSet::unknown()) };
        let entry = &query.ranges[result as usize];
        let Some(id_number) = column_number(entry, "id") else { return Ok(RowSet::unknown()) };
        let (rows, _) = self.relation_rows(table);
        for (cells, _) in rows {
            let id = self.cell(&cells, entry, id_number);
            self.on_target(query, cells, context, |it, chosen, inner| {
                let Value::Text(id) = id else { return Ok(()) };
                it.change_bucket(query, command, Name::from(&id), (chosen, inner))
            })?;
        }
        Ok(RowSet::unknown())
    }

    fn change_bucket(
        &mut self,
        query: &Query,
        command: Command,
        id: Name,
        (chosen, inner): (Truth, Context<'_>),
    ) -> Result<()> {
        let Some((object, is)) = self.replay.bucket(id) else { return Ok(()) };
        let entry = &query.ranges[query.result.unwrap_or(0) as usize];
        match (chosen, command) {
            (Truth::False | Truth::Null, _) => {}
            (Truth::True, Command::Delete) => self.replay.remove_bucket(object),
            (Truth::True, Command::Update) => {
                let mut written = [None, None, None];
                for (at, name) in ["id", "name", "public"].into_iter().enumerate() {
                    let number = column_number(entry, name);
                    let write = query.writes.iter().find(|write| Some(write.column) == number);
                    if let Some(value) = write.and_then(|write| write.value.as_ref()) {
                        written[at] = Some(self.eval(value, inner)?);
                    }
                }
                let [new_id, title, public] = written;
                let name = |value: Value| value.as_str().map(Name::from);
                let is = Bucket {
                    title: title.map_or(is.title, name),
                    public: public.map_or(is.public, |value| if let Value::Bool(it) = value { Some(it) } else { None }),
                };
                match new_id.map_or(Some(id), name) {
                    Some(id) => self.replay.change_bucket(object, id, is),
                    None => self.note_unknown("the id of a bucket is not known"),
                }
            }
            _ => self.replay.change_bucket(object, id, Bucket { public: None, ..is }),
        }
        Ok(())
    }
}

fn column_number(entry: &RangeEntry, column: &str) -> Option<i16> {
    let RangeKind::Relation { object, .. } = &entry.kind else { return None };
    object.as_relation()?.column(Name::from(column)).map(|column| column.number)
}

/// INTO of a SELECT that makes a table.
pub(super) fn into_of(query: &ir::Query) -> Option<&ir::IntoClause> {
    match &query.body {
        ir::QueryBody::Select(select) => select.into.as_deref(),
        _ => None,
    }
}
