//! Sub-selects that look for one row of a system catalog again and again: the catalog is sorted by the column once.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::expr::Context;
use super::query::{Cells, same_form};
use super::{Evaluator, Result};
use crate::catalog::ObjectId;
use crate::catalog::analyze::tree::{Expr, Node, RangeEntry, RangeKind};
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

/// The lookups by catalog and column, with the edition of the replayed catalog that they were read of.
pub(super) type Lookups = ((usize, u32), FxHashMap<(ObjectId, i16), Rc<Lookup>>);

impl Evaluator<'_> {
    /// The rows of a system catalog that may fulfil `column = value of the query around`; `None` where no condition
    /// says that.
    pub(super) fn looked_up(
        &mut self,
        entry: &RangeEntry,
        range: u32,
        conditions: &[&Expr],
        context: Context<'_>,
    ) -> Result<Option<Rows>> {
        let RangeKind::Relation { id, .. } = &entry.kind else { return Ok(None) };
        let Some((column, other)) = conditions.iter().find_map(|condition| outer_equality(condition, range)) else {
            return Ok(None);
        };
        let value = self.eval(other, context)?;
        if value.has_unknown() {
            return Ok(None);
        }
        let Some(lookup) = self.lookup(entry, *id, column)? else { return Ok(None) };
        let mut rows = lookup.by_value.get(&value.key()).cloned().unwrap_or_default();
        rows.extend(lookup.others.iter().cloned());
        Ok(Some((rows, lookup.open || self.doubtful)))
    }

    fn lookup(&mut self, entry: &RangeEntry, id: ObjectId, column: i16) -> Result<Option<Rc<Lookup>>> {
        let edition = self.replay.now().catalog().edition();
        if self.lookups.0 != edition {
            self.lookups = (edition, FxHashMap::default());
        }
        if let Some(lookup) = self.lookups.1.get(&(id, column)) {
            return Ok(Some(Rc::clone(lookup)));
        }
        let (rows, open) = self.relation_rows(id);
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
        self.lookups.1.insert((id, column), Rc::clone(&lookup));
        Ok(Some(lookup))
    }
}

/// `column = what a query around says`, with the column's number.
fn outer_equality(condition: &Expr, range: u32) -> Option<(i16, &Expr)> {
    let Node::Operator(operation) = &condition.node else { return None };
    let (left, right) = (operation.left.as_ref()?, &operation.right);
    let own = |expr: &Expr| match &expr.node {
        Node::Var(var) if var.levels_up == 0 && var.range == range && var.column > 0 => Some(var.column),
        _ => None,
    };
    if operation.name.as_str() != "=" || !same_form(left, right) {
        return None;
    }
    match (own(left), own(right)) {
        (Some(column), None) if is_outer(right) => Some((column, right)),
        (None, Some(column)) if is_outer(left) => Some((column, left)),
        _ => None,
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
