//! Queries that ask for rows of a system catalog by the name or the oid of what they are of: only the objects that
//! may be meant are looked at.
//!
//! A condition `column = value` says so where the column is one of the table's anchors: the name or oid of the row's
//! object, or of the relation that it is attached to. The rows are then made of fewer objects, and judged by all
//! conditions as ever.

use rustc_hash::FxHashMap;

use super::expr::Context;
use super::lookup::Rows;
use super::query::{column_name, same_form};
use super::tables::{Table, system_table};
use super::value::{Oid, Value};
use super::{Evaluator, Result};
use crate::catalog::analyze::tree::{Coercion, CoercionMethod, Expr, Node, RangeEntry, RangeKind};
use crate::catalog::{Catalog, CatalogAt, ObjectId};
use crate::syntax::Name;

/// The objects that rows are made of, where not of all.
#[derive(Debug)]
pub(super) struct Only {
    /// In the order they were made.
    pub objects: Vec<ObjectId>,
    /// The names that were asked for: functions of the empty server have nothing else.
    pub names: Vec<Name>,
}

/// The objects that ever had each name, as far as it was read.
#[derive(Clone, Default)]
pub(crate) struct NameIndex {
    objects: u32,
    renamed: usize,
    by_name: FxHashMap<Name, Vec<ObjectId>>,
}

impl NameIndex {
    /// Takes in what came since.
    fn update(&mut self, catalog: &Catalog) {
        let count = catalog.object_count();
        for id in (self.objects..count).map(ObjectId) {
            if let Some(object) = catalog.history(id).find_map(|(_, object)| object) {
                self.by_name.entry(object.name).or_default().push(id);
            }
        }
        self.objects = count;
        for &(id, name) in &catalog.renamed[self.renamed..] {
            self.by_name.entry(name).or_default().push(id);
        }
        self.renamed = catalog.renamed.len();
    }

    fn named(&self, name: Name) -> &[ObjectId] {
        self.by_name.get(&name).map_or(&[], Vec::as_slice)
    }
}

/// What a value asks for.
#[derive(Default)]
struct Wanted {
    objects: Vec<ObjectId>,
    names: Vec<Name>,
}

impl Wanted {
    /// Adds what a value names; false where it names nothing that is kept.
    fn add(&mut self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.names.push(Name::from(text)),
            Value::Object(Oid::Object(id) | Oid::ViewRule(id)) => self.objects.push(*id),
            Value::Object(Oid::Type(ty)) => self.objects.push(ty.id),
            _ => return false,
        }
        true
    }

    /// The objects of these names and oids, and what is attached to them.
    fn only(mut self, names: &NameIndex, now: CatalogAt<'_>) -> Only {
        for name in &self.names {
            self.objects.extend(names.named(*name));
            // The name of an array type.
            let element = name.as_str().strip_prefix('_');
            self.objects.extend(element.into_iter().flat_map(|element| names.named(Name::from(element))));
        }
        let attached: Vec<ObjectId> = self.objects.iter().flat_map(|id| now.attached(*id)).map(|(id, _)| id).collect();
        self.objects.extend(attached);
        self.objects.sort_unstable();
        self.objects.dedup();
        Only { objects: self.objects, names: self.names }
    }
}

impl Evaluator<'_> {
    /// The rows of a system catalog that may fulfil all of `conditions`; `None` where none of them says which objects
    /// they are of.
    pub(super) fn narrowed(
        &mut self,
        entry: &RangeEntry,
        range: u32,
        conditions: &[&Expr],
        context: Context<'_>,
    ) -> Result<Option<Rows>> {
        let RangeKind::Relation { id, .. } = &entry.kind else { return Ok(None) };
        let Some(table) = system_table(self.replay.now(), *id) else { return Ok(None) };
        for condition in conditions {
            if let Some(wanted) = self.wanted(table, entry, range, condition, context) {
                let only = self.only(wanted);
                return Ok(Some(self.system_rows(table, Some(&only))));
            }
            // What comes before may be an error for rows that are left out.
            if !self.is_harmless(condition, context) {
                return Ok(None);
            }
        }
        Ok(None)
    }

    fn only(&mut self, wanted: Wanted) -> Only {
        let mut names = std::mem::take(&mut self.replay.names_ever);
        names.update(self.replay.catalog());
        let only = wanted.only(&names, self.replay.now());
        self.replay.names_ever = names;
        only
    }

    /// `anchor = value`, `anchor IN (value, …)`.
    fn wanted(
        &mut self,
        table: &Table,
        entry: &RangeEntry,
        range: u32,
        condition: &Expr,
        context: Context<'_>,
    ) -> Option<Wanted> {
        let (value, is_list) = match &condition.node {
            Node::Operator(it) if it.name.as_str() == "=" => {
                let left = it.left.as_ref()?;
                let comparable = same_form(left, &it.right) || (self.is_text(left) && self.is_text(&it.right));
                if !comparable {
                    return None;
                }
                match (self.is_anchor(table, entry, range, left), self.is_anchor(table, entry, range, &it.right)) {
                    (true, false) => (&it.right, false),
                    (false, true) => (left, false),
                    _ => return None,
                }
            }
            Node::ScalarArray(it) if it.name.as_str() == "=" && !it.all => {
                self.is_anchor(table, entry, range, &it.left).then_some((&it.right, true))?
            }
            _ => return None,
        };
        if !is_given(value) {
            return None;
        }
        let mut wanted = Wanted::default();
        let known = match (self.eval(value, context).ok()?, is_list) {
            (Value::Array(values), true) => values.iter().all(|value| wanted.add(value)),
            (value, false) => wanted.add(&value),
            _ => false,
        };
        known.then_some(wanted)
    }

    fn is_text(&mut self, expr: &Expr) -> bool {
        expr.ty.is_some_and(|ty| self.is_text_type(ty))
    }

    fn is_anchor(&mut self, table: &Table, entry: &RangeEntry, range: u32, expr: &Expr) -> bool {
        let column = self.own_column(expr, range).and_then(|number| column_name(entry, number));
        column.is_some_and(|column| table.anchors.contains(&column.as_str()))
    }

    /// Whether an expression has a value for each row, be it unknown.
    fn is_harmless(&mut self, expr: &Expr, context: Context<'_>) -> bool {
        match &expr.node {
            Node::Var(_) | Node::Param(_) | Node::Variable(_) => true,
            Node::Constant(_) => self.eval(expr, context).is_ok(),
            Node::And(list) | Node::Or(list) | Node::Array(list) => {
                list.iter().all(|expr| self.is_harmless(expr, context))
            }
            Node::Not(arg) => self.is_harmless(arg, context),
            Node::Operator(it) | Node::Distinct(it) => {
                it.left.as_ref().is_none_or(|left| self.is_harmless(left, context))
                    && self.is_harmless(&it.right, context)
            }
            Node::ScalarArray(it) => self.is_harmless(&it.left, context) && self.is_harmless(&it.right, context),
            Node::NullTest(it) => self.is_harmless(&it.arg, context),
            Node::BooleanTest(it) => self.is_harmless(&it.arg, context),
            Node::Coercion(it) => match (&it.arg.node, it.arg.ty.zip(expr.ty)) {
                (Node::Constant(_), _) => self.eval(expr, context).is_ok(),
                (_, Some((from, to))) => self.keeps_text(from, to) && self.is_harmless(&it.arg, context),
                _ => false,
            },
            _ => false,
        }
    }
}

/// Whether an expression is a value that is the same for all rows, and nothing else happens when it is asked for.
fn is_given(expr: &Expr) -> bool {
    match &expr.node {
        Node::Constant(_) | Node::Param(_) | Node::Variable(_) => true,
        Node::Var(var) => var.levels_up > 0,
        Node::Field(it) => is_given(&it.base),
        Node::Array(list) => list.iter().all(is_given),
        Node::Coercion(it) => !calls_code(it) && is_given(&it.arg),
        _ => false,
    }
}

fn calls_code(coercion: &Coercion) -> bool {
    matches!(coercion.method, CoercionMethod::Function(_) | CoercionMethod::Unknown)
}
