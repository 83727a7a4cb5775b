//! What rules about queries share: the parts of a resolved query, and what the schema says of them.

use std::cell::OnceCell;

use crate::catalog::analyze::tree::{self, Constant, Expr, FromNode, Node, RangeKind, Var};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{self, Environment, FunctionId, OperatorId, QueryAnalysis, Scope};
use crate::catalog::{CatalogAt, Column, Found, Index, Key, ObjectId, Relation, Routine};
use crate::rule::ProjectFacts;
use crate::source::{Sources, Span};
use crate::syntax::plpgsql::Body;
use crate::syntax::{self, DataRef, ExprKind, JoinKind, Name, SubqueryKind, Volatility};

/// Where a query stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// A view that is there in the end.
    View,
    /// The body of a function that is there in the end.
    Function,
    /// The condition of a policy that is there in the end.
    Policy,
    /// A DO block of a migration, which runs once.
    Code,
    /// A migration, which runs once.
    Migration,
    /// A file of queries.
    File,
}

impl Place {
    /// Whether it is asked again and again.
    pub fn is_lasting(self) -> bool {
        !matches!(self, Place::Code | Place::Migration)
    }
}

/// What a query rule sees: a query, or the PL/pgSQL code around several.
pub struct QueryContext<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// The catalog that the query meets.
    pub catalog: CatalogAt<'a>,
    /// Where its names are looked up.
    pub environment: Environment<'a>,
    /// What is known of the project besides its files.
    pub facts: &'a ProjectFacts,
    /// Where it stands.
    pub place: Place,
    /// All of it.
    pub span: Span,
    /// The query as written; `None` for code.
    pub statement: Option<DataRef<'a>>,
    /// The query with all names resolved: see [`QueryContext::analysis`].
    pub(crate) resolved: &'a OnceCell<Option<QueryAnalysis>>,
    /// Resolves the names.
    pub(crate) resolve: &'a dyn Fn() -> Option<QueryAnalysis>,
    /// See [`QueryContext::blocks`].
    pub(crate) blocks: OnceCell<Vec<&'a tree::Query>>,
    /// PL/pgSQL code.
    pub code: Option<&'a Body>,
    /// The function whose code it is.
    pub routine: Option<Found<'a, Routine>>,
}

/// A column of a table that a query reads.
#[derive(Clone, Copy)]
pub struct ColumnUse<'a> {
    /// The table.
    pub table: ObjectId,
    /// What it is.
    pub relation: &'a Relation,
    /// The column.
    pub column: &'a Column,
    /// Which of the query's ranges it is.
    pub range: u32,
}

impl<'a> QueryContext<'a> {
    /// The query with all names resolved; `None` where one cannot be.
    pub fn analysis(&self) -> Option<&'a QueryAnalysis> {
        self.resolved.get_or_init(self.resolve).as_ref()
    }

    /// The query and all queries in it.
    pub fn blocks(&self) -> Vec<&'a tree::Query> {
        let find = |analysis: &'a QueryAnalysis| {
            let parts = Walk::query(&analysis.query, &[]).filter_map(|place| match place.part {
                Part::Query(query) => Some(query),
                Part::Expr(_) => None,
            });
            parts.collect()
        };
        self.blocks.get_or_init(|| self.analysis().map(find).unwrap_or_default()).clone()
    }

    /// Whether a value is compared with the rows of a sub-select, as it is written.
    pub fn compares_with_rows(&self) -> bool {
        let mut found = false;
        let statement = self.statement.map(|statement| statement.as_part());
        statement.into_iter().for_each(|part| {
            part.walk(&mut |part| {
                found |= matches!(part, syntax::Part::Expr(expr) if is_comparison_with_rows(expr));
                !found
            });
        });
        found
    }

    /// The column that an expression is, where it is one of this query's tables.
    pub fn column(&self, block: &'a tree::Query, expr: &Expr) -> Option<ColumnUse<'a>> {
        let Node::Var(Var { levels_up: 0, range, column, .. }) = plain(expr).node else { return None };
        let RangeKind::Relation { id, object, .. } = &block.ranges.get(range as usize)?.kind else { return None };
        let relation = object.as_relation()?;
        let column = relation.column_number(column)?;
        Some(ColumnUse { table: *id, relation, column, range })
    }

    /// An index that starts with a column, of all rows, for `=` and `<`.
    pub fn index_on(&self, column: ColumnUse<'_>) -> Option<Found<'a, Index>> {
        self.catalog.indexes(column.table).find(|index| {
            let whole = index.is.predicate.is_none() && index.is.valid && index.is.access_method.as_str() == "btree";
            whole
                && index
                    .is
                    .keys
                    .first()
                    .is_some_and(|key| matches!(key.key, Key::Column(it) if it == column.column.number))
        })
    }

    /// Whether the server takes an expression over a table's columns into an index.
    pub fn may_index(&self, table: ObjectId, sql: &str) -> bool {
        let Ok(expr) = syntax::parse_expression(sql, &syntax::Origin::Elsewhere(Span::NONE)) else { return false };
        let scope = Scope::of(self.catalog, table);
        let analysis = analyze::expression(self.environment, &scope, &expr, &analyze::Purpose::Index);
        analysis.is_ok_and(|analysis| analysis.volatility(self.environment) == Some(Volatility::Immutable))
    }

    /// The name of a column as a query would write it.
    pub fn column_text(&self, span: Span) -> String {
        self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// How often a function must be asked; `None` where it is not known.
    pub fn volatility(&self, function: FunctionId) -> Option<Volatility> {
        analyze::function_volatility(self.environment, function)
    }

    /// Whether an expression can be NULL; `None` where nobody can tell.
    pub fn is_nullable(&self, block: &'a tree::Query, expr: &Expr) -> Option<bool> {
        match &plain(expr).node {
            Node::Constant(constant) => Some(matches!(constant, Constant::Null)),
            Node::Var(var) if var.levels_up == 0 => {
                let column = self.column(block, expr)?;
                if outer_joined(block).contains(&column.range) {
                    return Some(true);
                }
                let asked = conditions(block).into_iter().any(|condition| excludes_null(condition, var));
                Some(!column.column.not_null && !asked)
            }
            Node::Aggregate(aggregate) => (aggregate.name.as_str() == "count").then_some(false),
            Node::Coalesce(parts) => {
                parts.iter().any(|part| self.is_nullable(block, part) == Some(false)).then_some(false)
            }
            _ => None,
        }
    }
}

fn is_comparison_with_rows(expr: &syntax::Expr) -> bool {
    let ExprKind::Subquery(subquery) = &expr.kind else { return false };
    matches!(subquery.kind, SubqueryKind::Any { .. } | SubqueryKind::All { .. })
}

/// The expression below conversions that leave its bytes alone.
pub fn plain(expr: &Expr) -> &Expr {
    let mut expr = expr;
    while let Node::Coercion(coercion) = &expr.node {
        if coercion.method != tree::CoercionMethod::Relabel {
            break;
        }
        expr = &coercion.arg;
    }
    expr
}

/// The parts of an AND.
pub fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    let mut all = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match &expr.node {
            Node::And(parts) => open.extend(parts.iter().rev()),
            _ => all.push(expr),
        }
    }
    all
}

/// What must hold for all rows of a query: WHERE, and ON of inner joins.
pub fn conditions(block: &tree::Query) -> Vec<&Expr> {
    let mut all: Vec<&Expr> = block.filter.iter().flat_map(conjuncts).collect();
    let mut open: Vec<&FromNode> = block.from.iter().collect();
    while let Some(node) = open.pop() {
        if let FromNode::Join(join) = node
            && join.kind == JoinKind::Inner
        {
            all.extend(join.on.iter().flat_map(conjuncts));
            open.extend([&join.left, &join.right]);
        }
    }
    all
}

/// The ranges whose columns an outer join may make NULL.
pub fn outer_joined(block: &tree::Query) -> Vec<u32> {
    let mut nulled = Vec::new();
    let mut open: Vec<(&FromNode, bool)> = block.from.iter().map(|node| (node, false)).collect();
    while let Some((node, null)) = open.pop() {
        match node {
            FromNode::Range(range) if null => nulled.push(*range),
            FromNode::Range(_) => {}
            FromNode::Join(join) => {
                open.push((&join.left, null || matches!(join.kind, JoinKind::Right | JoinKind::Full)));
                open.push((&join.right, null || matches!(join.kind, JoinKind::Left | JoinKind::Full)));
            }
        }
    }
    nulled
}

/// Whether a condition keeps no row in which the column is NULL.
fn excludes_null(condition: &Expr, var: &Var) -> bool {
    let is_it = |expr: &Expr| matches!(&plain(expr).node, Node::Var(other) if other.range == var.range && other.column == var.column && other.levels_up == var.levels_up);
    match &condition.node {
        Node::NullTest(test) => test.negated && is_it(&test.arg),
        Node::Operator(it) => it.left.as_ref().is_some_and(is_it) || is_it(&it.right),
        Node::ScalarArray(it) => is_it(&it.left),
        Node::Sublink(it) => it.kind == tree::SublinkKind::Any && it.test.iter().any(is_it),
        Node::Var(_) => is_it(condition),
        _ => false,
    }
}

/// The ranges of the query itself that an expression reads, those from within sub-selects too.
pub fn ranges_read(expr: &Expr) -> Vec<u32> {
    let mut ranges = Vec::new();
    let mut walk = Walk::expr(expr, &[]);
    while let Some(place) = walk.next() {
        if let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part
            && usize::from(var.levels_up) == walk.depth(&place)
            && !ranges.contains(&var.range)
        {
            ranges.push(var.range);
        }
    }
    ranges
}

/// Whether an expression stays the same for all rows of the query: no column of it, no sub-select that reads one.
pub fn is_fixed(expr: &Expr) -> bool {
    ranges_read(expr).is_empty()
}

/// The operands of a comparison, with the operator's name.
pub fn comparison(expr: &Expr) -> Option<(&str, &Expr, &Expr, Option<OperatorId>)> {
    match &expr.node {
        Node::Operator(it) => Some((it.name.as_str(), it.left.as_ref()?, &it.right, it.operator)),
        _ => None,
    }
}

/// The name of a range: alias, or the relation's own.
pub fn range_name(block: &tree::Query, range: u32) -> Name {
    block.ranges.get(range as usize).map(|range| range.name).unwrap_or_default()
}
