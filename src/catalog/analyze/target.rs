//! Target lists: stars, the names of output columns (parse_target.c), and the targets that ORDER BY, GROUP BY and
//! DISTINCT speak of (parse_clause.c).

use super::coerce::Goal;
use super::expr::Analyzer;
use super::same::{same, without_implicit};
use super::scope::{Level, Site, unknown};
use super::tree::{Expr, FieldSelect, Node, Order, Target, TargetOrder};
use super::types::column_of;
use super::{Error, Result, Type};
use crate::source::Span;
use crate::syntax::{self as ir, Accessor, Constructor, ExprKind, Ident, Name, QueryBody, SqlValue, SubqueryKind};

impl Analyzer<'_> {
    /// transformTargetList.
    pub(super) fn targets(&self, level: &Level<'_>, written: &[ir::Target], site: Site) -> Result<Vec<Target>> {
        let mut targets = Vec::with_capacity(written.len());
        for target in written {
            let star = level.at(site, || self.expand_star(level, &target.expr))?;
            if let Some(columns) = star {
                let span = target.expr.span;
                targets.extend(columns.into_iter().map(|(name, expr)| Target {
                    name,
                    expr,
                    junk: false,
                    name_span: span,
                }));
                continue;
            }
            let expr = level.at(site, || self.expr(level, &target.expr))?;
            let name = target.alias.map_or_else(|| column_name(&target.expr), |alias| alias.name);
            let name_span = target.alias.map_or(target.expr.span, |alias| alias.span);
            targets.push(Target { name, expr, junk: false, name_span });
        }
        Ok(targets)
    }

    /// The columns that `*`, `t.*` and `(row).*` stand for; `None` for anything else. Where the columns are not
    /// known, the level is marked as incomplete.
    pub(super) fn expand_star(&self, level: &Level<'_>, expr: &ir::Expr) -> Result<Option<Vec<(Name, Expr)>>> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Column(column) if column.star => match column.parts[..] {
                [] => self.all_columns(level, span).map(Some),
                [relation] => self.columns_of(level, None, relation, span).map(Some),
                [.., schema, relation] => self.columns_of(level, Some(schema), relation, span).map(Some),
            },
            ExprKind::Indirection(it) if matches!(it.path.last(), Some(Accessor::Star)) => {
                let base = self.expr(level, expr)?;
                Ok(Some(self.fields_of(level, base, span)))
            }
            _ => Ok(None),
        }
    }

    /// `*`.
    fn all_columns(&self, level: &Level<'_>, span: Span) -> Result<Vec<(Name, Expr)>> {
        let visible: Vec<u32> = level
            .items
            .iter()
            .filter(|item| item.columns_visible && !item.lateral_only)
            .map(|item| item.range)
            .collect();
        if visible.is_empty() && !level.opaque.get() {
            return Err(Error::new("42601", span, "SELECT * with no tables specified is not valid"));
        }
        if level.opaque.get() {
            level.incomplete.set(true);
        }
        Ok(visible.into_iter().flat_map(|range| self.columns_of_range(level, level, 0, range, span)).collect())
    }

    fn columns_of(
        &self,
        level: &Level<'_>,
        schema: Option<Ident>,
        relation: Ident,
        span: Span,
    ) -> Result<Vec<(Name, Expr)>> {
        match self.range_by_name(level, schema, relation)? {
            Some((levels_up, range)) => {
                let Some(owner) = level.outer(levels_up) else { return Ok(Vec::new()) };
                Ok(self.columns_of_range(level, owner, levels_up, range, span))
            }
            None => {
                let row = ir::ColumnRef { parts: schema.into_iter().chain([relation]).collect(), star: false };
                // Not a table: maybe a row that is a column or a variable.
                let base = match (schema, self.column_ref(level, self.scope, &row, span)) {
                    (_, Ok(base)) => base,
                    (None, Err(_)) => {
                        let message = format!("missing FROM-clause entry for table \"{}\"", relation.name);
                        return Err(Error::new("42P01", relation.span, message));
                    }
                    (Some(_), Err(error)) => return Err(error),
                };
                Ok(self.fields_of(level, base, span))
            }
        }
    }

    fn columns_of_range(
        &self,
        level: &Level<'_>,
        owner: &Level<'_>,
        levels_up: u16,
        range: u32,
        span: Span,
    ) -> Vec<(Name, Expr)> {
        let entry = &owner.ranges[range as usize];
        if !entry.columns_known {
            level.incomplete.set(true);
        }
        let column = |at: usize| {
            let name = entry.column_at(at, &self.facts)?.name;
            Some((name, self.column_expr(owner, levels_up, range, at, span)?))
        };
        (0..entry.width()).filter_map(column).collect()
    }

    /// `(row).*`.
    fn fields_of(&self, level: &Level<'_>, base: Expr, span: Span) -> Vec<(Name, Expr)> {
        // The columns of a range entry that is named as a whole are just its columns.
        if let Node::Var(var) = &base.node
            && var.column == 0
            && let Some(owner) = level.outer(var.levels_up)
        {
            return self.columns_of_range(level, owner, var.levels_up, var.range, span);
        }
        if let Node::Row(row) = base.node {
            return row.names.into_iter().zip(row.fields).collect();
        }
        let relation = base.ty.and_then(|ty| self.relation_of(self.base(ty)));
        let Some((_, relation)) = relation.filter(|(_, relation)| relation.columns_known) else {
            let outputs = self.outputs_of(&base);
            if outputs.is_empty() {
                level.incomplete.set(true);
            }
            return outputs;
        };
        let select = |column: &std::sync::Arc<crate::catalog::Column>| {
            let shape = column_of(column);
            let node = FieldSelect { base: base.clone(), field: column.number, name: column.name };
            let node = Node::Field(Box::new(node));
            (column.name, Expr { span, ty: shape.ty, modifiers: shape.modifiers, node })
        };
        relation.columns.iter().map(select).collect()
    }

    /// The OUT parameters of a function that yields a record.
    fn outputs_of(&self, base: &Expr) -> Vec<(Name, Expr)> {
        let Node::Call(call) = &base.node else { return Vec::new() };
        let Some(function) = call.function else { return Vec::new() };
        let outputs = self.function_outputs(function);
        let select = |(column, field): (&super::tree::RangeColumn, i16)| {
            let node = FieldSelect { base: base.clone(), field, name: column.name };
            let node = Node::Field(Box::new(node));
            (column.name, Expr { span: base.span, ty: column.ty, modifiers: column.modifiers, node })
        };
        if outputs.len() > 1 { outputs.iter().zip(1..).map(select).collect() } else { Vec::new() }
    }

    /// resolveTargetListUnknowns: constants of no type become text.
    pub(super) fn resolve_unknowns(&self, targets: &mut [Target]) -> Result<()> {
        for target in targets.iter_mut().filter(|target| target.expr.ty == Some(self.known.unknown)) {
            let span = target.expr.span;
            let expr = std::mem::replace(&mut target.expr, unknown(span));
            target.expr = self.resolve_unknown(expr)?;
        }
        Ok(())
    }

    /// A constant of no type as text.
    pub(super) fn resolve_unknown(&self, expr: Expr) -> Result<Expr> {
        if expr.ty != Some(self.known.unknown) {
            return Ok(expr);
        }
        let span = expr.span;
        self.coerce(expr, Goal::implicit(self.known.text, span))
    }

    /// transformSortClause.
    pub(super) fn order_by(
        &self,
        level: &Level<'_>,
        written: &[ir::SortBy],
        targets: &mut Vec<Target>,
    ) -> Result<Vec<TargetOrder>> {
        let mut orders: Vec<TargetOrder> = Vec::new();
        for key in written {
            let target = self.find_target(level, &key.expr, targets, Site::OrderBy)?;
            self.add_order(target, super::call::order_of(key), targets, &mut orders)?;
        }
        Ok(orders)
    }

    /// addTargetToSortList.
    pub(super) fn add_order(
        &self,
        target: u32,
        order: Order,
        targets: &mut [Target],
        orders: &mut Vec<TargetOrder>,
    ) -> Result<()> {
        self.resolve_unknowns(&mut targets[target as usize..=target as usize])?;
        self.check_sortable(&targets[target as usize].expr)?;
        // What is sorted by twice is sorted by once.
        if !orders.iter().any(|known| known.target == target) {
            orders.push(TargetOrder { target, order });
        }
        Ok(())
    }

    /// findTargetlistEntrySQL92: a name or number of an output column, else an expression.
    pub(super) fn find_target(
        &self,
        level: &Level<'_>,
        written: &ir::Expr,
        targets: &mut Vec<Target>,
        site: Site,
    ) -> Result<u32> {
        let clause = clause_name(site);
        match &written.kind {
            ExprKind::Column(column) if column.parts.len() == 1 && !column.star => {
                let name = column.parts[0];
                // GROUP BY prefers the columns of FROM.
                let of_from = site == Site::GroupBy && self.is_column(level, column, written.span);
                if let (false, Some(found)) = (of_from, self.target_named(name, targets, clause)?) {
                    return Ok(found);
                }
            }
            ExprKind::Integer(position) => {
                let shown = || targets.iter().zip(0..).filter(|(target, _)| !target.junk);
                let wanted = usize::try_from(*position).ok().and_then(|position| position.checked_sub(1));
                if level.incomplete.get() {
                    return Ok(self.add_junk(unknown(written.span), targets));
                }
                return wanted.and_then(|at| shown().nth(at)).map(|(_, at)| at).ok_or_else(|| {
                    let message = format!("{clause} position {position} is not in select list");
                    Error::new("42P10", written.span, message)
                });
            }
            ExprKind::Null | ExprKind::String(_) | ExprKind::Float(_) | ExprKind::BitString(_) => {
                let message = format!("non-integer constant in {clause}");
                return Err(Error::new("42601", written.span, message));
            }
            _ => {}
        }
        self.find_target_99(level, written, targets, site)
    }

    fn is_column(&self, level: &Level<'_>, column: &ir::ColumnRef, span: Span) -> bool {
        // Outer columns do not count: the server looks at this query alone.
        let own = |expr: Expr| matches!(expr.node, Node::Var(var) if var.levels_up == 0);
        self.column_ref(level, self.scope, column, span).is_ok_and(own)
    }

    fn target_named(&self, name: Ident, targets: &[Target], clause: &str) -> Result<Option<u32>> {
        let mut found: Option<u32> = None;
        for (target, at) in targets.iter().zip(0..).filter(|(target, _)| !target.junk && target.name == name.name) {
            match found {
                Some(first) if !same(&targets[first as usize].expr, &target.expr) => {
                    let unresolved = target.expr.ty.is_none() || targets[first as usize].expr.ty.is_none();
                    if unresolved {
                        return Ok(found);
                    }
                    let message = format!("{clause} \"{}\" is ambiguous", name.name);
                    return Err(Error::new("42702", name.span, message));
                }
                Some(_) => {}
                None => found = Some(at),
            }
        }
        Ok(found)
    }

    /// findTargetlistEntrySQL99: the target with this expression; a new one that is not shown where there is none.
    pub(super) fn find_target_99(
        &self,
        level: &Level<'_>,
        written: &ir::Expr,
        targets: &mut Vec<Target>,
        site: Site,
    ) -> Result<u32> {
        let expr = level.at(site, || self.expr(level, written))?;
        let matches = |target: &&Target| same(without_implicit(&target.expr), &expr);
        let known = targets.iter().zip(0..).find(|(target, _)| matches(target));
        if let Some((_, at)) = known {
            return Ok(at);
        }
        Ok(self.add_junk(expr, targets))
    }

    fn add_junk(&self, expr: Expr, targets: &mut Vec<Target>) -> u32 {
        let name_span = expr.span;
        targets.push(Target { name: Name::from("?column?"), expr, junk: true, name_span });
        targets.len() as u32 - 1
    }

    /// get_sort_group_operators: what is sorted by must have an order.
    pub(super) fn check_sortable(&self, expr: &Expr) -> Result<()> {
        match expr.ty {
            Some(ty) if self.lacks_order(ty) => {
                let message = format!("could not identify an ordering operator for type {}", self.name(ty));
                Err(Error::new("42883", expr.span, message).help("use an explicit ordering operator or cast the value"))
            }
            _ => Ok(()),
        }
    }

    /// What is grouped by or made distinct must have an equality.
    pub(super) fn check_groupable(&self, expr: &Expr) -> Result<()> {
        match expr.ty {
            Some(ty) if self.lacks_equality(ty) => {
                let message = format!("could not identify an equality operator for type {}", self.name(ty));
                Err(Error::new("42883", expr.span, message))
            }
            _ => Ok(()),
        }
    }

    fn lacks_order(&self, ty: Type) -> bool {
        let known = self.known;
        let base = self.element(self.base(ty)).unwrap_or(self.base(ty));
        self.lacks_equality(ty) || [known.xid, known.cid].contains(&base)
    }

    fn lacks_equality(&self, ty: Type) -> bool {
        const WITHOUT: &[&str] = &[
            "json",
            "xml",
            "point",
            "line",
            "lseg",
            "box",
            "path",
            "polygon",
            "circle",
            "jsonpath",
            "refcursor",
            "txid_snapshot",
            "pg_snapshot",
        ];
        let base = self.base(ty);
        let element = self.element(base).unwrap_or(base);
        self.types.code(element).is_some()
            && self.catalog.get(element.id).is_some_and(|object| WITHOUT.contains(&object.name.as_str()))
    }

    /// The type and name of the columns of a query, for what is made of it.
    pub(super) fn output(&self, targets: &[Target]) -> Vec<super::tree::RangeColumn> {
        let column = |target: &Target| super::tree::RangeColumn {
            name: target.name,
            ty: target.expr.ty,
            modifiers: target.expr.modifiers,
        };
        targets.iter().filter(|target| !target.junk).map(column).collect()
    }
}

fn clause_name(site: Site) -> &'static str {
    match site {
        Site::GroupBy => "GROUP BY",
        Site::DistinctOn => "DISTINCT ON",
        _ => "ORDER BY",
    }
}

/// The name that the server gives to an output column without an alias (FigureColname).
pub(super) fn column_name(expr: &ir::Expr) -> Name {
    figure(expr).map_or_else(|| Name::from("?column?"), |(name, _)| name)
}

/// The name, and whether it is a good one (2) or a makeshift (1).
fn figure(expr: &ir::Expr) -> Option<(Name, u8)> {
    let good = |name: &str| Some((Name::from(name), 2));
    match &expr.kind {
        ExprKind::Column(column) => column.parts.last().filter(|_| !column.star).map(|part| (part.name, 2)),
        ExprKind::Indirection(it) => {
            let field = it.path.iter().rev().find_map(|step| match step {
                Accessor::Field(name) => Some((name.name, 2)),
                _ => None,
            });
            field.or_else(|| figure(&it.base))
        }
        ExprKind::Call(call) => Some((call.function.name.name, 2)),
        ExprKind::NullIf(_) => good("nullif"),
        ExprKind::Cast(cast) => match figure(&cast.expr) {
            Some((name, 2)) => Some((name, 2)),
            _ => Some((cast.ty.name(), 1)),
        },
        ExprKind::Bool(_) => Some((Name::from("bool"), 1)),
        ExprKind::Collate(it) => figure(&it.expr),
        ExprKind::Grouping(_) => good("grouping"),
        ExprKind::Subquery(it) => match it.kind {
            SubqueryKind::Exists => good("exists"),
            SubqueryKind::Array => good("array"),
            SubqueryKind::Scalar => first_target(&it.query),
            SubqueryKind::Any { .. } | SubqueryKind::All { .. } => None,
        },
        ExprKind::Case(it) => match it.otherwise.as_ref().and_then(figure) {
            Some((name, 2)) => Some((name, 2)),
            _ => Some((Name::from("case"), 1)),
        },
        ExprKind::Array(_) => good("array"),
        ExprKind::Row(_) => good("row"),
        ExprKind::Coalesce(_) => good("coalesce"),
        ExprKind::Greatest(_) => good("greatest"),
        ExprKind::Least(_) => good("least"),
        ExprKind::SqlValue(value) => good(sql_value_name(*value)),
        ExprKind::Constructor(it) => constructor_name(it).and_then(good),
        _ => None,
    }
}

/// The name of the first column of a sub-select.
fn first_target(query: &ir::Query) -> Option<(Name, u8)> {
    let mut query = query;
    loop {
        match &query.body {
            QueryBody::Select(select) => {
                let target = select.targets.first()?;
                return Some((target.alias.map_or_else(|| column_name(&target.expr), |alias| alias.name), 2));
            }
            QueryBody::SetOperation(operation) => query = &operation.left,
            QueryBody::Values(_) => return Some((Name::from("column1"), 2)),
            QueryBody::Opaque => return None,
        }
    }
}

fn sql_value_name(value: SqlValue) -> &'static str {
    match value {
        SqlValue::CurrentDate => "current_date",
        SqlValue::CurrentTime => "current_time",
        SqlValue::CurrentTimestamp => "current_timestamp",
        SqlValue::LocalTime => "localtime",
        SqlValue::LocalTimestamp => "localtimestamp",
        SqlValue::CurrentRole => "current_role",
        SqlValue::CurrentUser => "current_user",
        SqlValue::User => "user",
        SqlValue::SessionUser => "session_user",
        SqlValue::CurrentCatalog => "current_catalog",
        SqlValue::CurrentSchema => "current_schema",
    }
}

fn constructor_name(it: &Constructor) -> Option<&'static str> {
    match it.keyword {
        "is_json" | "is_document" => None,
        keyword => Some(keyword),
    }
}
