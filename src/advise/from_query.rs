//! The tables that a query reads, by its text alone.

use crate::capture::Expression;
use crate::catalog::analyze::Type;
use crate::catalog::analyze::tree::{
    Command, Constant, Expr, FromNode, JoinNode, Node, Query, RangeEntry, RangeKind, Sublink, TargetOrder,
};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::{CatalogAt, ObjectId, RelationClass, TypeRef};
use crate::syntax::{JoinKind, ReferentialAction, TruthValue};

use super::access::{Access, Figures, Order, OrderKey, Probe};
use super::condition::{Condition, Conjunct, Side, Test, conjuncts, key};
use super::from_plan::{sorted_out, without_partition_bounds};
use super::from_view::Asked;
use super::selectivity::Selectivity;
use super::table::{Knowledge, SMALL_ROWS, Table};

/// Rows of a table of which nothing is known.
const UNKNOWN_ROWS: f64 = 100_000.0;
/// Rows that a LIMIT asks for whose number is a parameter.
const USUAL_LIMIT: f64 = 50.0;

/// All accesses of a query, those of the queries in it too.
pub fn accesses<'a>(query: &Query, knowledge: Knowledge<'a>) -> Vec<Access<'a>> {
    let mut all = Vec::new();
    for place in Walk::query(query, &[]) {
        if let Part::Query(block) = place.part {
            all.extend(of_block(block, knowledge, Asked::default(), 0));
        }
    }
    if query.command == Command::Delete {
        all.extend(deletion(query, knowledge));
    }
    all
}

/// Deleting a row looks for rows of other tables that reference it, and for those that reference what goes with it.
fn deletion<'a>(query: &Query, knowledge: Knowledge<'a>) -> Vec<Access<'a>> {
    let (Some(catalog), Some(result)) = (knowledge.catalog, query.result) else { return Vec::new() };
    let Some(RangeKind::Relation { id, .. }) = query.ranges.get(result as usize).map(|range| &range.kind) else {
        return Vec::new();
    };
    let mut all: Vec<Access<'a>> = Vec::new();
    let (mut open, mut seen) = (vec![*id], vec![*id]);
    while let Some(table) = open.pop() {
        for (constraint, key) in catalog.referencing(table) {
            let access = super::foreign_key::check(knowledge, constraint.is.of, key, &constraint.name());
            all.push(Access { span: query.span, ..access });
            // Rows that go with it are looked for themselves.
            if key.on_delete == ReferentialAction::Cascade && !seen.contains(&constraint.is.of) {
                seen.push(constraint.is.of);
                open.push(constraint.is.of);
            }
        }
    }
    all
}

/// A block with what its parts are called: columns of outer queries are marked.
pub(super) struct Block<'q> {
    pub(super) query: &'q Query,
    catalog: Option<CatalogAt<'q>>,
    /// What must hold for all rows.
    pub(super) filter: Vec<&'q Expr>,
    /// What must hold for the rows of one range: ON of outer joins, by the range.
    only: Vec<(u32, &'q Expr)>,
    /// What a query asks of it, where it is a view's.
    asked: Asked,
}

pub(super) fn of_block<'a>(query: &Query, knowledge: Knowledge<'a>, asked: Asked, depth: usize) -> Vec<Access<'a>> {
    let filter = query.filter.iter().collect();
    let mut block = Block { query, catalog: knowledge.catalog, filter, only: Vec::new(), asked };
    for from in &query.from {
        block.add_joins(from);
    }
    let mut found: Vec<(u32, Access<'a>)> = Vec::new();
    for (at, range) in query.ranges.iter().enumerate() {
        let RangeKind::Relation { id, object, .. } = &range.kind else { continue };
        let class = object.as_relation().map(|relation| relation.class);
        let is_table = matches!(
            class,
            Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView)
        );
        let target_of_insert = query.command == Command::Insert && query.result == Some(at as u32);
        if is_table && !target_of_insert {
            found.extend(block.access(at as u32, range, *id, knowledge).map(|access| (at as u32, access)));
        }
    }
    estimate_probes(query, &mut found);
    let views = block.views(knowledge, depth);
    found.into_iter().map(|(_, access)| access).chain(views).collect()
}

/// How many rows each other table has once its own conditions are applied.
fn estimate_probes(query: &Query, found: &mut [(u32, Access<'_>)]) {
    let parts: Vec<f64> = found.iter().map(|(_, access)| Selectivity::of(access).all).collect();
    let names: Vec<String> = found.iter().map(|(at, _)| label(&query.ranges[*at as usize])).collect();
    let mut rows: Vec<f64> =
        found.iter().zip(&parts).map(|((_, access), part)| (access.figures.rows * part).max(1.0)).collect();
    // Few rows of one table are joined with few of the next, and so on.
    for _ in 0..found.len().min(6) {
        for (own, (_, access)) in found.iter_mut().enumerate() {
            let total = access.figures.rows;
            for probe in &mut access.joins {
                let other = probe.conditions.first().and_then(|condition| condition.joined.as_deref());
                // A row of an outer query: those that it keeps are not known here, but they are few as a rule.
                let outer = names.iter().position(|name| Some(name.as_str()) == other).map_or(20.0, |at| rows[at]);
                let keys = probe.conditions.iter().map(|condition| &condition.key);
                let per_row: f64 = keys.map(|key| super::selectivity::one_value(&access.table, key, total)).product();
                probe.rows = outer;
                probe.found = (outer * total * per_row).max(0.5);
                rows[own] = rows[own].min((probe.found * parts[own]).max(1.0));
            }
        }
    }
}

pub(super) fn label(range: &RangeEntry) -> String {
    range.name.to_string()
}

impl<'q> Block<'q> {
    fn add_joins(&mut self, from: &'q FromNode) {
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            let FromNode::Join(join) = node else { continue };
            self.add_on(join);
            open.extend([&join.left, &join.right]);
        }
    }

    fn add_on(&mut self, join: &'q JoinNode) {
        let Some(on) = &join.on else { return };
        match join.kind {
            JoinKind::Inner => self.filter.push(on),
            JoinKind::Left => self.only.extend(ranges_of(&join.right).into_iter().map(|range| (range, on))),
            JoinKind::Right => self.only.extend(ranges_of(&join.left).into_iter().map(|range| (range, on))),
            JoinKind::Full => {}
        }
    }

    fn access<'a>(&self, at: u32, range: &RangeEntry, id: ObjectId, knowledge: Knowledge<'a>) -> Option<Access<'a>> {
        let table = Table::of(knowledge, id);
        if !table.takes_indexes() {
            return None;
        }
        let name = label(range);
        let side = Side { table: &table, alias: Some(&name), alone: false };
        let own = self.only.iter().filter(|(range, _)| *range == at).map(|(_, on)| *on);
        let filters = self.filter.iter().copied().chain(own).map(|expr| self.expression(expr));
        let mut parts: Vec<Conjunct> = Vec::new();
        for expression in filters.chain(self.asked.filter.iter().cloned()) {
            let about = |one: &Expression| one.columns().iter().any(|(table, _)| side.owns(*table));
            let mine = expression.conjuncts().iter().filter(|one| about(one));
            parts.extend(mine.flat_map(|one| conjuncts(one, side)));
        }
        parts.dedup();
        let (conditions, any, obstacles) = sorted_out(parts);
        let (joined, conditions): (Vec<Condition>, Vec<Condition>) =
            conditions.into_iter().partition(|condition| condition.joined.is_some());
        let conditions = without_partition_bounds(conditions, &table);
        let joins = probes(joined);
        let order = self.order(side);
        let needed = self.needed(at, side);
        let figures = figures(&table, order.is_some());
        let span = range.span;
        Some(Access {
            span,
            conditions,
            searched: None,
            policy: policy(knowledge, id, &name, side),
            any,
            obstacles,
            joins,
            order,
            needed,
            figures,
            index: None,
            foreign_key: None,
            table,
        })
    }

    pub(super) fn expression(&self, expr: &Expr) -> Expression {
        Converter { catalog: self.catalog, ranges: &self.query.ranges, depth: 0 }.expression(expr)
    }

    /// ORDER BY where all of it is by columns of one table, and min or max.
    fn order(&self, side: Side<'_>) -> Option<Order> {
        let query = self.query;
        if query.set_operation.is_some() || !query.group_by.is_empty() || !query.windows.is_empty() {
            return None;
        }
        if query.aggregates {
            return self.extremum(side);
        }
        let by_key = |order: &TargetOrder| {
            let target = query.targets.get(order.target as usize)?;
            let key = key(&self.expression(&target.expr), side).ok()?;
            // What is ranked by a constant of the query is another order for the next one.
            let by_default = order.order.operator.is_none() && (key.column.is_some() || !key.sql.contains('\''));
            by_default.then_some(OrderKey {
                key,
                descending: order.order.descending,
                nulls_first: order.order.nulls_first,
            })
        };
        if let Some(order) = self.asked.order.as_ref().filter(|_| query.order_by.is_empty()) {
            return order.of(side);
        }
        let keys: Option<Vec<OrderKey>> = query.order_by.iter().map(by_key).collect();
        let keys = keys.filter(|keys| !keys.is_empty())?;
        let limit = query.limit.as_ref().map(|limit| rows_of(limit) + query.offset.as_ref().map_or(0.0, rows_of));
        Some(Order { keys, limit })
    }

    fn extremum(&self, side: Side<'_>) -> Option<Order> {
        let [target] = self.query.targets.as_slice() else { return None };
        let Node::Aggregate(aggregate) = &target.expr.node else { return None };
        let descending = match aggregate.name.as_str() {
            "max" => true,
            "min" => false,
            _ => return None,
        };
        let [argument] = aggregate.args.as_slice() else { return None };
        let key = key(&self.expression(argument), side).ok()?;
        let plain = aggregate.filter.is_none() && !aggregate.star;
        plain.then(|| Order { keys: vec![OrderKey { key, descending, nulls_first: descending }], limit: Some(1.0) })
    }

    /// The columns that the query names of a range, here and in the queries within.
    fn needed(&self, at: u32, side: Side<'_>) -> Option<Vec<String>> {
        let mut columns: Vec<String> = Vec::new();
        if self.query.incomplete || self.query.result == Some(at) {
            return None;
        }
        let mut walk = Walk::query(self.query, &[]);
        while let Some(place) = walk.next() {
            let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part else { continue };
            let depth = walk.depth(&place);
            if usize::from(var.levels_up) + 1 != depth || var.range != at {
                continue;
            }
            let column = side.table.columns().find(|column| column.number == var.column)?;
            columns.push(column.name.to_string());
        }
        columns.sort_unstable();
        columns.dedup();
        Some(columns)
    }
}

/// Conditions that compare with one other table each.
fn probes(joined: Vec<Condition>) -> Vec<Probe> {
    let mut probes: Vec<Probe> = Vec::new();
    for condition in joined.into_iter().filter(|condition| condition.test == Test::Equal) {
        let same = |probe: &&mut Probe| probe.conditions[0].joined == condition.joined;
        match probes.iter_mut().find(same) {
            Some(probe) => probe.conditions.push(condition),
            None => {
                // A column of a query around this one: it is run once for each row of that.
                let each = condition.joined.as_deref().is_some_and(|table| table.starts_with("outer "));
                probes.push(Probe { conditions: vec![condition], rows: 1.0, found: 1.0, each });
            }
        }
    }
    probes
}

pub(super) fn rows_of(limit: &Expr) -> f64 {
    match &limit.node {
        Node::Constant(Constant::Integer(rows)) => *rows as f64,
        Node::Coercion(coercion) => rows_of(&coercion.arg),
        _ => USUAL_LIMIT,
    }
}

fn ranges_of(from: &FromNode) -> Vec<u32> {
    let mut ranges = Vec::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        match node {
            FromNode::Range(range) => ranges.push(*range),
            FromNode::Join(join) => open.extend([&join.left, &join.right]),
        }
    }
    ranges
}

fn figures(table: &Table<'_>, ordered: bool) -> Figures {
    let usual = if table.is_small_by_design() { SMALL_ROWS } else { UNKNOWN_ROWS };
    let rows = table.rows().unwrap_or(usual);
    let width: f64 = table.columns().map(|column| table.width(&column.name)).sum::<f64>() + 28.0;
    let pages = table.pages().unwrap_or((rows * width / 8192.0).ceil()).max(1.0);
    let sorted = if ordered { rows * 0.1 } else { 0.0 };
    Figures { rows, counted: false, pages, kept: None, blocks: pages, time: None, runs: 1.0, sorted, analyzed: false }
}

/// What the only policy for reading asks of the rows.
fn policy(knowledge: Knowledge<'_>, table: ObjectId, name: &str, side: Side<'_>) -> Vec<Condition> {
    use crate::catalog::analyze::{Environment, Purpose, Scope, expression};
    use crate::syntax::PolicyCommand;
    let Some(catalog) = knowledge.catalog else { return Vec::new() };
    let secured = catalog.relation(table).is_some_and(|relation| relation.is.row_security.is_some());
    let reading = |command: PolicyCommand| matches!(command, PolicyCommand::All | PolicyCommand::Select);
    let mut policies = catalog.policies(table).filter(|policy| policy.is.permissive && reading(policy.is.command));
    let (Some(policy), None, true) = (policies.next(), policies.next(), secured) else { return Vec::new() };
    let Some(using) = &policy.is.using else { return Vec::new() };
    let path = super::table::search_path(catalog);
    let environment = Environment::new(catalog, &path, knowledge.version);
    let Ok(analysis) = expression(environment, &Scope::of(catalog, table), using, &Purpose::Policy) else {
        return Vec::new();
    };
    let mut ranges = analysis.ranges;
    if let Some(range) = ranges.first_mut() {
        range.name = crate::syntax::Name::from(name);
    }
    let expression = Converter { catalog: Some(catalog), ranges: &ranges, depth: 0 }.expression(&analysis.expr);
    // A condition that only a sub-select can answer says nothing about an index of this table; and roles that the
    // policy is not for do not ask what a flag of it would leave out.
    let usable = |part: Conjunct| match part {
        Conjunct::One(condition) if condition.is_selective() && condition.joined.is_none() => Some(condition),
        _ => None,
    };
    conjuncts(&expression, side).into_iter().filter_map(usable).collect()
}

/// From resolved trees to what plans print.
pub(super) struct Converter<'r> {
    pub(super) catalog: Option<CatalogAt<'r>>,
    pub(super) ranges: &'r [RangeEntry],
    pub(super) depth: usize,
}

/// How deep an expression is followed.
const MAX_DEPTH: usize = 60;

impl Converter<'_> {
    fn deeper(&self, expr: &Expr) -> Expression {
        Converter { depth: self.depth + 1, ..*self }.expression(expr)
    }

    fn all(&self, list: &[Expr]) -> Vec<Expression> {
        list.iter().map(|expr| self.deeper(expr)).collect()
    }

    fn operation(&self, operator: &str, left: Option<&Expr>, right: &Expr) -> Expression {
        Expression::Operation {
            operator: operator.into(),
            left: left.map(|left| Box::new(self.deeper(left))),
            right: Box::new(self.deeper(right)),
        }
    }

    pub(super) fn expression(&self, expr: &Expr) -> Expression {
        if self.depth > MAX_DEPTH {
            return Expression::Opaque;
        }
        match &expr.node {
            Node::Constant(constant) => self::constant(constant),
            Node::Var(var) => self.column(var),
            Node::Param(number) => Expression::Parameter(format!("${number}").into()),
            Node::Variable(number) => Expression::Parameter(format!("variable {number}").into()),
            Node::SqlValue(_) => Expression::Parameter("sql value".into()),
            Node::Operator(it) => self.operation(it.name.as_str(), it.left.as_ref(), &it.right),
            Node::Distinct(it) => self.operation("IS DISTINCT FROM", it.left.as_ref(), &it.right),
            Node::ScalarArray(it) => {
                let quantifier = if it.all { "ALL" } else { "ANY" };
                self.operation(&format!("{} {quantifier}", it.name), Some(&it.left), &it.right)
            }
            Node::And(list) => Expression::And(self.flat(list)),
            Node::Or(list) => Expression::Or(self.all(list)),
            Node::Not(inner) => Expression::Not(Box::new(self.deeper(inner))),
            Node::NullTest(test) => {
                let is = Expression::IsNull(Box::new(self.deeper(&test.arg)));
                if test.negated { Expression::Not(Box::new(is)) } else { is }
            }
            Node::BooleanTest(test) if test.value != TruthValue::Unknown && !test.negated => Expression::Operation {
                operator: "IS".into(),
                left: Some(Box::new(self.deeper(&test.arg))),
                right: Box::new(Expression::Constant(
                    if test.value == TruthValue::True { "true" } else { "false" }.into(),
                )),
            },
            Node::RowCompare(it) => Expression::Operation {
                operator: it.name.as_str().into(),
                left: Some(Box::new(Expression::Other(self.all(&it.left)))),
                right: Box::new(Expression::Other(self.all(&it.right))),
            },
            // As EXPLAIN prints it.
            Node::Call(call) if call.name.as_str() == "timezone" && call.args.len() == 2 => {
                self.operation("AT TIME ZONE", Some(&call.args[1]), &call.args[0])
            }
            Node::Call(call) => Expression::Call { name: call.name.as_str().into(), arguments: self.all(&call.args) },
            Node::Coalesce(list) => Expression::Call { name: "coalesce".into(), arguments: self.all(list) },
            Node::Array(list) => Expression::Other(self.all(list)),
            Node::Coercion(it) => self.coercion(expr, &it.arg, it.form),
            Node::Collate(it) => self.deeper(&it.arg),
            Node::Sublink(it) => self.sublink(it),
            Node::NamedArgument { value, .. } => self.deeper(value),
            _ => {
                let mut parts = Vec::new();
                expr.for_each_part(&mut |part| {
                    if let Part::Expr(part) = part {
                        parts.push(self.deeper(part));
                    }
                });
                if parts.is_empty() { Expression::Opaque } else { Expression::Other(parts) }
            }
        }
    }

    /// AND within AND is one list.
    fn flat(&self, list: &[Expr]) -> Vec<Expression> {
        let parts = self.all(list).into_iter().flat_map(|part| match part {
            Expression::And(inner) => inner,
            one => vec![one],
        });
        parts.collect()
    }

    fn coercion(&self, expr: &Expr, arg: &Expr, form: crate::catalog::analyze::tree::Form) -> Expression {
        use crate::catalog::analyze::tree::{CoercionMethod, Form};
        let of = self.deeper(arg);
        let relabels = matches!(&expr.node, Node::Coercion(it) if it.method == CoercionMethod::Relabel);
        let plain = matches!(of, Expression::Constant(_) | Expression::Parameter(_) | Expression::Other(_));
        if plain || relabels && form == Form::ImplicitCast {
            return of;
        }
        let bare = |ty: Type| TypeRef { id: ty.id, modifiers: Vec::new(), array: ty.array };
        let name = |ty: Type| Some(self.catalog?.type_name(&bare(ty)));
        let to = expr.ty.and_then(name).unwrap_or_else(|| "unknown".to_owned());
        Expression::Cast { of: Box::new(of), to: to.into() }
    }

    fn column(&self, var: &crate::catalog::analyze::tree::Var) -> Expression {
        if var.levels_up > 0 {
            let table = format!("outer {} {}", var.levels_up, var.range);
            return Expression::Column { table: Some(table.into()), name: var.column.to_string().into() };
        }
        let Some(range) = self.ranges.get(var.range as usize) else { return Expression::Opaque };
        let table = Some(range.name.as_str().into());
        let name = match &range.kind {
            RangeKind::Relation { object, .. } => {
                let relation = object.as_relation();
                relation.and_then(|it| it.column_number(var.column)).map(|column| column.name)
            }
            // The merged column of USING: its first input.
            RangeKind::Join(join) => {
                return match join.columns.get((var.column.max(1) - 1) as usize) {
                    Some((_, expr)) if self.depth < MAX_DEPTH => self.deeper(expr),
                    _ => Expression::Opaque,
                };
            }
            // The one value of `from websearch_to_tsquery(…) query`.
            RangeKind::Functions { functions, .. } if functions.iter().all(|it| gives_one_row(&it.expr)) => {
                return Expression::Parameter(range.name.as_str().into());
            }
            _ => None,
        };
        let name = name.map_or_else(|| var.column.to_string(), |name| name.to_string());
        Expression::Column { table, name: name.into() }
    }

    fn sublink(&self, sublink: &Sublink) -> Expression {
        let mut reaches_out = false;
        let mut walk = Walk::query(&sublink.query, &[]);
        while let Some(place) = walk.next() {
            if let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part {
                reaches_out |= usize::from(var.levels_up) >= walk.depth(&place);
            }
        }
        use crate::catalog::analyze::tree::SublinkKind;
        if let (false, SublinkKind::Any, [test], Some("=")) =
            (reaches_out, sublink.kind, sublink.test.as_slice(), sublink.operator.as_ref().map(|name| name.as_str()))
        {
            // Each row that the sub-select gives can be looked up.
            let of = Expression::Column { table: Some("sub-select".into()), name: "1".into() };
            return Expression::Operation {
                operator: "=".into(),
                left: Some(Box::new(self.deeper(test))),
                right: Box::new(of),
            };
        }
        if !reaches_out && sublink.kind == SublinkKind::Scalar {
            return Expression::SubPlan("InitPlan 1".into());
        }
        let mut parts = self.all(&sublink.test);
        parts.push(Expression::SubPlan("SubPlan 1".into()));
        Expression::Other(parts)
    }
}

/// Whether a function in FROM stands for a value that is the same for all rows: no set, and nothing of another table.
fn gives_one_row(function: &Expr) -> bool {
    let Node::Call(call) = &function.node else { return false };
    let mut walk = Walk::expr(function, &[]);
    !call.returns_set && !walk.any(|place| matches!(place.part, Part::Expr(Expr { node: Node::Var(_), .. })))
}

fn constant(constant: &Constant) -> Expression {
    Expression::Constant(match constant {
        Constant::Null => "NULL".into(),
        Constant::Bool(value) => value.to_string().into(),
        Constant::Integer(value) => value.to_string().into(),
        Constant::Numeric(text) | Constant::Bits(text) => text.clone(),
        Constant::Text(text) => (**text).into(),
        Constant::Object { text, .. } => text.clone(),
    })
}
