//! Views that a query reads: what it asks of a view, it asks of the view's tables.

use rustc_hash::FxHashMap;

use crate::capture::Expression;
use crate::catalog::analyze::tree::{Query, RangeEntry, RangeKind};
use crate::catalog::analyze::{self, Environment, Scope};
use crate::catalog::{Relation, RelationClass};

use super::access::{Access, Order, OrderKey};
use super::condition::{Side, key};
use super::from_query::{Block, Converter, label, of_block, rows_of};
use super::table::{Knowledge, search_path};

/// Views of views that are followed.
const MAX_VIEWS: usize = 8;

/// What a query asks of a view, in terms of the view's own tables.
#[derive(Clone, Default)]
pub(super) struct Asked {
    /// What its rows must pass.
    pub(super) filter: Vec<Expression>,
    /// The order that they are wanted in.
    pub(super) order: Option<AskedOrder>,
}

/// ORDER BY and LIMIT of the query.
#[derive(Clone)]
pub(super) struct AskedOrder {
    keys: Vec<(Expression, bool, bool)>,
    limit: Option<f64>,
}

impl AskedOrder {
    /// The order, where one table has it all.
    pub(super) fn of(&self, side: Side<'_>) -> Option<Order> {
        let keys = self.keys.iter().map(|(expression, descending, nulls_first)| {
            let key = key(expression, side).ok()?;
            Some(OrderKey { key, descending: *descending, nulls_first: *nulls_first })
        });
        Some(Order { keys: keys.collect::<Option<Vec<OrderKey>>>()?, limit: self.limit })
    }
}

/// The columns of a view as expressions over its tables.
type Columns = FxHashMap<String, Expression>;

impl Block<'_> {
    /// The accesses to the tables of the views among the ranges.
    pub(super) fn views<'a>(&self, knowledge: Knowledge<'a>, depth: usize) -> Vec<Access<'a>> {
        let mut all = Vec::new();
        for range in self.query.ranges.iter().filter(|_| depth < MAX_VIEWS) {
            let RangeKind::Relation { object, .. } = &range.kind else { continue };
            let Some(view) = object.as_relation().filter(|it| it.class == RelationClass::View) else { continue };
            let Some(query) = tree(view, knowledge).filter(keeps_rows) else { continue };
            let asked = self.asked_of(range, &columns(view, &query, knowledge));
            let mut found = of_block(&query, knowledge, asked, depth + 1);
            found.iter_mut().for_each(|access| access.span = range.span);
            all.extend(found);
        }
        all
    }

    fn asked_of(&self, range: &RangeEntry, columns: &Columns) -> Asked {
        let name = label(range);
        let own = |expression: &Expression| expression.columns().iter().any(|(table, _)| *table == Some(name.as_str()));
        let mut filter = Vec::new();
        for expression in self.filter.iter().map(|expr| self.expression(expr)) {
            let about = expression.conjuncts().iter().filter(|one| own(one));
            filter.extend(about.filter_map(|one| within(one, &name, columns)));
        }
        Asked { filter, order: self.order_of(&name, columns) }
    }

    fn order_of(&self, name: &str, columns: &Columns) -> Option<AskedOrder> {
        let query = self.query;
        if query.order_by.is_empty() || !keeps_rows(&Query { order_by: Vec::new(), limit: None, ..query.clone() }) {
            return None;
        }
        let keys = query.order_by.iter().map(|order| {
            let expression = self.expression(&query.targets.get(order.target as usize)?.expr);
            let own = expression.columns().iter().all(|(table, _)| *table == Some(name));
            let by_default = own && order.order.operator.is_none();
            let expression = within(&expression, name, columns).filter(|_| by_default)?;
            Some((expression, order.order.descending, order.order.nulls_first))
        });
        let keys = keys.collect::<Option<Vec<_>>>()?;
        let limit = query.limit.as_ref().map(|limit| rows_of(limit) + query.offset.as_ref().map_or(0.0, rows_of));
        Some(AskedOrder { keys, limit })
    }
}

fn tree(view: &Relation, knowledge: Knowledge<'_>) -> Option<Query> {
    let catalog = knowledge.catalog?;
    let path = search_path(catalog);
    let environment = Environment::new(catalog, &path, knowledge.version);
    let query = &view.query.as_ref()?.query;
    Some(analyze::query(environment, &Scope::empty(), query).ok()?.query)
}

/// Whether a condition on its output may as well be one on its tables: it neither groups nor limits.
fn keeps_rows(query: &Query) -> bool {
    query.set_operation.is_none()
        && query.group_by.is_empty()
        && !query.aggregates
        && query.distinct.is_none()
        && query.windows.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.having.is_none()
}

fn columns(view: &Relation, query: &Query, knowledge: Knowledge<'_>) -> Columns {
    let converter = Converter { catalog: knowledge.catalog, ranges: &query.ranges, depth: 0 };
    let targets = query.targets.iter().filter(|target| !target.junk);
    let named = view.columns.iter().zip(targets);
    named.map(|(column, target)| (column.name.to_string(), converter.expression(&target.expr))).collect()
}

/// An expression with the view's columns replaced by what they are; those of other tables are marked.
fn within(expression: &Expression, view: &str, columns: &Columns) -> Option<Expression> {
    let all = |list: &[Expression]| list.iter().map(|one| within(one, view, columns)).collect::<Option<Vec<_>>>();
    let one = |inner: &Expression| within(inner, view, columns).map(Box::new);
    Some(match expression {
        Expression::Column { table: Some(table), name } if &**table == view => columns.get(&**name)?.clone(),
        Expression::Column { table, name } => {
            let table = format!("beside {}", table.as_deref().unwrap_or(""));
            Expression::Column { table: Some(table.into()), name: name.clone() }
        }
        Expression::Call { name, arguments } => Expression::Call { name: name.clone(), arguments: all(arguments)? },
        Expression::Cast { of, to } => Expression::Cast { of: one(of)?, to: to.clone() },
        Expression::Operation { operator, left, right } => {
            let left = match left {
                Some(left) => Some(one(left)?),
                None => None,
            };
            Expression::Operation { operator: operator.clone(), left, right: one(right)? }
        }
        Expression::And(list) => Expression::And(all(list)?),
        Expression::Or(list) => Expression::Or(all(list)?),
        Expression::Other(list) => Expression::Other(all(list)?),
        Expression::Not(inner) => Expression::Not(one(inner)?),
        Expression::IsNull(inner) => Expression::IsNull(one(inner)?),
        other => other.clone(),
    })
}
