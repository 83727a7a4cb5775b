//! SELECT, VALUES, set operations, WITH (analyze.c, parse_cte.c).

use std::cell::{Cell, RefCell};

use super::coerce::common_modifiers;
use super::expr::Analyzer;
use super::scope::{CteEntry, Level, PendingWindow, Site, unknown};
use super::tree::{
    Command, Cte, Expr, Grouping, Locking, Modifiers, Node, Query, RangeColumn, RangeEntry, RangeKind, SetNode, Target,
    TargetOrder, Var, Window,
};
use super::{Error, Result, Type};
use crate::source::Span;
use crate::syntax::{self as ir, CastContext, DataStatement, Name, QueryBody};

/// What the query around expects of a query.
#[derive(Clone, Copy, Default)]
pub(super) struct Wanted {
    /// Constants of no type stay so: the columns of a set operation or of INSERT decide.
    pub keep_unknown: bool,
    /// It is the query of WITH at this place of the level around.
    pub cte: Option<usize>,
}

impl Analyzer<'_> {
    /// A query within another.
    pub(super) fn sub_query(
        &self,
        parent: &Level<'_>,
        query: &ir::Query,
        cte: Option<usize>,
        keep_unknown: bool,
    ) -> Result<Query> {
        self.query(Some(parent), query, Wanted { keep_unknown, cte })
    }

    /// transformStmt for SELECT.
    pub(super) fn query(&self, parent: Option<&Level<'_>>, query: &ir::Query, wanted: Wanted) -> Result<Query> {
        let mut level = Level::new(parent);
        level.is_cte = wanted.cte;
        level.keep_unknown = wanted.keep_unknown;
        self.query_in(level, query)
    }

    /// A query in a level that may already have common tables.
    pub(super) fn query_in(&self, mut level: Level<'_>, query: &ir::Query) -> Result<Query> {
        let mut ctes = Vec::new();
        if let Some(with) = &query.with {
            ctes = self.with(&mut level, with)?;
        }
        let mut result = match &query.body {
            QueryBody::Select(select) => self.select(level, select, query)?,
            QueryBody::Values(values) => self.values(level, values, query)?,
            QueryBody::SetOperation(operation) => self.set_operation(level, operation, query)?,
            QueryBody::Opaque => Query::unknown(query.span),
        };
        result.recursive = query.with.as_ref().is_some_and(|with| with.recursive);
        result.ctes = ctes;
        Ok(result)
    }

    /// transformSelectStmt.
    fn select(&self, mut level: Level<'_>, select: &ir::Select, query: &ir::Query) -> Result<Query> {
        let named = select.windows.iter().map(|window| PendingWindow { definition: window.clone() });
        level.windows = RefCell::new(named.collect());
        let from = self.from(&mut level, &select.from)?;
        let mut targets = self.targets(&level, &select.targets, Site::Select)?;
        let filter = self.condition(&level, select.filter.as_ref(), Site::Where, "WHERE")?;
        let having = self.condition(&level, select.having.as_ref(), Site::Having, "HAVING")?;
        let order_by = self.order_by(&level, &query.order_by, &mut targets)?;
        let group_by = self.group_by(&level, &select.group_by, &mut targets)?;
        let (distinct, distinct_on, order_by) = self.distinct_clause(&level, select, query, &mut targets, order_by)?;
        let (limit, offset) = self.limits(&level, query)?;
        let windows = self.windows(&level, &mut targets)?;
        if !level.keep_unknown {
            self.resolve_unknowns(&mut targets)?;
        }
        let locking = self.locking(&level, query)?;
        let mut result = Query {
            from,
            targets,
            filter,
            having,
            order_by,
            group_by,
            group_distinct: select.group_distinct,
            distinct,
            distinct_on,
            limit,
            offset,
            with_ties: query.with_ties,
            windows,
            locking,
            aggregates: level.aggregates.get(),
            incomplete: level.incomplete.get() || level.opaque.get(),
            ranges: level.ranges,
            ..Query::unknown(query.span)
        };
        self.check_grouping(&mut result)?;
        Ok(result)
    }

    /// A condition: must be boolean.
    pub(super) fn condition(
        &self,
        level: &Level<'_>,
        condition: Option<&ir::Expr>,
        site: Site,
        construct: &str,
    ) -> Result<Option<Expr>> {
        let Some(condition) = condition else { return Ok(None) };
        let expr = level.at(site, || self.expr(level, condition))?;
        self.to_boolean(expr, construct).map(Some)
    }

    /// transformLimitClause.
    fn limits(&self, level: &Level<'_>, query: &ir::Query) -> Result<(Option<Expr>, Option<Expr>)> {
        let limit = |written: Option<&ir::Expr>, construct: &str| -> Result<Option<Expr>> {
            let Some(written) = written else { return Ok(None) };
            let expr = level.at(Site::Limit, || self.expr(level, written))?;
            let expr = self.to_type(expr, self.known.int8, construct)?;
            check_no_columns(&expr, construct)?;
            Ok(Some(expr))
        };
        // LIMIT ALL is LIMIT NULL.
        Ok((limit(query.limit.as_deref(), "LIMIT")?, limit(query.offset.as_deref(), "OFFSET")?))
    }

    /// transformGroupClause.
    fn group_by(
        &self,
        level: &Level<'_>,
        written: &[ir::Grouping],
        targets: &mut Vec<Target>,
    ) -> Result<Vec<Grouping>> {
        let mut grouping = Vec::new();
        for element in written {
            grouping.push(self.grouping(level, element, targets, false)?);
        }
        Ok(grouping)
    }

    fn grouping(
        &self,
        level: &Level<'_>,
        element: &ir::Grouping,
        targets: &mut Vec<Target>,
        in_set: bool,
    ) -> Result<Grouping> {
        let list = |analyzer: &Self, list: &[ir::Grouping], targets: &mut Vec<Target>| {
            list.iter().map(|element| analyzer.grouping(level, element, targets, true)).collect::<Result<Vec<_>>>()
        };
        Ok(match element {
            ir::Grouping::Expr(expr) => match &expr.kind {
                // `(a, b)` is both of them.
                ir::ExprKind::Row(fields) => {
                    let mut group = |field| self.group_target(level, field, targets);
                    let found = fields.iter().map(&mut group).collect::<Result<Vec<u32>>>()?;
                    if in_set { Grouping::Targets(found) } else { Grouping::Sets(vec![Grouping::Targets(found)]) }
                }
                _ => Grouping::Target(self.group_target(level, expr, targets)?),
            },
            ir::Grouping::Empty => Grouping::Empty,
            ir::Grouping::Rollup(elements) => Grouping::Rollup(list(self, elements, targets)?),
            ir::Grouping::Cube(elements) => Grouping::Cube(list(self, elements, targets)?),
            ir::Grouping::Sets(elements) => Grouping::Sets(list(self, elements, targets)?),
        })
    }

    fn group_target(&self, level: &Level<'_>, written: &ir::Expr, targets: &mut Vec<Target>) -> Result<u32> {
        let at = self.find_target(level, written, targets, Site::GroupBy)?;
        let target = &targets[at as usize].expr;
        if let Some(what) = forbidden_in_group(target) {
            return Err(Error::new(what.0, written.span, what.1));
        }
        self.resolve_unknowns(&mut targets[at as usize..=at as usize])?;
        self.check_groupable(&targets[at as usize].expr)?;
        Ok(at)
    }

    /// transformDistinctClause and transformDistinctOnClause. DISTINCT ON puts its columns before those of ORDER BY.
    fn distinct_clause(
        &self,
        level: &Level<'_>,
        select: &ir::Select,
        query: &ir::Query,
        targets: &mut Vec<Target>,
        order_by: Vec<TargetOrder>,
    ) -> Result<(Option<Vec<u32>>, bool, Vec<TargetOrder>)> {
        let Some(written) = &select.distinct else { return Ok((None, false, order_by)) };
        if written.is_empty() {
            for (order, written) in order_by.iter().zip(&query.order_by) {
                if targets[order.target as usize].junk && !level.incomplete.get() {
                    let message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
                    return Err(Error::new("42P10", written.expr.span, message));
                }
            }
            let shown = || targets.iter().zip(0..).filter(|(target, _)| !target.junk);
            for (target, _) in shown() {
                self.check_groupable(&target.expr)?;
            }
            return Ok((Some(shown().map(|(_, at)| at).collect()), false, order_by));
        }
        let mut on = Vec::new();
        for expr in written {
            let at = self.find_target(level, expr, targets, Site::DistinctOn)?;
            self.check_groupable(&targets[at as usize].expr)?;
            on.push(at);
        }
        // The expressions must be those that ORDER BY begins with.
        let mut outside = false;
        for (order, written) in order_by.iter().zip(&query.order_by) {
            let inside = on.contains(&order.target);
            if inside && outside && !level.incomplete.get() {
                let message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
                return Err(Error::new("42P10", written.expr.span, message));
            }
            outside |= !inside;
        }
        let sorted = |at: &u32| order_by.iter().any(|order| order.target == *at);
        if let (Some(missing), true, false) = (on.iter().position(|at| !sorted(at)), outside, level.incomplete.get()) {
            let message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
            return Err(Error::new("42P10", written[missing].span, message));
        }
        Ok((Some(on), true, order_by))
    }

    /// transformWindowDefinitions.
    fn windows(&self, level: &Level<'_>, targets: &mut Vec<Target>) -> Result<Vec<Window>> {
        let mut windows = Vec::new();
        let mut at = 0;
        // Sort keys of a window may hold window calls no more, so the list does not grow while it is read.
        while let Some(PendingWindow { definition }) = level.windows.borrow().get(at).cloned() {
            at += 1;
            let mut order_by = Vec::new();
            for key in &definition.order_by {
                let target = self.find_target_99(level, &key.expr, targets, Site::WindowOrder)?;
                self.add_order(target, super::call::order_of(key), targets, &mut order_by)?;
            }
            let mut partition_by = Vec::new();
            for expr in &definition.partition_by {
                let target = self.find_target_99(level, expr, targets, Site::WindowPartition)?;
                self.check_groupable(&targets[target as usize].expr)?;
                partition_by.push(target);
            }
            let frame = level.at(Site::WindowFrame, || self.exprs(level, &definition.frame))?;
            windows.push(Window {
                name: definition.name.map(|name| name.name),
                base: definition.base.map(|base| base.name),
                partition_by,
                order_by,
                frame_options: definition.frame_options,
                frame,
            });
        }
        Ok(windows)
    }

    /// transformLockingClause.
    fn locking(&self, level: &Level<'_>, query: &ir::Query) -> Result<Vec<Locking>> {
        let mut locking = Vec::new();
        for clause in &query.locking {
            let mut ranges = Vec::new();
            for relation in &clause.relations {
                let name = relation.name.name;
                let at = level.ranges.iter().position(|entry| entry.name == name.name);
                match at {
                    Some(at) => ranges.push(at as u32),
                    None if level.opaque.get() => {}
                    None => {
                        let message = format!("relation \"{}\" in FOR clause not found in FROM clause", name.name);
                        return Err(Error::new("42P01", name.span, message));
                    }
                }
            }
            locking.push(Locking { strength: clause.strength, ranges });
        }
        Ok(locking)
    }

    /// transformValuesClause.
    fn values(&self, mut level: Level<'_>, values: &ir::Values, query: &ir::Query) -> Result<Query> {
        let rows = self.rows(&level, values)?;
        let (rows, columns) = self.common_columns(rows)?;
        let mut targets = Vec::new();
        for (column, number) in columns.iter().zip(1..) {
            let var = Var { levels_up: 0, range: 0, column: number, written_as: None };
            let expr = Expr { span: query.span, ty: column.ty, modifiers: column.modifiers, node: Node::Var(var) };
            targets.push(Target { name: column.name, expr, junk: false, name_span: query.span });
        }
        let entry = RangeEntry {
            span: query.span,
            name: Name::from("*VALUES*"),
            aliased: false,
            alias_columns: Vec::new(),
            lateral: false,
            kind: RangeKind::Values { rows, columns },
            columns_known: true,
        };
        let range = level.add_range(entry);
        level.items.push(super::scope::Item {
            range,
            relation_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        });
        let order_by = self.order_by(&level, &query.order_by, &mut targets)?;
        let (limit, offset) = self.limits(&level, query)?;
        Ok(Query {
            targets,
            order_by,
            limit,
            offset,
            with_ties: query.with_ties,
            from: vec![super::tree::FromNode::Range(range)],
            incomplete: level.incomplete.get(),
            ranges: level.ranges,
            ..Query::unknown(query.span)
        })
    }

    /// The rows of a VALUES list: all of the same length.
    pub(super) fn rows(&self, level: &Level<'_>, values: &ir::Values) -> Result<Vec<Vec<Expr>>> {
        let mut rows: Vec<Vec<Expr>> = Vec::new();
        for row in &values.rows {
            let analysed = level.at(Site::Values, || self.value_row(level, row))?;
            if rows.first().is_some_and(|first| first.len() != analysed.len()) {
                let span = row.first().map_or(Span::NONE, |first| first.span);
                return Err(Error::new("42601", span, "VALUES lists must all be the same length"));
            }
            rows.push(analysed);
        }
        Ok(rows)
    }

    fn value_row(&self, level: &Level<'_>, row: &[ir::Expr]) -> Result<Vec<Expr>> {
        row.iter().map(|value| self.expr(level, value)).collect()
    }

    /// Converts each column of a VALUES list to the common type of its values.
    fn common_columns(&self, rows: Vec<Vec<Expr>>) -> Result<(Vec<Vec<Expr>>, Vec<RangeColumn>)> {
        let width = rows.first().map_or(0, Vec::len);
        let mut columns = Vec::new();
        for at in 0..width {
            let values: Vec<&Expr> = rows.iter().map(|row| &row[at]).collect();
            let ty = self.common_type(&values, "VALUES")?;
            let modifiers = common_modifiers(values.iter().copied(), ty);
            columns.push(RangeColumn { name: Name::from(&format!("column{}", at + 1)), ty, modifiers });
        }
        let convert = |row: Vec<Expr>| {
            row.into_iter().zip(&columns).map(|(value, column)| self.to_common(value, column.ty, "VALUES")).collect()
        };
        let rows = rows.into_iter().map(convert).collect::<Result<_>>()?;
        Ok((rows, columns))
    }

    /// transformSetOperationStmt.
    fn set_operation(&self, mut level: Level<'_>, operation: &ir::SetOperation, query: &ir::Query) -> Result<Query> {
        let cte = level.is_cte;
        let (node, columns) = self.set_tree(&mut level, operation, query.span, cte)?;
        let mut targets = Vec::new();
        for (column, number) in columns.iter().zip(1..) {
            let var = Var { levels_up: 0, range: 0, column: number, written_as: None };
            let expr = Expr { span: column.span, ty: column.ty, modifiers: column.modifiers, node: Node::Var(var) };
            targets.push(Target { name: column.name, expr, junk: false, name_span: column.span });
        }
        let incomplete = level.incomplete.get() || node_incomplete(&node);
        let mut order_by = Vec::new();
        for key in &query.order_by {
            let target = self.set_order_target(key, &targets, incomplete)?;
            if let Some(target) = target {
                self.add_order(target, super::call::order_of(key), &mut targets, &mut order_by)?;
            }
        }
        let (limit, offset) = self.limits(&level, query)?;
        Ok(Query {
            targets,
            order_by,
            limit,
            offset,
            with_ties: query.with_ties,
            set_operation: Some(Box::new(node)),
            incomplete,
            ranges: level.ranges,
            ..Query::unknown(query.span)
        })
    }

    /// ORDER BY of a set operation names an output column or its number.
    fn set_order_target(&self, key: &ir::SortBy, targets: &[Target], incomplete: bool) -> Result<Option<u32>> {
        let found = match &key.expr.kind {
            ir::ExprKind::Column(column) if column.parts.len() == 1 => {
                targets.iter().position(|target| target.name == column.parts[0].name)
            }
            ir::ExprKind::Integer(number) => {
                let at = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
                let found = at.filter(|at| *at < targets.len());
                if found.is_none() && !incomplete {
                    let message = format!("ORDER BY position {number} is not in select list");
                    return Err(Error::new("42P10", key.expr.span, message));
                }
                found
            }
            _ => None,
        };
        match found {
            Some(at) => Ok(Some(at as u32)),
            None if incomplete => Ok(None),
            None => {
                let is_name = matches!(&key.expr.kind, ir::ExprKind::Column(column) if !column.star);
                let (sqlstate, message) = match is_name {
                    true => ("42703", "column of ORDER BY is no output column of the set operation"),
                    false => ("0A000", "invalid UNION/INTERSECT/EXCEPT ORDER BY clause"),
                };
                Err(Error::new(sqlstate, key.expr.span, message))
            }
        }
    }

    /// transformSetOperationTree. A chain of operations is followed along its left side without recursion.
    fn set_tree(
        &self,
        level: &mut Level<'_>,
        operation: &ir::SetOperation,
        span: Span,
        cte: Option<usize>,
    ) -> Result<(SetNode, Vec<SetColumn>)> {
        let mut chain = vec![operation];
        let mut innermost = &operation.left;
        while let (QueryBody::SetOperation(left), true) = (&innermost.body, is_plain(innermost)) {
            chain.push(left);
            innermost = &left.left;
        }
        let (mut node, mut columns) = self.set_leaf(level, innermost)?;
        while let Some(operation) = chain.pop() {
            // The first branch tells the columns of a recursive query.
            if let (true, Some(at)) = (chain.is_empty(), cte) {
                self.publish_columns(level, at, &columns)?;
            }
            let (right, right_columns) = self.set_branch(level, &operation.right, span)?;
            let (left_node, right_node, common) = self.unite(operation, (node, columns), (right, right_columns))?;
            columns = common;
            node = SetNode::Operation {
                operator: operation.operator,
                all: operation.all,
                left: Box::new(left_node),
                right: Box::new(right_node),
            };
        }
        Ok((node, columns))
    }

    fn set_branch(&self, level: &mut Level<'_>, query: &ir::Query, span: Span) -> Result<(SetNode, Vec<SetColumn>)> {
        match &query.body {
            QueryBody::SetOperation(operation) if is_plain(query) => self.set_tree(level, operation, span, None),
            _ => self.set_leaf(level, query),
        }
    }

    fn set_leaf(&self, level: &mut Level<'_>, query: &ir::Query) -> Result<(SetNode, Vec<SetColumn>)> {
        let analysed = self.sub_query(level, query, None, true)?;
        let shown = analysed.targets.iter().filter(|target| !target.junk);
        let column = |target: &Target| SetColumn {
            name: target.name,
            ty: target.expr.ty,
            modifiers: target.expr.modifiers,
            span: target.expr.span,
        };
        let columns = shown.map(column).collect();
        Ok((SetNode::Leaf(analysed), columns))
    }

    /// Converts both branches to common types.
    fn unite(
        &self,
        operation: &ir::SetOperation,
        (mut left, left_columns): (SetNode, Vec<SetColumn>),
        (mut right, right_columns): (SetNode, Vec<SetColumn>),
    ) -> Result<(SetNode, SetNode, Vec<SetColumn>)> {
        let word = match operation.operator {
            ir::SetOperator::Union => "UNION",
            ir::SetOperator::Intersect => "INTERSECT",
            ir::SetOperator::Except => "EXCEPT",
        };
        let incomplete = node_incomplete(&left) || node_incomplete(&right);
        if left_columns.len() != right_columns.len() && !incomplete {
            let message = format!("each {word} query must have the same number of columns");
            let span = right_columns.first().map_or(operation.right.span, |column| column.span);
            return Err(Error::new("42601", span, message));
        }
        let mut columns = Vec::new();
        for (at, (l, r)) in left_columns.iter().zip(&right_columns).enumerate() {
            let (a, b) = (l.expr(), r.expr());
            let ty = if incomplete { None } else { self.common_type(&[&a, &b], word)? };
            if let Some(ty) = ty {
                self.convert_column(&mut left, at, ty)?;
                self.convert_column(&mut right, at, ty)?;
                if !operation.all {
                    self.check_groupable(&Expr { ty: Some(ty), ..a.clone() })?;
                }
            }
            let modifiers = common_modifiers([&a, &b], ty);
            columns.push(SetColumn { name: l.name, ty, modifiers, span: l.span });
        }
        if incomplete && left_columns.len() > columns.len() {
            columns
                .extend(left_columns[columns.len()..].iter().copied().map(|column| SetColumn { ty: None, ..column }));
        }
        Ok((left, right, columns))
    }

    /// Constants of no type in a branch take the type of the column; all else is converted when it runs.
    fn convert_column(&self, node: &mut SetNode, at: usize, ty: Type) -> Result<()> {
        let SetNode::Leaf(query) = node else { return Ok(()) };
        let Some(target) = query.targets.iter_mut().filter(|target| !target.junk).nth(at) else { return Ok(()) };
        let is_unknown = target.expr.ty == Some(self.known.unknown);
        if is_unknown && query.set_operation.is_none() {
            let span = target.expr.span;
            let expr = std::mem::replace(&mut target.expr, unknown(span));
            target.expr = self.to_common(expr, Some(ty), "UNION")?;
            return Ok(());
        }
        match target.expr.ty {
            Some(source) if !is_unknown && !self.can_coerce_one(source, ty, CastContext::Implicit) => {
                let (from, to) = (self.name(source), self.name(ty));
                let message = format!("UNION could not convert type {from} to {to}");
                Err(Error::new("42846", target.expr.span, message))
            }
            _ => Ok(()),
        }
    }

    /// Makes the columns of a recursive query's first branch known to its others.
    fn publish_columns(&self, level: &Level<'_>, at: usize, columns: &[SetColumn]) -> Result<()> {
        let Some(entry) = level.parent.and_then(|parent| parent.ctes.get(at)) else { return Ok(()) };
        let column = |column: &SetColumn| RangeColumn {
            name: column.name,
            ty: column.ty.map(|ty| if ty == self.known.unknown { self.known.text } else { ty }),
            modifiers: column.modifiers,
        };
        let mut output: Vec<RangeColumn> = columns.iter().map(column).collect();
        rename(&mut output, &entry.alias_columns);
        *entry.output.borrow_mut() = Some(output);
        Ok(())
    }

    /// transformWithClause.
    pub(super) fn with(&self, level: &mut Level<'_>, with: &ir::With) -> Result<Vec<Cte>> {
        for (at, cte) in with.queries.iter().enumerate() {
            if with.queries[..at].iter().any(|other| other.name.name == cte.name.name) {
                let message = format!("WITH query name \"{}\" specified more than once", cte.name.name);
                return Err(Error::new("42712", cte.name.span, message));
            }
        }
        let entry = |(index, cte): (usize, &ir::CommonTable)| CteEntry {
            name: cte.name.name,
            index: index as u32,
            output: RefCell::new(None),
            open: Cell::new(false),
            alias_columns: cte.columns.iter().map(|column| column.name).collect(),
            returns: returns_rows(&cte.statement),
        };
        if with.recursive {
            level.ctes = with.queries.iter().enumerate().map(entry).collect();
        }
        let mut ctes = Vec::new();
        for (at, cte) in with.queries.iter().enumerate() {
            let index = with.recursive.then_some(at);
            if let Some(entry) = index.and_then(|at| level.ctes.get(at)) {
                entry.open.set(true);
            }
            let query = match &cte.statement {
                DataStatement::Select(query) => self.sub_query(level, query, index, false)?,
                statement => self.data_statement(Some(level), statement.as_ref())?,
            };
            let output = self.cte_output(&query, cte)?;
            if !with.recursive {
                level.ctes.push(entry((at, cte)));
            }
            let entry = &level.ctes[at];
            entry.open.set(false);
            *entry.output.borrow_mut() = (!query.incomplete).then(|| output.clone());
            ctes.push(Cte {
                name: cte.name.name,
                columns: entry.alias_columns.clone(),
                materialized: cte.materialized,
                query,
                output,
            });
        }
        Ok(ctes)
    }

    fn cte_output(&self, query: &Query, cte: &ir::CommonTable) -> Result<Vec<RangeColumn>> {
        let targets = if query.command == Command::Select { &query.targets } else { &query.returning };
        let mut output = self.output(targets);
        if output.len() < cte.columns.len() && !query.incomplete {
            let message = format!(
                "WITH query \"{}\" has {} columns available but {} columns specified",
                cte.name.name,
                output.len(),
                cte.columns.len()
            );
            return Err(Error::new("42P10", cte.name.span, message));
        }
        rename(&mut output, &cte.columns.iter().map(|column| column.name).collect::<Vec<_>>());
        Ok(output)
    }
}

/// A column of a set operation.
#[derive(Clone, Copy)]
struct SetColumn {
    name: Name,
    ty: Option<Type>,
    modifiers: Modifiers,
    span: Span,
}

impl SetColumn {
    /// Something of its type, for what asks for expressions.
    fn expr(&self) -> Expr {
        Expr { span: self.span, ty: self.ty, modifiers: self.modifiers, node: Node::CaseTest }
    }
}

fn rename(columns: &mut [RangeColumn], names: &[Name]) {
    for (column, name) in columns.iter_mut().zip(names) {
        column.name = *name;
    }
}

fn returns_rows(statement: &DataStatement) -> bool {
    match statement {
        DataStatement::Select(_) => true,
        DataStatement::Insert(it) => !it.returning.is_empty(),
        DataStatement::Update(it) => !it.returning.is_empty(),
        DataStatement::Delete(it) => !it.returning.is_empty(),
        DataStatement::Merge(it) => !it.returning.is_empty(),
    }
}

/// Without WITH, ORDER BY and LIMIT a branch is a part of the tree; else it is a query of its own.
fn is_plain(query: &ir::Query) -> bool {
    query.with.is_none()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locking.is_empty()
}

fn node_incomplete(node: &SetNode) -> bool {
    let mut nodes = vec![node];
    while let Some(node) = nodes.pop() {
        match node {
            SetNode::Leaf(query) if query.incomplete => return true,
            SetNode::Leaf(_) => {}
            SetNode::Operation { left, right, .. } => nodes.extend([&**left, &**right]),
        }
    }
    false
}

fn check_no_columns(expr: &Expr, construct: &str) -> Result<()> {
    let mut walk = super::walk::Walk::expr(expr, &[]);
    while let Some(place) = walk.next() {
        if let super::walk::Part::Expr(Expr { node: Node::Var(var), span, .. }) = place.part
            && usize::from(var.levels_up) == walk.depth(&place)
        {
            let message = format!("argument of {construct} must not contain variables");
            return Err(Error::new("42P10", *span, message));
        }
    }
    Ok(())
}

/// A target that is grouped by may hold no aggregate.
fn forbidden_in_group(expr: &Expr) -> Option<(&'static str, &'static str)> {
    let mut walk = super::walk::Walk::expr(expr, &[]);
    while let Some(place) = walk.next() {
        let super::walk::Part::Expr(expr) = place.part else { continue };
        let depth = walk.depth(&place);
        match &expr.node {
            Node::Aggregate(aggregate) if usize::from(aggregate.levels_up) == depth => {
                return Some(("42803", "aggregate functions are not allowed in GROUP BY"));
            }
            Node::Window(_) if depth == 0 => {
                return Some(("42P20", "window functions are not allowed in GROUP BY"));
            }
            _ => {}
        }
    }
    None
}
