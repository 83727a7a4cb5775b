//! INSERT, UPDATE, DELETE, MERGE (analyze.c, parse_target.c, parse_merge.c).

use super::coerce::Goal;
use super::error::Missing;
use super::expr::Analyzer;
use super::from::visible;
use super::query::Wanted;
use super::scope::{ColumnView, Level, Site, unknown};
use super::tree::{
    Command, Expr, Form, FromNode, Modifiers, Node, Query, RangeEntry, RangeKind, Sublink, SublinkKind, Target, Write,
};
use super::{Error, Result, Type};
use crate::catalog::{Kind, Object};
use crate::source::Span;
use crate::syntax::{
    self as ir, Accessor, Assignment, CastContext, ConflictTarget, DataRef, Delete, ExprKind, FromItem, IndexKey,
    Insert, Merge, MergeAction, MergeMatch, Name, PolicyCommand, QueryBody, SubqueryKind, TargetColumn, Update, With,
};

/// A column that is written to.
struct Written {
    column: i16,
    ty: Option<Type>,
    modifiers: Modifiers,
    name: Name,
    span: Span,
}

impl Analyzer<'_> {
    /// transformStmt.
    pub(super) fn data_statement(&self, parent: Option<&Level<'_>>, statement: DataRef<'_>) -> Result<Query> {
        match statement {
            DataRef::Select(query) => self.query(parent, query, Wanted::default()),
            DataRef::Insert(insert) => self.insert(parent, insert),
            DataRef::Update(update) => self.update(parent, update),
            DataRef::Delete(delete) => self.delete(parent, delete),
            DataRef::Merge(merge) => self.merge_statement(parent, merge),
        }
    }

    /// A level with the common tables of a statement.
    fn level_with<'p>(
        &self,
        parent: Option<&'p Level<'p>>,
        with: Option<&With>,
    ) -> Result<(Level<'p>, Vec<super::tree::Cte>)> {
        let mut level = Level::new(parent);
        let ctes = with.map(|with| self.with(&mut level, with)).transpose()?.unwrap_or_default();
        Ok((level, ctes))
    }

    /// setTargetTable.
    fn target_table(&self, level: &mut Level<'_>, relation: &ir::RelationRef) -> Result<u32> {
        if relation.name.schema.is_none() && level.find_cte(relation.name.name.name).is_some() {
            let name = relation.name.name;
            let message = format!("relation \"{}\" cannot be the target of a modifying statement", name.name);
            return Err(Error::new("42P01", name.span, message));
        }
        let entry = self.relation_entry(relation)?;
        if matches!(entry.kind, RangeKind::Unknown) {
            level.incomplete.set(true);
        }
        Ok(level.add_range(entry))
    }

    // --- INSERT ---------------------------------------------------------------------------------

    fn insert(&self, parent: Option<&Level<'_>>, insert: &Insert) -> Result<Query> {
        let (mut level, ctes) = self.level_with(parent, insert.with.as_deref())?;
        let result = self.target_table(&mut level, &insert.relation)?;
        let columns = self.insert_columns(&level, result, insert)?;
        let known = level.ranges[result as usize].columns_known;
        let mut writes = Vec::new();
        let mut query = Query { incomplete: false, ..Query::unknown(insert.relation.span) };
        match &insert.source {
            None => {}
            Some(source) => match &source.body {
                QueryBody::Values(values) if is_bare(source) => {
                    for row in &values.rows {
                        let row = self.insert_row(&level, row, &columns, known, insert)?;
                        if writes.is_empty() {
                            writes = row;
                        } else {
                            let values = row.into_iter().filter_map(|write| write.value);
                            query.row_values.extend(values);
                        }
                    }
                }
                _ => {
                    let select = self.sub_query(&level, source, None, true)?;
                    writes = self.insert_select(&select, &columns, known, !insert.columns.is_empty())?;
                    let shown = self.output(&select.targets);
                    let entry = RangeEntry {
                        span: source.span,
                        name: Name::from("*SELECT*"),
                        aliased: true,
                        alias_columns: Vec::new(),
                        lateral: false,
                        columns_known: !select.incomplete,
                        kind: RangeKind::Subquery { query: Box::new(select), columns: shown },
                    };
                    query.from = vec![FromNode::Range(level.add_range(entry))];
                }
            },
        }
        level.items.push(visible(result, true, true));
        if let Some(conflict) = &insert.on_conflict {
            writes.extend(self.on_conflict(&mut level, result, conflict, &mut query)?);
            self.check_conflict_rules(&level.ranges[result as usize], insert.relation.span)?;
        }
        query.returning = self.returning(&level, result, &insert.returning)?;
        query.command = Command::Insert;
        query.writes = writes;
        Ok(finish(query, level, ctes, result))
    }

    /// checkInsertTargets: all columns where none are written.
    fn insert_columns(&self, level: &Level<'_>, result: u32, insert: &Insert) -> Result<Vec<Written>> {
        let entry = &level.ranges[result as usize];
        if insert.columns.is_empty() {
            return Ok(entry.columns(&self.facts).map(|column| written(column, insert.relation.span)).collect());
        }
        let mut columns: Vec<Written> = Vec::new();
        for column in &insert.columns {
            let found = self.written_column(entry, column)?;
            let again = columns.iter().any(|other| other.column == found.column && found.column > 0);
            if again && column.path.is_empty() {
                let message = format!("column \"{}\" specified more than once", column.name.name);
                return Err(Error::new("42701", column.name.span, message));
            }
            columns.push(found);
        }
        Ok(columns)
    }

    /// The column of a relation that is written to.
    fn written_column(&self, entry: &RangeEntry, column: &TargetColumn) -> Result<Written> {
        let (name, span) = (column.name.name, column.name.span);
        // The names are the relation's own, whatever the alias says.
        let own = RangeEntry { alias_columns: Vec::new(), ..entry.clone() };
        let found = own.columns(&self.facts).find(|found| found.name == name);
        let written = match found {
            Some(found) => written(found, span),
            None if !entry.columns_known || self.is_doubtful(name) => {
                Written { column: 0, ty: None, modifiers: Modifiers::NONE, name, span }
            }
            None => {
                let relation = relation_name(entry);
                let message = format!("column \"{name}\" of relation \"{relation}\" does not exist");
                let error = Error::new("42703", span, message);
                return Err(match &entry.kind {
                    RangeKind::Relation { id, .. } => error.missing(Missing::Column(*id, name)),
                    _ => error,
                });
            }
        };
        // A part of a column: what it is of is not followed.
        let whole = column.path.is_empty() || matches!(column.path[..], [Accessor::Star]);
        Ok(if whole { written } else { Written { ty: None, ..written } })
    }

    fn insert_row(
        &self,
        level: &Level<'_>,
        row: &[ir::Expr],
        columns: &[Written],
        known: bool,
        insert: &Insert,
    ) -> Result<Vec<Write>> {
        let written_list = !insert.columns.is_empty();
        self.check_width(row.len(), columns, known, written_list, || row.get(columns.len()).map(|value| value.span))?;
        let mut writes = Vec::new();
        for (value, column) in row.iter().zip(columns) {
            writes.push(self.assign(level, value, column, Site::Values, false)?);
        }
        for value in row.iter().skip(columns.len()) {
            level.at(Site::Values, || self.expr(level, value))?;
        }
        Ok(writes)
    }

    fn check_width(
        &self,
        values: usize,
        columns: &[Written],
        known: bool,
        written_list: bool,
        place: impl FnOnce() -> Option<Span>,
    ) -> Result<()> {
        if !known && !written_list {
            return Ok(());
        }
        if values > columns.len() {
            let span = place().unwrap_or(Span::NONE);
            return Err(Error::new("42601", span, "INSERT has more expressions than target columns"));
        }
        if values < columns.len() && written_list {
            let message = "INSERT has more target columns than expressions";
            return Err(Error::new("42601", columns[values].span, message));
        }
        Ok(())
    }

    fn insert_select(&self, select: &Query, columns: &[Written], known: bool, listed: bool) -> Result<Vec<Write>> {
        let shown: Vec<&Target> = select.targets.iter().filter(|target| !target.junk).collect();
        if select.incomplete {
            return Ok(columns
                .iter()
                .map(|column| Write { column: column.column, value: None, update: false })
                .collect());
        }
        self.check_width(shown.len(), columns, known, listed, || {
            shown.get(columns.len()).map(|target| target.expr.span)
        })?;
        let mut writes = Vec::new();
        for (target, column) in shown.into_iter().zip(columns) {
            self.assigned_value(target.expr.clone(), column)?;
            writes.push(Write { column: column.column, value: None, update: false });
        }
        Ok(writes)
    }

    /// One value for one column.
    fn assign(&self, level: &Level<'_>, value: &ir::Expr, column: &Written, site: Site, update: bool) -> Result<Write> {
        if matches!(value.kind, ExprKind::Default) {
            let expr = Expr { span: value.span, ty: column.ty, modifiers: column.modifiers, node: Node::Default };
            return Ok(Write { column: column.column, value: Some(expr), update });
        }
        let expr = level.at(site, || self.expr(level, value))?;
        let expr = self.assigned_value(expr, column)?;
        Ok(Write { column: column.column, value: Some(expr), update })
    }

    /// transformAssignedExpr.
    fn assigned_value(&self, expr: Expr, column: &Written) -> Result<Expr> {
        let (Some(ty), Some(source), span) = (column.ty, expr.ty, expr.span) else { return Ok(expr) };
        let context = CastContext::Assignment;
        let goal = Goal { ty, modifiers: column.modifiers, context, form: Form::ImplicitCast, span };
        self.coerce_to_target(expr, goal)?.ok_or_else(|| {
            let message = format!(
                "column \"{}\" is of type {} but expression is of type {}",
                column.name,
                self.name(ty),
                self.name(source)
            );
            Error::new("42804", span, message).help("rewrite or cast the expression")
        })
    }

    fn on_conflict(
        &self,
        level: &mut Level<'_>,
        result: u32,
        conflict: &ir::OnConflict,
        query: &mut Query,
    ) -> Result<Vec<Write>> {
        if let Some(ConflictTarget::Columns { elements, filter }) = &conflict.target {
            for element in elements {
                let key = match &element.key {
                    IndexKey::Column(name) => {
                        let target = TargetColumn { name: *name, path: Vec::new() };
                        let column = self.written_column(&level.ranges[result as usize], &target)?;
                        query.conflict_columns.push(column.column);
                        continue;
                    }
                    IndexKey::Expr(expr) => expr,
                };
                query.more_values.push(level.at(Site::Index, || self.expr(level, key))?);
            }
            let filter = self.condition(level, filter.as_ref(), Site::IndexPredicate, "WHERE")?;
            query.more_values.extend(filter);
        }
        if let Some(ConflictTarget::Constraint(name)) = &conflict.target {
            self.check_conflict_constraint(&level.ranges[result as usize], *name)?;
        }
        let Some(update) = &conflict.update else { return Ok(Vec::new()) };
        let mut excluded = level.ranges[result as usize].clone();
        excluded.name = Name::from("excluded");
        excluded.aliased = true;
        let excluded = level.add_range(excluded);
        level.items.push(visible(excluded, true, true));
        let writes = self.assignments(level, result, &update.set, Site::Update);
        let filter = self.condition(level, update.filter.as_ref(), Site::Where, "WHERE");
        level.items.pop();
        query.more_values.extend(filter?);
        writes
    }

    /// Rules that rewrite the statement leave no room for ON CONFLICT (the rewriter's doing).
    fn check_conflict_rules(&self, target: &RangeEntry, span: Span) -> Result<()> {
        let RangeKind::Relation { id, .. } = &target.kind else { return Ok(()) };
        let rewrites = |object: &Object| match &object.kind {
            Kind::Rule(rule) => match rule.event {
                PolicyCommand::Update => true,
                PolicyCommand::Insert => !rule.actions.is_empty(),
                _ => false,
            },
            _ => false,
        };
        if !self.environment.catalog.attached(*id).any(|(_, object)| rewrites(object)) {
            return Ok(());
        }
        let message = "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules";
        Err(Error::new("0A000", span, message))
    }

    fn check_conflict_constraint(&self, target: &RangeEntry, name: crate::syntax::Ident) -> Result<()> {
        let RangeKind::Relation { id, object, .. } = &target.kind else { return Ok(()) };
        let at = self.environment.catalog;
        if !target.columns_known || at.constraints(*id).any(|constraint| constraint.name() == name.name) {
            return Ok(());
        }
        let message = format!("constraint \"{}\" for table \"{}\" does not exist", name.name, object.name);
        Err(Error::new("42704", name.span, message))
    }

    // --- UPDATE, DELETE -------------------------------------------------------------------------

    fn update(&self, parent: Option<&Level<'_>>, update: &Update) -> Result<Query> {
        let (mut level, ctes) = self.level_with(parent, update.with.as_deref())?;
        let result = self.target_table(&mut level, &update.relation)?;
        level.items.push(visible(result, true, true));
        let from = self.from_beside(&mut level, &update.from)?;
        let filter = self.condition(&level, update.filter.as_ref(), Site::Where, "WHERE")?;
        let returning = self.returning(&level, result, &update.returning)?;
        let writes = self.assignments(&level, result, &update.set, Site::Update)?;
        let query = Query {
            command: Command::Update,
            from,
            filter,
            returning,
            writes,
            incomplete: false,
            ..Query::unknown(update.relation.span)
        };
        Ok(finish(query, level, ctes, result))
    }

    fn delete(&self, parent: Option<&Level<'_>>, delete: &Delete) -> Result<Query> {
        let (mut level, ctes) = self.level_with(parent, delete.with.as_deref())?;
        let result = self.target_table(&mut level, &delete.relation)?;
        level.items.push(visible(result, true, true));
        let from = self.from_beside(&mut level, &delete.using)?;
        let filter = self.condition(&level, delete.filter.as_ref(), Site::Where, "WHERE")?;
        let returning = self.returning(&level, result, &delete.returning)?;
        let query = Query {
            command: Command::Delete,
            from,
            filter,
            returning,
            incomplete: false,
            ..Query::unknown(delete.relation.span)
        };
        Ok(finish(query, level, ctes, result))
    }

    /// FROM beside the relation that is written to, which LATERAL does not see.
    fn from_beside(&self, level: &mut Level<'_>, from: &[FromItem]) -> Result<Vec<FromNode>> {
        for item in &mut level.items {
            (item.lateral_only, item.lateral_ok) = (true, false);
        }
        self.from(level, from)
    }

    /// transformUpdateTargetList.
    fn assignments(&self, level: &Level<'_>, result: u32, set: &[Assignment], site: Site) -> Result<Vec<Write>> {
        let entry = &level.ranges[result as usize];
        let mut writes: Vec<Write> = Vec::new();
        let mut at = 0;
        while let Some(assignment) = set.get(at) {
            let shared = set[at + 1..].iter().take_while(|next| shares_value(assignment, next)).count();
            let columns = set[at..=at + shared]
                .iter()
                .map(|assignment| self.written_column(entry, &assignment.column))
                .collect::<Result<Vec<_>>>()?;
            for (column, assignment) in columns.iter().zip(&set[at..]) {
                let again = writes.iter().any(|write| write.column == column.column && column.column > 0);
                if again && assignment.column.path.is_empty() {
                    let message = format!("multiple assignments to same column \"{}\"", column.name);
                    return Err(Error::new("42601", assignment.column.name.span, message));
                }
            }
            match (&assignment.value.kind, shared) {
                (_, 0) => writes.push(self.assign(level, &assignment.value, &columns[0], site, true)?),
                (ExprKind::Subquery(it), _) => writes.extend(self.assign_query(level, &it.query, &columns)?),
                _ => {
                    let value = level.at(site, || self.expr(level, &assignment.value))?;
                    let write = |column: &Written| Write { column: column.column, value: None, update: true };
                    writes.extend(columns.iter().map(write));
                    if let Some(first) = writes.iter_mut().rev().nth(shared) {
                        first.value = Some(value);
                    }
                }
            }
            at += shared + 1;
        }
        Ok(writes)
    }

    /// `(a, b) = (SELECT …)`.
    fn assign_query(&self, level: &Level<'_>, query: &ir::Query, columns: &[Written]) -> Result<Vec<Write>> {
        let analysed = self.sub_query(level, query, None, true)?;
        let shown: Vec<Expr> =
            analysed.targets.iter().filter(|target| !target.junk).map(|target| target.expr.clone()).collect();
        if !analysed.incomplete {
            if shown.len() != columns.len() {
                return Err(Error::new("42601", query.span, "number of columns does not match number of values"));
            }
            for (value, column) in shown.into_iter().zip(columns) {
                self.assigned_value(value, column)?;
            }
        }
        let sublink = Sublink {
            kind: SublinkKind::Scalar,
            test: Vec::new(),
            row: true,
            operators: Vec::new(),
            operator: None,
            query: analysed,
        };
        let mut value = Some(Expr { node: Node::Sublink(Box::new(sublink)), ..unknown(query.span) });
        Ok(columns.iter().map(|column| Write { column: column.column, value: value.take(), update: true }).collect())
    }

    /// transformReturningList. Since 18 `old` and `new` name the row before and after.
    fn returning(&self, level: &Level<'_>, result: u32, written: &[ir::Target]) -> Result<Vec<Target>> {
        if written.is_empty() {
            return Ok(Vec::new());
        }
        let mut inner = Level::new(level.parent);
        inner.ranges = level.ranges.clone();
        inner.items = level.items.clone();
        inner.opaque.set(level.opaque.get());
        let names = |name: &str| level.ranges.iter().any(|range| range.name.as_str() == name);
        if self.environment.version >= 18 {
            for name in ["old", "new"] {
                if !names(name) {
                    let mut entry = inner.ranges[result as usize].clone();
                    entry.name = Name::from(name);
                    entry.aliased = true;
                    let range = inner.add_range(entry);
                    inner.items.push(visible(range, true, false));
                }
            }
        }
        let mut targets = self.targets(&inner, written, Site::Returning)?;
        if inner.incomplete.get() {
            level.incomplete.set(true);
        }
        self.resolve_unknowns(&mut targets)?;
        Ok(targets)
    }

    // --- MERGE ----------------------------------------------------------------------------------

    fn merge_statement(&self, parent: Option<&Level<'_>>, merge: &Merge) -> Result<Query> {
        let (mut level, ctes) = self.level_with(parent, merge.with.as_deref())?;
        let result = self.target_table(&mut level, &merge.relation)?;
        let from = self.from(&mut level, std::slice::from_ref(&merge.source))?;
        let source_items = level.items.clone();
        let target_item = visible(result, true, true);
        let mut query =
            Query { command: Command::Merge, from, incomplete: false, ..Query::unknown(merge.relation.span) };
        level.items.push(target_item.clone());
        query.filter = self.condition(&level, Some(&merge.on), Site::JoinOn, "JOIN/ON")?;
        for arm in &merge.arms {
            level.items = match arm.matched {
                MergeMatch::Matched => source_items.iter().chain([&target_item]).cloned().collect(),
                MergeMatch::NotMatchedBySource => vec![target_item.clone()],
                MergeMatch::NotMatchedByTarget => source_items.clone(),
            };
            query.more_values.extend(self.condition(&level, arm.condition.as_ref(), Site::MergeWhen, "WHEN")?);
            query.writes.extend(self.merge_action(&level, result, &arm.action)?);
        }
        level.items = source_items;
        level.items.push(target_item);
        query.returning = self.returning(&level, result, &merge.returning)?;
        Ok(finish(query, level, ctes, result))
    }

    fn merge_action(&self, level: &Level<'_>, result: u32, action: &MergeAction) -> Result<Vec<Write>> {
        match action {
            MergeAction::Nothing | MergeAction::Delete => Ok(Vec::new()),
            MergeAction::Update(set) => self.assignments(level, result, set, Site::Update),
            MergeAction::Insert { columns, values } => {
                let entry = &level.ranges[result as usize];
                let targets: Vec<Written> = match columns.is_empty() {
                    true => entry.columns(&self.facts).map(|column| written(column, entry.span)).collect(),
                    false => {
                        columns.iter().map(|column| self.written_column(entry, column)).collect::<Result<Vec<_>>>()?
                    }
                };
                let known = entry.columns_known;
                self.check_width(values.len(), &targets, known, !columns.is_empty() && !values.is_empty(), || {
                    values.get(targets.len()).map(|value| value.span)
                })?;
                let pairs = values.iter().zip(&targets);
                pairs.map(|(value, column)| self.assign(level, value, column, Site::Values, false)).collect()
            }
        }
    }
}

fn written(column: ColumnView, span: Span) -> Written {
    Written { column: column.number, ty: column.ty, modifiers: column.modifiers, name: column.name, span }
}

fn relation_name(entry: &RangeEntry) -> Name {
    match &entry.kind {
        RangeKind::Relation { object, .. } => object.name,
        _ => entry.name,
    }
}

/// VALUES alone, not a part of more.
fn is_bare(query: &ir::Query) -> bool {
    query.with.is_none() && query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none()
}

/// In `(a, b) = …` all columns but the first have an opaque value at the place of the one that is written.
fn shares_value(first: &Assignment, next: &Assignment) -> bool {
    let scalar = |value: &ir::Expr| match &value.kind {
        ExprKind::Subquery(it) => matches!(it.kind, SubqueryKind::Scalar),
        _ => true,
    };
    matches!(next.value.kind, ExprKind::Opaque)
        && scalar(&first.value)
        && next.value.span.start <= first.value.span.start
        && next.value.span.end >= first.value.span.end
}

fn finish(query: Query, level: Level<'_>, ctes: Vec<super::tree::Cte>, result: u32) -> Query {
    let incomplete = query.incomplete || level.incomplete.get() || level.opaque.get();
    Query { ctes, result: Some(result), ranges: level.ranges, incomplete, ..query }
}
