//! How often the calls in a policy run.
//!
//! The conditions of policies are security barriers: the server computes a condition for each row, even one that names no
//! column, unless it stands in a sub-select that does not depend on the row. Such a sub-select runs once for the
//! statement. Within a sub-select that reads a relation, a condition that names a column of it runs for each row of
//! that relation, and one that does not runs once. (Measured on PostgreSQL 17 with functions that count their calls.)

mod conditions;
mod once;

pub use conditions::{Condition, Lookup, Recursion, condition, recursions};
pub use once::{clause_asking_once, in_sub_select};

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::catalog::analyze::tree::{
    Call, Constant, Expr, FromNode, JoinNode, Node, Query, RangeKind, SetNode, Sublink, SublinkKind,
};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{self, Environment, ExprAnalysis, FunctionId, QueryAnalysis, Scope};
use crate::catalog::{Catalog, CatalogAt, Executed, Object, ObjectId, RelationClass};
use crate::source::Span;
use crate::syntax::token::{TokenKind, Tokens};
use crate::syntax::{Name, Volatility};

/// A call that a policy makes again and again although its answer is the same for the whole statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepeatedCall {
    /// The call.
    pub span: Span,
    /// The file holds the call there; else code puts the policy together, and the span is where.
    pub written: bool,
    /// `auth.uid()`, `current_setting(…)`, or a function of the project.
    pub function: String,
    /// The relation for whose rows it runs.
    pub rows_of: Name,
    /// It stands in WITH CHECK.
    pub in_check: bool,
    /// The function, where it is one of the project's own.
    pub helper: Option<ObjectId>,
}

/// The functions of the project that ask who is signed in, by themselves or through each other.
pub fn session_functions(catalog: CatalogAt<'_>) -> &FxHashSet<ObjectId> {
    catalog.catalog().memo.session_functions.get_or_init(|| Arc::new(find_session_functions(catalog)))
}

fn find_session_functions(catalog: CatalogAt<'_>) -> FxHashSet<ObjectId> {
    let candidates: Vec<(ObjectId, Vec<String>)> = catalog
        .routines()
        .filter(|routine| !routine.span().is_none() && matches!(routine.is.language.as_str(), "sql" | "plpgsql"))
        .map(|routine| (routine.id, called_names(&routine.is.source)))
        .collect();
    let mut asking = FxHashSet::default();
    let mut names: FxHashSet<String> =
        ["auth.uid", "auth.jwt", "auth.role", "auth.email", "current_setting"].map(str::to_owned).into_iter().collect();
    loop {
        let before = asking.len();
        for (id, calls) in &candidates {
            if !asking.contains(id) && calls.iter().any(|call| names.contains(call)) {
                asking.insert(*id);
                names.insert(catalog.qualified_name(*id));
                names.insert(catalog.short_name(*id));
            }
        }
        if asking.len() == before {
            return asking;
        }
    }
}

/// The names before each `(` of a body, as they are written.
fn called_names(body: &str) -> Vec<String> {
    let tokens = Tokens::of(body).tokens;
    let opening = tokens.iter().enumerate().filter(|(_, token)| token.text(body) == "(");
    let called = opening.filter_map(|(at, _)| {
        let name = tokens.get(at.checked_sub(1)?).filter(|token| token.kind == TokenKind::Word)?;
        let name = name.text(body).to_ascii_lowercase();
        let qualified = at >= 3 && tokens[at - 2].text(body) == ".";
        Some(if qualified { format!("{}.{name}", tokens[at - 3].text(body).to_ascii_lowercase()) } else { name })
    });
    called.collect()
}

/// The repeated calls of a policy.
pub fn repeated_calls(
    catalog: &Catalog,
    policy: ObjectId,
    asking: &FxHashSet<ObjectId>,
    version: u8,
) -> Vec<RepeatedCall> {
    let end = catalog.end();
    let Some(is) = end.get(policy).and_then(|object| object.as_policy()) else { return Vec::new() };
    let Some(table) = end.get(is.table) else { return Vec::new() };
    let mut found = Vec::new();
    for in_check in [false, true] {
        let Some(((analysis, at), by)) = analysis(catalog, policy, in_check) else { continue };
        let written = by.is_none_or(|by| by.statement.written);
        let mut finder = Finder { at, version, asking, in_check, written, found: Vec::new() };
        finder.expr(&analysis.expr, Some(table.name));
        found.append(&mut finder.found);
    }
    found
}

/// A clause as it was resolved when it was written, and what wrote it: names may have changed since.
fn analysis(
    catalog: &Catalog,
    policy: ObjectId,
    in_check: bool,
) -> Option<((&ExprAnalysis, CatalogAt<'_>), Option<&Executed>)> {
    let analysis = catalog.end().get(policy)?.as_policy()?.resolved(in_check)?;
    let is_it = |object: &Arc<Object>| Some(Arc::ptr_eq(object.as_policy()?.resolved(in_check)?, analysis));
    let (by, _) = catalog.history(policy).find(|(_, object)| object.and_then(is_it) == Some(true))?;
    Some(((analysis, catalog.after(by)), catalog.statement(by)))
}

struct Finder<'a> {
    at: CatalogAt<'a>,
    version: u8,
    asking: &'a FxHashSet<ObjectId>,
    in_check: bool,
    written: bool,
    found: Vec<RepeatedCall>,
}

impl Finder<'_> {
    /// `rows`: the relation for whose rows this runs; `None` where it runs once.
    fn expr(&mut self, expr: &Expr, rows: Option<Name>) {
        match &expr.node {
            // The planner leaves nothing of it but the constant.
            Node::And(_) | Node::Or(_) if folded(expr).is_some() => {}
            Node::Call(call) => self.call(expr, call, rows),
            Node::Sublink(sublink) => {
                sublink.test.iter().for_each(|test| self.expr(test, rows));
                let exists = sublink.kind == SublinkKind::Exists;
                let once = !reaches_out(&sublink.query) || exists && is_hashed(&sublink.query);
                self.query(&sublink.query, if once { None } else { rows }, exists);
            }
            _ => self.parts(expr, rows),
        }
    }

    fn parts(&mut self, expr: &Expr, rows: Option<Name>) {
        let mut parts = Vec::new();
        expr.for_each_part(&mut |part| parts.push(part));
        for part in parts {
            if let Part::Expr(part) = part {
                self.expr(part, rows);
            }
        }
    }

    fn call(&mut self, expr: &Expr, call: &Call, rows: Option<Name>) {
        let (Some((function, helper)), Some(rows_of)) = (self.session_call(call), rows) else {
            self.parts(expr, rows);
            return;
        };
        if call.args.iter().any(names_columns) {
            self.parts(expr, rows);
            return;
        }
        let (in_check, written) = (self.in_check, self.written);
        self.found.push(RepeatedCall { span: expr.span, written, function, rows_of, in_check, helper });
    }

    /// The function's name, when its answer is the same for the whole statement and it asks about the session.
    fn session_call(&self, call: &Call) -> Option<(String, Option<ObjectId>)> {
        match call.function? {
            FunctionId::System(_) => {
                let is_setting = call.name.as_str() == "current_setting";
                is_setting.then(|| ("current_setting(…)".to_owned(), None))
            }
            FunctionId::Object(id) => {
                let name = self.at.qualified_name(id);
                if matches!(name.as_str(), "auth.uid" | "auth.jwt" | "auth.role" | "auth.email") {
                    return Some((format!("{name}()"), None));
                }
                let routine = self.at.get(id)?.as_routine()?;
                let helper = self.asking.contains(&id) && routine.volatility == Volatility::Stable;
                helper.then(|| (format!("{}()", self.at.short_name(id)), Some(id)))
            }
        }
    }

    /// `entry`: how often the sub-select itself is started; `exists`: nobody asks for its output.
    fn query(&mut self, query: &Query, entry: Option<Name>, exists: bool) {
        if let Some(operation) = &query.set_operation {
            self.set_operation(operation, entry);
        }
        let inner = query.from.iter().find_map(|node| relation_of(query, node)).or(entry);
        for cte in &query.ctes {
            let inlined = cte.materialized != Some(true) && references(query, cte.name) == 1 && is_one_row(&cte.query);
            self.query(&cte.query, if inlined { inner } else { entry }, false);
        }
        for range in &query.ranges {
            match &range.kind {
                RangeKind::Subquery { query, .. } if is_one_row(query) => self.query(query, inner, false),
                RangeKind::Subquery { query, .. } => self.query(query, entry, false),
                RangeKind::Functions { functions, .. } => functions.iter().for_each(|it| self.expr(&it.expr, entry)),
                RangeKind::Values { rows, .. } => rows.iter().flatten().for_each(|it| self.expr(it, entry)),
                RangeKind::Relation { id, .. } => self.view(*id, entry),
                _ => {}
            }
        }
        for node in &query.from {
            self.joins(query, node, inner, entry);
        }
        query.filter.iter().for_each(|filter| self.condition(query, filter, inner, entry));
        if !exists {
            let rows = if is_cut_short(query) { entry } else { inner };
            query.targets.iter().for_each(|target| self.expr(&target.expr, rows));
        }
        query.having.iter().for_each(|having| self.condition(query, having, inner, entry));
        query.limit.iter().chain(&query.offset).for_each(|it| self.expr(it, entry));
    }

    fn set_operation(&mut self, node: &SetNode, entry: Option<Name>) {
        match node {
            SetNode::Leaf(query) => self.query(query, entry, false),
            SetNode::Operation { left, right, .. } => {
                self.set_operation(left, entry);
                self.set_operation(right, entry);
            }
        }
    }

    fn joins(&mut self, query: &Query, node: &FromNode, inner: Option<Name>, entry: Option<Name>) {
        let FromNode::Join(join) = node else { return };
        let JoinNode { left, right, on, .. } = join.as_ref();
        self.joins(query, left, inner, entry);
        self.joins(query, right, inner, entry);
        on.iter().for_each(|on| self.condition(query, on, inner, entry));
    }

    /// Each part of a conjunction runs on its own: for each row only when it names a column.
    fn condition(&mut self, query: &Query, condition: &Expr, inner: Option<Name>, entry: Option<Name>) {
        match &condition.node {
            Node::And(parts) => parts.iter().for_each(|part| self.condition(query, part, inner, entry)),
            // It is joined with, and its output computed where it is compared.
            Node::Sublink(sublink) if sublink.kind == SublinkKind::Any && is_joined(sublink) => {
                let rows = inner.map(|inner| read_for(query, condition, inner));
                sublink.test.iter().for_each(|test| self.expr(test, rows));
                self.query(&sublink.query, rows, false);
            }
            _ if names_columns(condition) => self.expr(condition, inner.map(|inner| read_for(query, condition, inner))),
            _ => self.expr(condition, entry),
        }
    }
}

impl Finder<'_> {
    /// What runs where a view is read.
    fn view(&mut self, id: ObjectId, entry: Option<Name>) {
        let Some((analysis, written)) = self.view_query(id) else { return };
        let around = std::mem::replace(&mut self.written, written);
        self.query(&analysis.query, entry, false);
        self.written = around;
    }

    /// The query of a view as it was resolved when it was written, and whether a file holds it as it is.
    fn view_query(&self, id: ObjectId) -> Option<(QueryAnalysis, bool)> {
        let view = self.at.relation(id).filter(|it| it.is.class == RelationClass::View)?;
        let (query, catalog) = (view.is.query.as_ref()?, self.at.catalog());
        let is_this = |object: &Arc<Object>| Some(Arc::ptr_eq(object.as_relation()?.query.as_ref()?, query));
        let made = catalog.history(id).find(|(_, object)| object.and_then(is_this) == Some(true))?.0;
        let executed = catalog.statement(made)?;
        let environment = Environment::new(catalog.after(made), &executed.search_path, self.version);
        let analysis = analyze::query(environment, &Scope::empty(), &query.query).ok()?;
        Some((analysis, executed.statement.written))
    }
}

/// What a condition is whatever the row, without a look at anything but constants.
fn folded(expr: &Expr) -> Option<bool> {
    folded_within(expr, 50)
}

fn folded_within(expr: &Expr, depth: u8) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    // One part decides, or all parts are the other value.
    let decided = |parts: &[Expr], by: bool| {
        let values: Vec<Option<bool>> = parts.iter().map(|part| folded_within(part, depth)).collect();
        if values.contains(&Some(by)) {
            return Some(by);
        }
        values.iter().all(|value| *value == Some(!by)).then_some(!by)
    };
    match &expr.node {
        Node::Constant(Constant::Bool(value)) => Some(*value),
        Node::And(parts) => decided(parts, false),
        Node::Or(parts) => decided(parts, true),
        Node::Not(arg) => folded_within(arg, depth).map(|value| !value),
        _ => None,
    }
}

/// Whether `x IN (select …)` in a query becomes a join with one row: x is of the query, and nothing is read for it.
fn is_joined(sublink: &Sublink) -> bool {
    is_one_row(&sublink.query) && !reaches_out(&sublink.query) && sublink.test.iter().any(names_columns)
}

/// The relation of the first of the query's own columns that a condition names.
fn read_for(query: &Query, condition: &Expr, otherwise: Name) -> Name {
    let mut walk = Walk::expr(condition, &[]);
    while let Some(place) = walk.next() {
        let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part else { continue };
        if usize::from(var.levels_up) == walk.depth(&place)
            && let Some(relation) = relation_of(query, &FromNode::Range(var.range))
        {
            return relation;
        }
    }
    otherwise
}

/// Whether an expression names a column of any query, its own or one around it.
fn names_columns(expr: &Expr) -> bool {
    Walk::expr(expr, &[]).any(|place| matches!(place.part, Part::Expr(Expr { node: Node::Var(_), .. })))
}

/// Whether LIMIT ends a query before the output of more than a few rows is computed.
fn is_cut_short(query: &Query) -> bool {
    let sorted = !query.order_by.is_empty() || query.distinct.is_some();
    query.limit.is_some() && !sorted && !query.aggregates && query.group_by.is_empty()
}

/// `select f()`: the planner puts its output where it is used.
fn is_one_row(query: &Query) -> bool {
    query.ranges.is_empty() && query.set_operation.is_none() && query.ctes.is_empty() && !query.aggregates
}

/// How often a query reads one of its own WITH queries.
fn references(query: &Query, cte: Name) -> usize {
    let reads = |kind: &RangeKind| matches!(kind, RangeKind::Cte { name, levels_up: 0, .. } if *name == cte);
    query.ranges.iter().filter(|range| reads(&range.kind)).count()
}

/// Whether what EXISTS reads can be read once and looked up for each row: the query meets the row around it in
/// equalities alone (`convert_EXISTS_to_ANY` of the planner).
fn is_hashed(query: &Query) -> bool {
    let simple = query.set_operation.is_none()
        && query.ctes.is_empty()
        && !query.aggregates
        && query.group_by.is_empty()
        && query.having.is_none()
        && query.limit.is_none();
    let Some(filter) = query.filter.as_ref().filter(|_| simple) else { return false };
    let parts = match &filter.node {
        Node::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(filter),
    };
    let rest = parts.iter().filter(|part| !is_equality(part));
    let stays_inside = |expr: &Expr| !Walk::expr(expr, &[]).any(|place| is_outer(place.part));
    rest.into_iter().all(stays_inside) && query.from.iter().all(|node| joins_stay_inside(node, &stays_inside))
}

/// `a = b`.
fn is_equality(expr: &Expr) -> bool {
    matches!(&expr.node, Node::Operator(operation) if operation.name.as_str() == "=")
}

fn is_outer(part: Part<'_>) -> bool {
    matches!(part, Part::Expr(Expr { node: Node::Var(var), .. }) if var.levels_up > 0)
}

fn joins_stay_inside(node: &FromNode, stays_inside: &impl Fn(&Expr) -> bool) -> bool {
    let FromNode::Join(join) = node else { return true };
    let sides = joins_stay_inside(&join.left, stays_inside) && joins_stay_inside(&join.right, stays_inside);
    sides && join.on.iter().all(stays_inside)
}

/// Whether a sub-select depends on what is around it.
fn reaches_out(query: &Query) -> bool {
    let mut walk = Walk::query(query, &[]);
    while let Some(place) = walk.next() {
        if let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part
            && usize::from(var.levels_up) >= walk.depth(&place)
        {
            return true;
        }
    }
    false
}

/// The first element of FROM that may have several rows.
fn relation_of(query: &Query, node: &FromNode) -> Option<Name> {
    match node {
        FromNode::Range(at) => {
            let range = query.ranges.get(*at as usize)?;
            match &range.kind {
                RangeKind::Relation { object, .. } => Some(object.name),
                RangeKind::Subquery { query, .. } => query.from.iter().find_map(|node| relation_of(query, node)),
                RangeKind::Cte { levels_up: 0, index, .. }
                    if query.ctes.get(*index as usize).is_some_and(|cte| is_one_row(&cte.query)) =>
                {
                    None
                }
                _ => Some(range.name),
            }
        }
        FromNode::Join(join) => relation_of(query, &join.left).or_else(|| relation_of(query, &join.right)),
    }
}
