//! What the conditions of policies say: whether they are always true, what they read, on what they rest.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::analysis;
use crate::catalog::analyze::tree::{
    Constant, Expr, Node, Operation, Query, RangeEntry, RangeKind, SubscriptStep, Var,
};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{ExprAnalysis, FunctionId};
use crate::catalog::{Catalog, CatalogAt, ObjectId};
use crate::source::Span;
use crate::syntax::PolicyCommand;
use crate::syntax::token::Tokens;

/// USING or WITH CHECK of a policy, resolved as of the statement that wrote it.
#[derive(Debug)]
pub struct Condition<'c> {
    analysis: &'c ExprAnalysis,
    at: CatalogAt<'c>,
    table: ObjectId,
}

/// The condition; `None` where there is none or a name in it cannot be resolved.
pub fn condition<'c>(catalog: &'c Catalog, policy: ObjectId, in_check: bool) -> Option<Condition<'c>> {
    let is = catalog.end().get(policy)?.as_policy()?;
    let ((analysis, at), _) = analysis(catalog, policy, in_check)?;
    Some(Condition { analysis, at, table: is.table })
}

/// `column = value` in a condition, where the value is the same for all rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lookup {
    /// The relation.
    pub relation: ObjectId,
    /// attnum.
    pub column: i16,
    /// The comparison.
    pub span: Span,
}

impl Condition<'_> {
    /// Whether it is true for each row, whatever is in it; `None` where that cannot be told.
    pub fn truth(&self) -> Option<bool> {
        truth(&self.analysis.expr, &self.analysis.ranges)
    }

    /// The relations that its sub-selects read, with where.
    pub fn reads(&self) -> Vec<(ObjectId, Span)> {
        let mut reads = Vec::new();
        for place in Walk::expr(&self.analysis.expr, &self.analysis.ranges) {
            let Part::Query(query) = place.part else { continue };
            for range in &query.ranges {
                if let RangeKind::Relation { id, .. } = range.kind {
                    reads.push((id, range.span));
                }
            }
        }
        reads
    }

    /// Where it reads what each user writes about themselves: `user_metadata` of the token, `raw_user_meta_data` of
    /// auth.users, or a function of the project that does.
    pub fn user_metadata(&self) -> Vec<Span> {
        let mut found = Vec::new();
        let mut walk = Walk::expr(&self.analysis.expr, &self.analysis.ranges);
        while let Some(place) = walk.next() {
            let Part::Expr(expr) = place.part else { continue };
            let reads = match &expr.node {
                Node::Operator(operation) => self.takes_metadata(operation),
                Node::Subscript(subscript) => {
                    let first = subscript.path.first();
                    let is_key = |step: &SubscriptStep| matches!(step, SubscriptStep::Index(index) if text_of(index) == Some(METADATA));
                    first.is_some_and(is_key) && self.holds_token(&subscript.base)
                }
                Node::Var(var) => walk.range(&place, var).is_some_and(|range| self.is_raw_metadata(range, var)),
                Node::Call(call) => {
                    matches!(call.function, Some(FunctionId::Object(id)) if self.body_reads_metadata(id))
                }
                _ => false,
            };
            if reads {
                found.push(expr.span);
                walk.skip_children();
            }
        }
        found
    }

    /// `token -> 'user_metadata'`, `token #>> '{user_metadata,role}'`.
    fn takes_metadata(&self, operation: &Operation) -> bool {
        let key = match operation.name.as_str() {
            "->" | "->>" | "?" => text_of(&operation.right) == Some(METADATA),
            "#>" | "#>>" => path_starts_with_metadata(&operation.right),
            _ => false,
        };
        key && operation.left.as_ref().is_some_and(|left| self.holds_token(left))
    }

    /// Whether the token of who is signed in is asked for in it.
    fn holds_token(&self, expr: &Expr) -> bool {
        Walk::expr(expr, &[]).any(|place| {
            let Part::Expr(Expr { node: Node::Call(call), .. }) = place.part else { return false };
            match call.function {
                Some(FunctionId::Object(id)) => self.at.qualified_name(id) == "auth.jwt",
                Some(FunctionId::System(_)) => {
                    call.name.as_str() == "current_setting"
                        && call.args.first().and_then(text_of).is_some_and(|name| name.starts_with("request.jwt"))
                }
                None => false,
            }
        })
    }

    fn is_raw_metadata(&self, range: &RangeEntry, var: &Var) -> bool {
        let RangeKind::Relation { id, .. } = range.kind else { return false };
        self.at.qualified_name(id) == "auth.users"
            && self.at.column_name(id, var.column).as_str() == "raw_user_meta_data"
    }

    /// Whether the body of a function of the project names what users write about themselves.
    fn body_reads_metadata(&self, id: ObjectId) -> bool {
        let Some(object) = self.at.get(id).filter(|object| !object.span.is_none()) else { return false };
        let Some(routine) = object.as_routine() else { return false };
        let source = &routine.source;
        Tokens::of(source)
            .tokens
            .iter()
            .any(|token| matches!(token.text(source), "'user_metadata'" | "raw_user_meta_data"))
    }

    /// Whether it asks only that somebody is signed in, and not who, nor for anything of the row.
    pub fn asks_only_for_an_account(&self) -> bool {
        self.is_account_test(&self.analysis.expr)
    }

    fn is_account_test(&self, expr: &Expr) -> bool {
        match &expr.node {
            Node::And(parts) => {
                let true_alone = |part: &Expr| truth(part, &[]) == Some(true);
                parts.iter().any(|part| self.is_account_test(part))
                    && parts.iter().all(|part| self.is_account_test(part) || true_alone(part))
            }
            Node::Or(parts) => parts.iter().all(|part| self.is_account_test(part)),
            Node::NullTest(test) => test.negated && self.asks_who(&test.arg, &["uid", "email", "jwt"]),
            Node::Operator(operation) => {
                let Some(left) = &operation.left else { return false };
                let sides = [(left, &operation.right), (&operation.right, left)];
                let compares = |word: &str| {
                    sides.iter().any(|(call, text)| self.asks_who(call, &["role"]) && text_of(text) == Some(word))
                };
                match operation.name.as_str() {
                    "=" => compares("authenticated"),
                    "<>" => compares("anon"),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Whether an expression is a call of one of these functions of auth, alone or as `(select …)`.
    fn asks_who(&self, expr: &Expr, functions: &[&str]) -> bool {
        match &expr.node {
            Node::Call(call) => {
                let Some(FunctionId::Object(id)) = call.function else { return false };
                let name = self.at.qualified_name(id);
                name.strip_prefix("auth.").is_some_and(|name| functions.contains(&name))
            }
            Node::Coercion(coercion) => self.asks_who(&coercion.arg, functions),
            Node::Sublink(sublink) => {
                let query = &sublink.query;
                let one = query.from.is_empty() && query.filter.is_none() && query.targets.len() == 1;
                one && self.asks_who(&query.targets[0].expr, functions)
            }
            _ => false,
        }
    }

    /// The comparisons of a column of the policy's table with a value that is the same for all rows, without which no
    /// row passes.
    pub fn lookups(&self) -> Vec<Lookup> {
        let expr = &self.analysis.expr;
        let parts = match &expr.node {
            Node::And(parts) => parts.as_slice(),
            _ => std::slice::from_ref(expr),
        };
        parts.iter().filter_map(|part| self.lookup(part)).collect()
    }

    fn lookup(&self, expr: &Expr) -> Option<Lookup> {
        let (left, right) = match &expr.node {
            Node::Operator(operation) if operation.name.as_str() == "=" => (operation.left.as_ref()?, &operation.right),
            _ => return None,
        };
        let column = |expr: &Expr| match &expr.node {
            Node::Var(var) if var.levels_up == 0 && var.column > 0 => Some(var.column),
            _ => None,
        };
        let steady = |expr: &Expr| !Walk::expr(expr, &[]).any(|place| is_var(place.part)) && !is_constant(expr);
        let column = match (column(left), column(right)) {
            (Some(column), None) if steady(right) => column,
            (None, Some(column)) if steady(left) => column,
            _ => return None,
        };
        Some(Lookup { relation: self.table, column, span: expr.span })
    }

    /// The comparisons by which sub-selects that run for each row find theirs: columns of what they read.
    pub fn inner_lookups(&self) -> Vec<Vec<Lookup>> {
        let mut all = Vec::new();
        for place in Walk::expr(&self.analysis.expr, &self.analysis.ranges) {
            let Part::Query(query) = place.part else { continue };
            let found = inner_lookups(query);
            if !found.is_empty() {
                all.push(found);
            }
        }
        all
    }

    /// The functions of the project that it calls for each row, with where: those in a `(select f())` are left out.
    pub fn functions(&self) -> Vec<(ObjectId, Span)> {
        let mut found = Vec::new();
        let mut walk = Walk::expr(&self.analysis.expr, &self.analysis.ranges);
        while let Some(place) = walk.next() {
            match place.part {
                Part::Expr(Expr { node: Node::Sublink(sublink), .. }) if sublink.query.ranges.is_empty() => {
                    walk.skip_children();
                }
                Part::Expr(Expr { node: Node::Call(call), span, .. }) => {
                    if let Some(FunctionId::Object(id)) = call.function {
                        found.push((id, *span));
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// Columns of a query's only relation that it compares with the row around it.
fn inner_lookups(query: &Query) -> Vec<Lookup> {
    let relations: Vec<ObjectId> = query
        .ranges
        .iter()
        .filter_map(|range| if let RangeKind::Relation { id, .. } = range.kind { Some(id) } else { None })
        .collect();
    let ([relation], Some(filter)) = (relations.as_slice(), &query.filter) else { return Vec::new() };
    let parts = match &filter.node {
        Node::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(filter),
    };
    let lookup = |part: &Expr| {
        let Node::Operator(operation) = &part.node else { return None };
        let left = operation.left.as_ref().filter(|_| operation.name.as_str() == "=")?;
        let own = |expr: &Expr| match &expr.node {
            Node::Var(var) if var.levels_up == 0 && var.column > 0 => Some(var.column),
            _ => None,
        };
        let foreign = |expr: &Expr| {
            Walk::expr(expr, &[])
                .all(|place| !matches!(place.part, Part::Expr(Expr { node: Node::Var(var), .. }) if var.levels_up == 0))
        };
        let column = match (own(left), own(&operation.right)) {
            (Some(column), None) if foreign(&operation.right) => column,
            (None, Some(column)) if foreign(left) => column,
            _ => return None,
        };
        Some(Lookup { relation: *relation, column, span: part.span })
    };
    let found: Vec<Lookup> = parts.iter().filter_map(lookup).collect();
    // Only what meets the row around it runs again and again.
    let meets = parts.iter().any(|part| {
        Walk::expr(part, &[])
            .any(|place| matches!(place.part, Part::Expr(Expr { node: Node::Var(var), .. }) if var.levels_up > 0))
    });
    if meets { found } else { Vec::new() }
}

const METADATA: &str = "user_metadata";

fn is_var(part: Part<'_>) -> bool {
    matches!(part, Part::Expr(Expr { node: Node::Var(_), .. }))
}

fn is_constant(expr: &Expr) -> bool {
    match &expr.node {
        Node::Constant(_) => true,
        Node::Coercion(coercion) => is_constant(&coercion.arg),
        _ => false,
    }
}

fn text_of(expr: &Expr) -> Option<&str> {
    match &expr.node {
        Node::Constant(Constant::Text(text)) => Some(text),
        Node::Coercion(coercion) => text_of(&coercion.arg),
        _ => None,
    }
}

fn path_starts_with_metadata(expr: &Expr) -> bool {
    match &expr.node {
        Node::Array(elements) => elements.first().and_then(text_of) == Some(METADATA),
        Node::Coercion(coercion) => path_starts_with_metadata(&coercion.arg),
        _ => text_of(expr).is_some_and(|text| {
            let path = text.trim_start_matches('{').trim_start();
            path.strip_prefix(METADATA).is_some_and(|rest| rest.trim_start().starts_with([',', '}']))
        }),
    }
}

/// What an expression is for each row, in three values; deep ones are not followed to the end.
fn truth(expr: &Expr, ranges: &[RangeEntry]) -> Option<bool> {
    truth_within(expr, ranges, 200)
}

fn truth_within(expr: &Expr, ranges: &[RangeEntry], depth: u8) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    let truth = |expr: &Expr| truth_within(expr, ranges, depth);
    match &expr.node {
        Node::Constant(Constant::Bool(value)) => Some(*value),
        Node::And(parts) => {
            let values: Vec<_> = parts.iter().map(truth).collect();
            if values.contains(&Some(false)) {
                Some(false)
            } else {
                values.iter().all(|value| *value == Some(true)).then_some(true)
            }
        }
        Node::Or(parts) => {
            let values: Vec<_> = parts.iter().map(truth).collect();
            if values.contains(&Some(true)) {
                Some(true)
            } else {
                values.iter().all(|value| *value == Some(false)).then_some(false)
            }
        }
        Node::Not(arg) => truth(arg).map(|value| !value),
        Node::Coercion(coercion) => truth(&coercion.arg),
        Node::Operator(operation) => {
            let (left, right) = (constant(operation.left.as_ref()?)?, constant(&operation.right)?);
            match operation.name.as_str() {
                "=" => Some(left == right),
                "<>" => Some(left != right),
                _ => None,
            }
        }
        Node::Sublink(sublink) => {
            let query = &sublink.query;
            let one = query.from.is_empty() && query.filter.is_none() && query.targets.len() == 1;
            if one && query.set_operation.is_none() && !query.aggregates && query.limit.is_none() {
                truth_within(&query.targets[0].expr, &[], depth)
            } else {
                None
            }
        }
        Node::NullTest(test) => {
            let Node::Var(var) = &test.arg.node else { return None };
            let range = ranges.get(var.range as usize).filter(|_| var.levels_up == 0)?;
            let RangeKind::Relation { object, .. } = &range.kind else { return None };
            let column = object.as_relation()?.column_number(var.column)?;
            column.not_null.then_some(test.negated)
        }
        _ => None,
    }
}

/// A constant, its type left aside; NULL is none.
fn constant(expr: &Expr) -> Option<&Constant> {
    match &expr.node {
        Node::Constant(Constant::Null) => None,
        Node::Constant(constant) => Some(constant),
        _ => None,
    }
}

/// The relations whose reading a policy forbids itself: those on a way from one of its own sub-selects back to a table
/// whose policies have sub-selects, as the server's rewriter meets them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recursion {
    /// The policy whose sub-select starts it.
    pub policy: ObjectId,
    /// The sub-select's relation.
    pub span: Span,
    /// The table that is met again.
    pub table: ObjectId,
    /// The tables between, in order.
    pub through: Vec<ObjectId>,
}

/// A policy with what its sub-selects read.
struct Reading {
    policy: ObjectId,
    roles: Vec<ObjectId>,
    for_select: bool,
    reads: Vec<(ObjectId, Span)>,
}

/// The policies that make each query on their table fail with "infinite recursion detected in policy".
pub fn recursions(catalog: &Catalog) -> Vec<Recursion> {
    let end = catalog.end();
    let mut by_table: IndexMap<ObjectId, Vec<Reading>> = IndexMap::new();
    for table in end.tables().filter(|table| table.is.row_security.is_some()) {
        for policy in end.policies(table.id) {
            let conditions = [false, true].into_iter().filter_map(|check| condition(catalog, policy.id, check));
            let mut reads: Vec<(ObjectId, Span)> = conditions.flat_map(|condition| condition.reads()).collect();
            add_read_as_caller(end, &mut reads);
            reads.sort();
            reads.dedup_by_key(|(id, _)| *id);
            let for_select = matches!(policy.is.command, PolicyCommand::Select | PolicyCommand::All);
            let reading = Reading { policy: policy.id, roles: policy.is.roles.clone(), for_select, reads };
            by_table.entry(table.id).or_default().push(reading);
        }
    }
    let mut found = Vec::new();
    for (&table, policies) in &by_table {
        for start in policies {
            for &(read, span) in &start.reads {
                let roles: Vec<Option<ObjectId>> = if start.roles.is_empty() {
                    vec![None]
                } else {
                    start.roles.iter().map(|role| Some(*role)).collect()
                };
                let way = roles.iter().find_map(|role| way_back(&by_table, table, read, *role));
                if let Some(through) = way {
                    found.push(Recursion { policy: start.policy, span, table, through });
                    break;
                }
            }
        }
    }
    found
}

/// Adds what views among them read with the caller's rights, through each other: policies hold there too.
fn add_read_as_caller(catalog: CatalogAt<'_>, reads: &mut Vec<(ObjectId, Span)>) {
    let mut next = 0;
    while let Some(&(id, span)) = reads.get(next) {
        next += 1;
        let view = catalog.relation(id).filter(|view| view.is.is_security_invoker());
        let below = view.iter().filter_map(|view| view.is.query.as_ref()).flat_map(|query| &query.reads);
        for (id, _) in below {
            if !reads.iter().any(|(known, _)| known == id) {
                reads.push((*id, span));
            }
        }
    }
}

/// The tables from `read` back to `table` along sub-selects of policies for SELECT that a role is under; breadth first.
fn way_back(
    by_table: &IndexMap<ObjectId, Vec<Reading>>,
    table: ObjectId,
    read: ObjectId,
    role: Option<ObjectId>,
) -> Option<Vec<ObjectId>> {
    let applies = |policy: &&Reading| {
        policy.for_select && (policy.roles.is_empty() || role.is_some_and(|role| policy.roles.contains(&role)))
    };
    let has_reads = |id: &ObjectId| {
        by_table.get(id).is_some_and(|policies| policies.iter().filter(applies).any(|policy| !policy.reads.is_empty()))
    };
    // Met again, a table only fails where a policy that applies then has a sub-select itself.
    if !has_reads(&table) {
        return None;
    }
    let mut ways: Vec<(ObjectId, Option<usize>)> = vec![(read, None)];
    let mut seen: FxHashSet<ObjectId> = FxHashSet::from_iter([read]);
    let mut next = 0;
    while let Some(&(at, _)) = ways.get(next) {
        if at == table {
            let mut through = Vec::new();
            let mut step = ways[next].1;
            while let Some(place) = step {
                through.push(ways[place].0);
                step = ways[place].1;
            }
            through.reverse();
            return Some(through);
        }
        let policies = by_table.get(&at).into_iter().flatten().filter(applies);
        for (read, _) in policies.flat_map(|policy| &policy.reads) {
            if seen.insert(*read) {
                ways.push((*read, Some(next)));
            }
        }
        next += 1;
    }
    None
}
