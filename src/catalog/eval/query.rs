//! The rows of an analysed query.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::expr::{Bound, Context, Group};
use super::tables::{Row as SystemRow, Table};
use super::value::{Truth, Value};
use super::{Evaluator, Result};
use crate::catalog::analyze::tree::{
    Command, Expr, FromNode, JoinNode, Node, Query, RangeEntry, RangeKind, SetNode, Target, TargetOrder,
};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::{ObjectId, TypeRef};
use crate::syntax::{JoinKind, Name, SetOperator};

/// How many combinations of rows are followed.
const MOST_ROWS: usize = 200_000;

/// A row of a range entry.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// Its columns in order.
    Values(Rc<[Value]>),
    /// A row of a system catalog: columns are worked out when they are asked for.
    System(&'static Table, SystemRow),
    /// The missing side of an outer join.
    Nulls,
}

impl Cells {
    /// The object that a row of a system catalog is.
    pub fn object(&self) -> Option<ObjectId> {
        match self {
            Cells::System(_, row) => row.object(),
            _ => None,
        }
    }
}

/// A row of a result.
#[derive(Clone, Debug)]
pub(super) struct ResultRow {
    pub values: Rc<[Value]>,
    /// False where it may be there or not.
    pub certain: bool,
}

/// The rows of a query.
#[derive(Clone, Default, Debug)]
pub(super) struct RowSet {
    pub rows: Vec<ResultRow>,
    /// There may be more rows, of which nothing is known.
    pub open: bool,
    /// Its columns, of the rows of a whole statement.
    pub columns: Columns,
}

/// Columns of a row with their types, as far as these are known.
pub(super) type Columns = Rc<[(Name, Option<TypeRef>)]>;

/// Rows of several range entries side by side, each with whether it is certainly there.
type Combination = (Vec<Option<Cells>>, bool);

/// What is built while FROM is followed.
struct Product {
    rows: Vec<Combination>,
    open: bool,
}

impl RowSet {
    /// Nothing is known of it.
    pub fn unknown() -> RowSet {
        RowSet { rows: Vec::new(), open: true, ..RowSet::default() }
    }
}

impl Evaluator<'_> {
    /// EXISTS.
    pub(super) fn exists(&mut self, query: &Query, context: Context<'_>) -> Result<Truth> {
        let rows = self.query(query, context)?;
        Ok(match () {
            () if rows.rows.iter().any(|row| row.certain) => Truth::True,
            () if rows.rows.is_empty() && !rows.open => Truth::False,
            () => Truth::Unknown,
        })
    }

    /// Runs a query.
    pub(super) fn query(&mut self, query: &Query, context: Context<'_>) -> Result<RowSet> {
        self.step()?;
        if query.command != Command::Select || query.incomplete {
            return Ok(RowSet::unknown());
        }
        let mut ctes: Vec<Rc<RowSet>> = Vec::new();
        for cte in &query.ctes {
            let rows = match cte.query.command {
                Command::Select if !query.recursive => {
                    let bound = self.bind(query, context, Rc::new(ctes.clone()));
                    self.query(&cte.query, Context { rows: Some(&bound), ..context })?
                }
                _ => RowSet::unknown(),
            };
            ctes.push(Rc::new(rows));
        }
        let ctes = Rc::new(ctes);
        let mut rows = match &query.set_operation {
            Some(node) => {
                let bound = self.bind(query, context, ctes);
                self.set_operation(node, Context { rows: Some(&bound), ..context })?
            }
            None => self.select(query, context, ctes)?,
        };
        self.sort(query, &mut rows);
        self.limit(query, context, &mut rows)?;
        Ok(rows)
    }

    fn bind<'c>(&self, query: &'c Query, context: Context<'c>, ctes: Rc<Vec<Rc<RowSet>>>) -> Bound<'c> {
        Bound { ranges: &query.ranges, rows: vec![None; query.ranges.len()], parent: context.rows, ctes, group: None }
    }

    fn select(&mut self, query: &Query, context: Context<'_>, ctes: Rc<Vec<Rc<RowSet>>>) -> Result<RowSet> {
        let mut conditions = Vec::new();
        query.filter.iter().for_each(|filter| conjuncts(filter, &mut conditions));
        let mut product = Product { rows: vec![(vec![None; query.ranges.len()], true)], open: false };
        let mut pending: Vec<&Expr> = conditions;
        let mut bound = Vec::new();
        for node in &query.from {
            self.join_node(query, node, context, &ctes, &mut product, &mut pending, &mut bound)?;
        }
        self.filter(query, context, &ctes, &mut product, &pending)?;
        if query.aggregates || !query.group_by.is_empty() || query.having.is_some() {
            return self.grouped(query, context, &ctes, &product);
        }
        let mut result = RowSet { rows: Vec::new(), open: product.open, ..RowSet::default() };
        let mut bound = self.bind(query, context, ctes.clone());
        for (row, certain) in product.rows {
            bound.rows = row;
            let inner = Context { rows: Some(&bound), ..context };
            self.project(&query.targets, inner, certain, &mut result)?;
        }
        if query.distinct.is_some() {
            distinct_rows(query, &mut result);
        }
        Ok(result)
    }

    /// The output columns of one row; functions that return sets in them make several rows of it.
    fn project(&mut self, targets: &[Target], context: Context<'_>, certain: bool, result: &mut RowSet) -> Result<()> {
        let mut values = Vec::with_capacity(targets.len());
        let mut sets: Vec<(usize, Vec<Value>)> = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            if let Some(set) = self.set_of(&target.expr, context)? {
                let Some(rows) = set else {
                    result.open = true;
                    return Ok(());
                };
                result.open |= rows.open;
                let column = |row: &ResultRow| row.values.first().cloned().unwrap_or(Value::Unknown);
                sets.push((at, rows.rows.iter().map(column).collect()));
                values.push(Value::Null);
                continue;
            }
            values.push(self.eval(&target.expr, context)?);
        }
        if sets.is_empty() {
            result.rows.push(ResultRow { values: values.into(), certain });
            return Ok(());
        }
        let longest = sets.iter().map(|(_, set)| set.len()).max().unwrap_or(0);
        for index in 0..longest {
            self.step()?;
            for (at, set) in &sets {
                values[*at] = set.get(index).cloned().unwrap_or(Value::Null);
            }
            result.rows.push(ResultRow { values: values.clone().into(), certain });
        }
        Ok(())
    }

    /// The rows of an expression that returns a set, maybe cast; `Some(None)` where they are not known.
    #[allow(clippy::option_option, reason = "no set, one that is not known, or the rows")]
    fn set_of(&mut self, expr: &Expr, context: Context<'_>) -> Result<Option<Option<RowSet>>> {
        match &expr.node {
            Node::Call(call) if call.returns_set => self.set_function(call, expr, context).map(Some),
            Node::Coercion(cast) => {
                let Some(set) = self.set_of(&cast.arg, context)? else { return Ok(None) };
                let Some(mut rows) = set else { return Ok(Some(None)) };
                for row in &mut rows.rows {
                    let value = row.values.first().cloned().unwrap_or(Value::Unknown);
                    row.values = Rc::new([self.cast(cast, value, expr)?]);
                }
                Ok(Some(Some(rows)))
            }
            _ => Ok(None),
        }
    }

    // --- FROM -----------------------------------------------------------------------------------

    #[allow(clippy::too_many_arguments, reason = "the state of one FROM clause")]
    fn join_node<'q>(
        &mut self,
        query: &'q Query,
        node: &'q FromNode,
        context: Context<'_>,
        ctes: &Rc<Vec<Rc<RowSet>>>,
        product: &mut Product,
        pending: &mut Vec<&'q Expr>,
        bound: &mut Vec<u32>,
    ) -> Result<()> {
        match node {
            FromNode::Range(range) => {
                bound.push(*range);
                self.join_range(query, *range, context, ctes, product, pending, bound)
            }
            FromNode::Join(join) if join.kind == JoinKind::Inner => {
                self.join_node(query, &join.left, context, ctes, product, pending, bound)?;
                join.on.iter().for_each(|on| conjuncts(on, pending));
                self.join_node(query, &join.right, context, ctes, product, pending, bound)?;
                self.merged(query, join, context, ctes, product)
            }
            FromNode::Join(join) => self.outer_join(query, join, context, ctes, product, pending, bound),
        }
    }

    /// Puts the rows of a range entry beside what is there, as far as conditions let them.
    #[allow(clippy::too_many_arguments, reason = "the state of one FROM clause")]
    fn join_range<'q>(
        &mut self,
        query: &'q Query,
        range: u32,
        context: Context<'_>,
        ctes: &Rc<Vec<Rc<RowSet>>>,
        product: &mut Product,
        pending: &mut Vec<&'q Expr>,
        bound: &[u32],
    ) -> Result<()> {
        let entry = &query.ranges[range as usize];
        let (ready, rest): (Vec<&Expr>, Vec<&Expr>) =
            pending.iter().partition(|condition| names_only(condition, bound));
        *pending = rest;
        let (own, shared): (Vec<&Expr>, Vec<&Expr>) =
            ready.into_iter().partition(|condition| names_only(condition, &[range]));
        let lateral = is_lateral(entry);
        let mut base = None;
        let before = std::mem::take(&mut product.rows);
        for (row, certain) in before {
            self.step()?;
            let rows = match (&base, lateral) {
                (Some(rows), false) => Rc::clone(rows),
                _ => {
                    let mut outer = self.bind(query, context, ctes.clone());
                    outer.rows.clone_from(&row);
                    let around = Context { rows: Some(&outer), ..context };
                    let rows = match self.narrowed(entry, range, &own, around)? {
                        Some(rows) => rows,
                        None => match self.looked_up(entry, range, &own, around)? {
                            Some(rows) => rows,
                            None => self.range_rows(entry, around)?,
                        },
                    };
                    product.open |= rows.1;
                    let mut single = self.bind(query, context, ctes.clone());
                    let kept = self.filter_single(&mut single, range, context, rows.0, &own)?;
                    Rc::new(self.index(&mut single, range, context, kept, &shared)?)
                }
            };
            if !lateral {
                base = Some(Rc::clone(&rows));
            }
            let mut outer = self.bind(query, context, ctes.clone());
            outer.rows.clone_from(&row);
            let key = match &rows.key {
                Some(key) => Some(self.eval(key, Context { rows: Some(&outer), ..context })?),
                None => None,
            };
            for (cells, there) in rows.candidates(key.as_ref()) {
                let mut both = row.clone();
                both[range as usize] = cells.clone();
                product.rows.push((both, certain && there));
                if product.rows.len() > MOST_ROWS {
                    return Err(super::Halt::Unknown("the query has too many rows to be followed".into()));
                }
            }
        }
        self.filter(query, context, ctes, product, &shared)
    }

    /// Asks something of one row of a range entry, and gives the row back.
    fn on_row<T>(
        &mut self,
        single: &mut Bound<'_>,
        range: u32,
        context: Context<'_>,
        cells: Cells,
        ask: impl FnOnce(&mut Self, Context<'_>) -> Result<T>,
    ) -> Result<(T, Option<Cells>)> {
        single.rows[range as usize] = Some(cells);
        let answer = ask(self, Context { rows: Some(single), ..context })?;
        Ok((answer, single.rows[range as usize].take()))
    }

    /// Sorts the rows of a range entry by a column that is compared with what is there already.
    fn index(
        &mut self,
        single: &mut Bound<'_>,
        range: u32,
        context: Context<'_>,
        rows: Vec<(Cells, bool)>,
        conditions: &[&Expr],
    ) -> Result<Index> {
        let sides = conditions.iter().find_map(|condition| equality(condition, range));
        let Some((own, other)) = sides else {
            let all = rows.into_iter().map(|(cells, certain)| (Some(cells), certain)).collect();
            return Ok(Index { key: None, by_key: FxHashMap::default(), all });
        };
        let mut index = Index { key: Some(other.clone()), by_key: FxHashMap::default(), all: Vec::new() };
        for (cells, certain) in rows {
            let (value, cells) = self.on_row(single, range, context, cells, |it, around| it.eval(own, around))?;
            let row = (cells, certain);
            match &value {
                value if value.has_unknown() => index.all.push(row),
                value => index.by_key.entry(value.key()).or_default().push(row),
            }
        }
        Ok(index)
    }

    /// The rows of one range entry that may fulfil conditions on it alone.
    fn filter_single(
        &mut self,
        single: &mut Bound<'_>,
        range: u32,
        context: Context<'_>,
        rows: Vec<(Cells, bool)>,
        conditions: &[&Expr],
    ) -> Result<Vec<(Cells, bool)>> {
        if conditions.is_empty() {
            return Ok(rows);
        }
        let mut kept = Vec::new();
        for (cells, certain) in rows {
            let (truth, cells) =
                self.on_row(single, range, context, cells, |it, around| it.all_hold(conditions, around))?;
            if matches!(truth, Truth::True | Truth::Unknown) {
                kept.extend(cells.map(|cells| (cells, certain && truth == Truth::True)));
            }
        }
        Ok(kept)
    }

    /// Whether all conditions hold, up to the first that does not.
    fn all_hold(&mut self, conditions: &[&Expr], context: Context<'_>) -> Result<Truth> {
        let mut truth = Truth::True;
        for condition in conditions {
            truth = truth.and(self.eval(condition, context)?.truth());
            if truth == Truth::False {
                break;
            }
        }
        Ok(truth)
    }

    fn filter(
        &mut self,
        query: &Query,
        context: Context<'_>,
        ctes: &Rc<Vec<Rc<RowSet>>>,
        product: &mut Product,
        conditions: &[&Expr],
    ) -> Result<()> {
        if conditions.is_empty() {
            return Ok(());
        }
        let before = std::mem::take(&mut product.rows);
        let mut bound = self.bind(query, context, ctes.clone());
        for (row, certain) in before {
            bound.rows = row;
            let truth = self.all_hold(conditions, Context { rows: Some(&bound), ..context })?;
            let row = std::mem::take(&mut bound.rows);
            match truth {
                Truth::True => product.rows.push((row, certain)),
                Truth::Unknown => product.rows.push((row, false)),
                Truth::False | Truth::Null => {}
            }
        }
        Ok(())
    }

    /// The columns that USING merges must be equal.
    fn merged(
        &mut self,
        query: &Query,
        join: &JoinNode,
        context: Context<'_>,
        ctes: &Rc<Vec<Rc<RowSet>>>,
        product: &mut Product,
    ) -> Result<()> {
        let Some(RangeKind::Join(range)) = query.ranges.get(join.range as usize).map(|range| &range.kind) else {
            return Ok(());
        };
        if range.merged_from.is_empty() {
            return Ok(());
        }
        let before = std::mem::take(&mut product.rows);
        for (row, mut certain) in before {
            let mut bound = self.bind(query, context, ctes.clone());
            bound.rows = row;
            let mut truth = Truth::True;
            for (left, right) in &range.merged_from {
                let value = |evaluator: &mut Self, var: &crate::catalog::analyze::tree::Var| {
                    let cells = bound.rows.get(var.range as usize).cloned().flatten();
                    let entry = &query.ranges[var.range as usize];
                    cells.map_or(Value::Unknown, |cells| evaluator.cell(&cells, entry, var.column))
                };
                truth = truth.and(value(self, left).equals(&value(self, right)));
            }
            certain &= truth == Truth::True;
            if matches!(truth, Truth::True | Truth::Unknown) {
                product.rows.push((bound.rows, certain));
            }
        }
        Ok(())
    }

    /// LEFT JOIN of rows that are known; anything else is not followed.
    #[allow(clippy::too_many_arguments, reason = "the state of one FROM clause")]
    fn outer_join<'q>(
        &mut self,
        query: &'q Query,
        join: &'q JoinNode,
        context: Context<'_>,
        ctes: &Rc<Vec<Rc<RowSet>>>,
        product: &mut Product,
        pending: &mut Vec<&'q Expr>,
        bound: &mut Vec<u32>,
    ) -> Result<()> {
        if join.kind != JoinKind::Left {
            product.open = true;
            product.rows.clear();
            ranges_of(&join.left, bound);
            ranges_of(&join.right, bound);
            return Ok(());
        }
        self.join_node(query, &join.left, context, ctes, product, pending, bound)?;
        let mut right = Vec::new();
        ranges_of(&join.right, &mut right);
        bound.extend(&right);
        let before = std::mem::take(&mut product.rows);
        for (row, certain) in before {
            let mut matches = Product { rows: vec![(row.clone(), certain)], open: false };
            let mut on: Vec<&Expr> = Vec::new();
            join.on.iter().for_each(|condition| conjuncts(condition, &mut on));
            let mut inner_bound: Vec<u32> = bound.iter().copied().filter(|range| !right.contains(range)).collect();
            self.join_node(query, &join.right, context, ctes, &mut matches, &mut on, &mut inner_bound)?;
            self.filter(query, context, ctes, &mut matches, &on)?;
            self.merged(query, join, context, ctes, &mut matches)?;
            let sure = matches.rows.iter().any(|(_, there)| *there || !certain);
            if !sure {
                let mut nulls = row;
                for range in &right {
                    nulls[*range as usize] = Some(Cells::Nulls);
                }
                let none = matches.rows.is_empty() && !matches.open;
                product.rows.push((nulls, certain && none));
            }
            product.open |= matches.open;
            product.rows.append(&mut matches.rows);
        }
        Ok(())
    }

    /// The rows of a range entry, and whether there may be more.
    fn range_rows(&mut self, entry: &RangeEntry, context: Context<'_>) -> Result<(Vec<(Cells, bool)>, bool)> {
        let of_set = |set: &RowSet| {
            let rows = set.rows.iter().map(|row| (Cells::Values(row.values.clone()), row.certain)).collect();
            (rows, set.open)
        };
        Ok(match &entry.kind {
            RangeKind::Relation { id, .. } if !self.replay.catalog().row_writes(Some(*id)).is_empty() => {
                let rows = if self.knows_rows { self.rows_of(*id)? } else { self.rows_for_code(*id) };
                (rows.rows.into_iter().map(|row| (Cells::Values(row), true)).collect(), !rows.all)
            }
            RangeKind::Relation { id, .. } => self.relation_rows(*id),
            RangeKind::Subquery { query, .. } => {
                // The targets that only sort stand behind the others.
                of_set(&self.query(query, context)?)
            }
            RangeKind::Values { rows, .. } => {
                let mut values = Vec::new();
                for row in rows {
                    values.push((Cells::Values(self.eval_all(row, context)?.into()), true));
                }
                (values, false)
            }
            RangeKind::Cte { index, levels_up, recursive: false, .. } => {
                let mut bound = context.rows;
                for _ in 0..*levels_up {
                    bound = bound.and_then(|bound| bound.parent);
                }
                match bound.and_then(|bound| bound.ctes.get(*index as usize)) {
                    Some(rows) => of_set(rows),
                    None => (Vec::new(), true),
                }
            }
            RangeKind::Functions { functions, ordinality, .. } => {
                let mut sets = Vec::new();
                for function in functions {
                    let set = match function.definition.is_empty() {
                        true => self.from_function(&function.expr, context)?,
                        false => self.from_json(function, context)?,
                    };
                    let Some(set) = set else { return Ok((Vec::new(), true)) };
                    sets.push((set, function.columns));
                }
                of_set(&side_by_side(&sets, *ordinality))
            }
            _ => (Vec::new(), true),
        })
    }

    /// A cell of a row by the number of its column; 0 is the whole row.
    pub(super) fn cell(&mut self, cells: &Cells, entry: &RangeEntry, column: i16) -> Value {
        if column == 0 {
            let facts = crate::catalog::analyze::column_names(entry);
            let row = facts.into_iter().map(|(name, number)| (name, self.cell(cells, entry, number))).collect();
            return if matches!(cells, Cells::Nulls) { Value::Null } else { Value::Row(row) };
        }
        match cells {
            Cells::Nulls => Value::Null,
            Cells::Values(values) => {
                let place = usize::try_from(column).ok().and_then(|column| column.checked_sub(1));
                place.and_then(|place| values.get(place)).cloned().unwrap_or(Value::Unknown)
            }
            Cells::System(table, row) => match column_name(entry, column) {
                Some(name) => self.system_cell(table, *row, name),
                None => Value::Unknown,
            },
        }
    }

    // --- GROUP BY -------------------------------------------------------------------------------

    fn grouped(
        &mut self,
        query: &Query,
        context: Context<'_>,
        ctes: &Rc<Vec<Rc<RowSet>>>,
        product: &Product,
    ) -> Result<RowSet> {
        let mut keys: Vec<u32> = Vec::new();
        for grouping in &query.group_by {
            match grouping {
                crate::catalog::analyze::tree::Grouping::Target(target) => keys.push(*target),
                _ => return Ok(RowSet::unknown()),
            }
        }
        let mut groups: Vec<(Vec<Combination>, bool)> = Vec::new();
        let mut by_key: FxHashMap<String, usize> = FxHashMap::default();
        if keys.is_empty() {
            groups.push((product.rows.clone(), true));
        }
        for (row, certain) in product.rows.iter().filter(|_| !keys.is_empty()) {
            let mut bound = self.bind(query, context, ctes.clone());
            bound.rows.clone_from(row);
            let inner = Context { rows: Some(&bound), ..context };
            let mut key = String::new();
            for target in &keys {
                let value = self.eval(&query.targets[*target as usize].expr, inner)?;
                if value.has_unknown() {
                    return Ok(RowSet::unknown());
                }
                key.push_str(&value.key());
            }
            let at = *by_key.entry(key).or_insert_with(|| {
                groups.push((Vec::new(), false));
                groups.len() - 1
            });
            groups[at].0.push((row.clone(), *certain));
            groups[at].1 |= certain;
        }
        let mut result = RowSet { rows: Vec::new(), open: product.open && !keys.is_empty(), ..RowSet::default() };
        for (rows, certain) in &groups {
            let mut bound = self.bind(query, context, ctes.clone());
            if let Some((first, _)) = rows.first() {
                bound.rows.clone_from(first);
            }
            bound.group = Some(Group { rows, complete: !product.open });
            let inner = Context { rows: Some(&bound), ..context };
            let having = match &query.having {
                Some(having) => self.eval(having, inner)?.truth(),
                None => Truth::True,
            };
            if matches!(having, Truth::True | Truth::Unknown) {
                let certain = *certain && having == Truth::True;
                self.project(&query.targets, inner, certain, &mut result)?;
            }
        }
        if query.distinct.is_some() {
            distinct_rows(query, &mut result);
        }
        Ok(result)
    }

    // --- set operations, ORDER BY, LIMIT ----------------------------------------------------------

    fn set_operation(&mut self, node: &SetNode, context: Context<'_>) -> Result<RowSet> {
        let (operator, all, left, right) = match node {
            SetNode::Leaf(query) => return self.query(query, context),
            SetNode::Operation { operator, all, left, right } => (*operator, *all, left, right),
        };
        let (mut left, right) = (self.set_operation(left, context)?, self.set_operation(right, context)?);
        match operator {
            SetOperator::Union => {
                left.rows.extend(right.rows);
                left.open |= right.open;
                if !all {
                    distinct_by(&mut left, |row| row.values.iter().map(Value::key).collect());
                }
                Ok(left)
            }
            SetOperator::Intersect | SetOperator::Except => {
                let unsure = right.open
                    || right.rows.iter().any(|row| !row.certain || row.values.iter().any(Value::has_unknown));
                if unsure || all {
                    return Ok(RowSet::unknown());
                }
                let keys: FxHashSet<String> =
                    right.rows.iter().map(|row| row.values.iter().map(Value::key).collect()).collect();
                let wanted = operator == SetOperator::Intersect;
                let key = |row: &ResultRow| row.values.iter().map(Value::key).collect::<String>();
                left.rows.retain(|row| keys.contains(&key(row)) == wanted);
                distinct_by(&mut left, |row| row.values.iter().map(Value::key).collect());
                Ok(left)
            }
        }
    }

    fn sort(&mut self, query: &Query, rows: &mut RowSet) {
        if query.order_by.is_empty() {
            return;
        }
        rows.rows.sort_by(|a, b| {
            let by = |order: &TargetOrder| {
                let at = order.target as usize;
                let (Some(a), Some(b)) = (a.values.get(at), b.values.get(at)) else { return std::cmp::Ordering::Equal };
                match (a, b) {
                    (Value::Null, Value::Null) => std::cmp::Ordering::Equal,
                    (Value::Null, _) if order.order.nulls_first => std::cmp::Ordering::Less,
                    (Value::Null, _) => std::cmp::Ordering::Greater,
                    (_, Value::Null) if order.order.nulls_first => std::cmp::Ordering::Greater,
                    (_, Value::Null) => std::cmp::Ordering::Less,
                    (a, b) => {
                        let ordering = a.compare(b).unwrap_or(std::cmp::Ordering::Equal);
                        if order.order.descending { ordering.reverse() } else { ordering }
                    }
                }
            };
            query.order_by.iter().map(by).find(|ordering| ordering.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
    }

    fn limit(&mut self, query: &Query, context: Context<'_>, rows: &mut RowSet) -> Result<()> {
        let mut bound = |expr: &Option<Expr>| match expr {
            Some(expr) => self.eval(expr, context).map(Some),
            None => Ok(None),
        };
        let (offset, limit) = (bound(&query.offset)?, bound(&query.limit)?);
        let unsure = rows.open || rows.rows.iter().any(|row| !row.certain);
        match offset {
            None | Some(Value::Null) => {}
            Some(Value::Integer(count)) if !unsure => {
                let count = usize::try_from(count).unwrap_or(0).min(rows.rows.len());
                rows.rows.drain(..count);
            }
            Some(_) => *rows = RowSet::unknown(),
        }
        match limit {
            None | Some(Value::Null) => {}
            Some(Value::Integer(count)) => {
                let count = usize::try_from(count).unwrap_or(0);
                // Which rows stay is not known where their order is not, or where others may come before them; that
                // some do is.
                let some_go = rows.open || rows.rows.len() > count;
                if some_go && (query.order_by.is_empty() || unsure) {
                    rows.rows.sort_by_key(|row| !row.certain);
                    for row in &mut rows.rows {
                        row.values = vec![Value::Unknown; row.values.len()].into();
                    }
                }
                rows.rows.truncate(count);
                rows.open &= rows.rows.len() < count || rows.rows.iter().any(|row| !row.certain);
            }
            Some(_) => *rows = RowSet::unknown(),
        }
        Ok(())
    }
}

/// The rows of a range entry, some of them by the value of a column.
struct Index {
    /// What of the rows before is looked up.
    key: Option<Expr>,
    by_key: FxHashMap<String, Vec<(Option<Cells>, bool)>>,
    /// Those that any key may mean.
    all: Vec<(Option<Cells>, bool)>,
}

impl Index {
    fn candidates(&self, key: Option<&Value>) -> Vec<(Option<Cells>, bool)> {
        let mut found = self.all.clone();
        match key {
            None => {}
            Some(Value::Null) => found.clear(),
            Some(value) if value.has_unknown() => {
                let mut keys: Vec<&String> = self.by_key.keys().collect();
                keys.sort();
                keys.into_iter().for_each(|key| found.extend(self.by_key[key].iter().cloned()));
            }
            Some(value) => found.extend(self.by_key.get(&value.key()).into_iter().flatten().cloned()),
        }
        found
    }
}

/// `own column = other expression`, for a range entry.
fn equality(condition: &Expr, range: u32) -> Option<(&Expr, &Expr)> {
    let Node::Operator(operation) = &condition.node else { return None };
    let (left, right) = (operation.left.as_ref()?, &operation.right);
    let own = |expr: &Expr| matches!(&expr.node, Node::Var(var) if var.levels_up == 0 && var.range == range);
    let of_others = |expr: &Expr| !names(expr, range) && names_any(expr);
    match operation.name.as_str() {
        "=" if own(left) && of_others(right) && same_form(left, right) => Some((left, right)),
        "=" if own(right) && of_others(left) && same_form(left, right) => Some((right, left)),
        _ => None,
    }
}

pub(super) fn same_form(left: &Expr, right: &Expr) -> bool {
    left.ty == right.ty
}

fn each_column(expr: &Expr, mut see: impl FnMut(u32)) {
    let mut walk = Walk::expr(expr, &[]);
    while let Some(place) = walk.next() {
        if let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part
            && usize::from(var.levels_up) == walk.depth(&place)
        {
            see(var.range);
        }
    }
}

fn names(expr: &Expr, range: u32) -> bool {
    let mut found = false;
    each_column(expr, |other| found |= other == range);
    found
}

fn names_any(expr: &Expr) -> bool {
    let mut found = false;
    each_column(expr, |_| found = true);
    found
}

fn names_only(expr: &Expr, ranges: &[u32]) -> bool {
    let mut only = true;
    each_column(expr, |range| only &= ranges.contains(&range));
    only
}

/// The parts of a condition that must all hold.
fn conjuncts<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.node {
        Node::And(list) => list.iter().for_each(|expr| conjuncts(expr, into)),
        _ => into.push(expr),
    }
}

fn ranges_of(node: &FromNode, into: &mut Vec<u32>) {
    match node {
        FromNode::Range(range) => into.push(*range),
        FromNode::Join(join) => {
            ranges_of(&join.left, into);
            ranges_of(&join.right, into);
        }
    }
}

fn is_lateral(entry: &RangeEntry) -> bool {
    entry.lateral || matches!(entry.kind, RangeKind::Functions { .. })
}

pub(super) fn column_name(entry: &RangeEntry, number: i16) -> Option<Name> {
    let RangeKind::Relation { object, .. } = &entry.kind else { return None };
    object.as_relation()?.column_number(number).map(|column| column.name)
}

fn distinct_rows(query: &Query, rows: &mut RowSet) {
    let on = query.distinct.clone().unwrap_or_default();
    if query.distinct_on && query.order_by.is_empty() {
        *rows = RowSet { rows: Vec::new(), open: true, ..RowSet::default() };
        return;
    }
    distinct_by(rows, |row| on.iter().filter_map(|at| row.values.get(*at as usize)).map(Value::key).collect());
}

fn distinct_by(rows: &mut RowSet, key: impl Fn(&ResultRow) -> String) {
    let unsure = |row: &ResultRow| row.values.iter().any(Value::has_unknown);
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    let mut kept: Vec<ResultRow> = Vec::new();
    for row in rows.rows.drain(..) {
        match seen.entry(key(&row)) {
            std::collections::hash_map::Entry::Occupied(at) if !unsure(&row) => kept[*at.get()].certain |= row.certain,
            std::collections::hash_map::Entry::Occupied(_) => kept.push(ResultRow { certain: false, ..row }),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(kept.len());
                kept.push(row);
            }
        }
    }
    rows.rows = kept;
}

/// ROWS FROM: the rows of several functions beside each other.
fn side_by_side(sets: &[(RowSet, usize)], ordinality: bool) -> RowSet {
    let longest = sets.iter().map(|(set, _)| set.rows.len()).max().unwrap_or(0);
    let mut result = RowSet { rows: Vec::new(), open: sets.iter().any(|(set, _)| set.open), ..RowSet::default() };
    for at in 0..longest {
        let mut values: Vec<Value> = Vec::new();
        let mut certain = true;
        for (set, width) in sets {
            match set.rows.get(at) {
                Some(row) => {
                    certain &= row.certain;
                    values.extend(row.values.iter().take(*width).cloned());
                    values.resize(values.len().max(*width), Value::Unknown);
                }
                None => values.extend(std::iter::repeat_n(Value::Null, *width)),
            }
        }
        if ordinality {
            values.push(Value::Integer(at as i64 + 1));
        }
        result.rows.push(ResultRow { values: values.into(), certain });
    }
    result
}
