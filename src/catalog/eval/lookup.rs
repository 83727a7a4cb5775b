//! Queries that look for one row of a system catalog again and again: the catalog is sorted by the column once.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::expr::Context;
use super::query::{Cells, same_form};
use super::{Evaluator, Result};
use crate::catalog::ObjectId;
use crate::catalog::analyze::tree::{CoercionMethod, Expr, Node, RangeEntry, RangeKind};
use crate::catalog::analyze::walk::{Part, Walk};

/// Rows of a range entry with whether each is certainly there, and whether there may be more.
pub(super) type Rows = (Vec<(Cells, bool)>, bool);

/// The rows of a system catalog by the value of a column.
pub(super) struct Lookup {
    by_value: FxHashMap<String, Vec<(Cells, bool)>>,
    /// Rows whose value is not known.
    others: Vec<(Cells, bool)>,
    open: bool,
}

/// The lookups by catalog and column, as long as all that they show stays what it is.
#[derive(Default)]
pub(super) struct Lookups {
    basis: Basis,
    made: FxHashMap<(ObjectId, i16), Rc<Lookup>>,
    /// Asked for by a value that no query around gives: the second time in one edition it pays.
    asked: FxHashSet<(ObjectId, i16)>,
}

/// What the rows of system catalogs are made of.
#[derive(Clone, PartialEq, Default)]
struct Basis {
    /// Of the catalog and of what is in doubt.
    edition: ((usize, u32), u32),
    role: Option<ObjectId>,
    path: Arc<[ObjectId]>,
    settings: usize,
}

/// What a column must be equal to.
struct Equality<'e> {
    column: i16,
    other: &'e Expr,
    /// The other side differs from row to row of a query around.
    is_outer: bool,
}

impl Evaluator<'_> {
    /// The rows of a system catalog that may fulfil `column = value from elsewhere`; `None` where no condition says
    /// that, or where to go through all rows is less work.
    pub(super) fn looked_up(
        &mut self,
        entry: &RangeEntry,
        range: u32,
        conditions: &[&Expr],
        context: Context<'_>,
    ) -> Result<Option<Rows>> {
        let RangeKind::Relation { id, .. } = &entry.kind else { return Ok(None) };
        let Some(equality) = conditions.iter().find_map(|condition| self.equality(condition, range)) else {
            return Ok(None);
        };
        let key = (*id, equality.column);
        if !self.is_lookup_worth(key, equality.is_outer) {
            return Ok(None);
        }
        let value = self.eval(equality.other, context)?;
        if value.has_unknown() {
            return Ok(None);
        }
        let Some(lookup) = self.lookup(entry, key)? else { return Ok(None) };
        let mut rows = lookup.by_value.get(&value.key()).cloned().unwrap_or_default();
        rows.extend(lookup.others.iter().cloned());
        Ok(Some((rows, lookup.open || self.doubtful)))
    }

    fn is_lookup_worth(&mut self, key: (ObjectId, i16), is_outer: bool) -> bool {
        let session = &self.replay.session;
        let basis = Basis {
            edition: (self.replay.now().catalog().edition(), self.replay.doubt.changes()),
            role: session.role,
            path: self.replay.path.clone(),
            settings: session.settings.len(),
        };
        if self.lookups.basis != basis {
            self.lookups = Lookups { basis, ..Lookups::default() };
        }
        is_outer || !self.lookups.asked.insert(key)
    }

    fn lookup(&mut self, entry: &RangeEntry, key: (ObjectId, i16)) -> Result<Option<Rc<Lookup>>> {
        if let Some(lookup) = self.lookups.made.get(&key) {
            return Ok(Some(Rc::clone(lookup)));
        }
        let (id, column) = key;
        let doubtful = std::mem::take(&mut self.doubtful);
        let (rows, open) = self.relation_rows(id);
        self.doubtful = doubtful;
        if !rows.iter().all(|(cells, _)| matches!(cells, Cells::System(..))) {
            return Ok(None);
        }
        let mut lookup = Lookup { by_value: FxHashMap::default(), others: Vec::new(), open };
        for (cells, certain) in rows {
            self.step()?;
            let value = self.cell(&cells, entry, column);
            if value.has_unknown() {
                lookup.others.push((cells, certain));
            } else {
                lookup.by_value.entry(value.key()).or_default().push((cells, certain));
            }
        }
        let lookup = Rc::new(lookup);
        self.lookups.made.insert(key, Rc::clone(&lookup));
        Ok(Some(lookup))
    }

    /// `column = what comes from elsewhere`.
    fn equality<'e>(&mut self, condition: &'e Expr, range: u32) -> Option<Equality<'e>> {
        let Node::Operator(operation) = &condition.node else { return None };
        let (left, right) = (operation.left.as_ref()?, &operation.right);
        if operation.name.as_str() != "=" || !same_form(left, right) {
            return None;
        }
        let (column, other) = match (self.own_column(left, range), self.own_column(right, range)) {
            (Some(column), None) => (column, right),
            (None, Some(column)) => (column, left),
            _ => return None,
        };
        let is_outer = is_outer(other);
        (is_outer || is_given(other)).then_some(Equality { column, other, is_outer })
    }

    /// The column of a range entry that an expression is, maybe as another type with the same text.
    pub(super) fn own_column(&mut self, expr: &Expr, range: u32) -> Option<i16> {
        match &expr.node {
            Node::Var(var) if var.levels_up == 0 && var.range == range && var.column > 0 => Some(var.column),
            Node::Coercion(it) if self.keeps_text(it.arg.ty?, expr.ty?) => self.own_column(&it.arg, range),
            _ => None,
        }
    }
}

/// Whether an expression is a value that is there already: nothing is to be computed that could fail.
fn is_given(expr: &Expr) -> bool {
    match &expr.node {
        Node::Constant(_) | Node::Param(_) | Node::Variable(_) => true,
        Node::Coercion(it) => it.method == CoercionMethod::Relabel && is_given(&it.arg),
        _ => false,
    }
}

/// Whether an expression names columns of queries around alone.
fn is_outer(expr: &Expr) -> bool {
    let mut columns = Walk::expr(expr, &[]).filter_map(|place| match place.part {
        Part::Expr(Expr { node: Node::Var(var), .. }) => Some(var.levels_up > 0),
        Part::Expr(_) => None,
        Part::Query(_) => Some(false),
    });
    let mut some = false;
    columns.all(|outer| {
        some = true;
        outer
    }) && some
}
