//! The names that tables and columns have within a printed query (set_deparse_for_query).

use rustc_hash::FxHashMap;

use super::printer::Printer;
use crate::catalog::analyze::tree::{Cte, Expr, FromNode, JoinNode, Node, Query, RangeEntry, RangeKind, Var};
use crate::catalog::{CatalogAt, Kind};
use crate::syntax::{LONGEST_NAME, Name, clip};

/// A query as its columns are named (deparse_namespace).
#[derive(Clone)]
pub(super) struct Namespace<'p> {
    pub ranges: &'p [RangeEntry],
    pub ctes: &'p [Cte],
    /// The name of each range entry; a join without alias has none.
    pub names: Vec<Option<String>>,
    pub columns: Vec<Columns>,
}

/// The columns of a range entry (deparse_columns).
#[derive(Clone, Default, Debug)]
pub(super) struct Columns {
    /// Each with its number and the name it goes by.
    pub names: Vec<(i16, Name)>,
    /// An alias list must be printed.
    pub print_aliases: bool,
    /// Of a join: the merged columns.
    pub using: Vec<Name>,
}

impl Columns {
    /// The name of a column.
    pub fn name(&self, number: i16) -> Option<Name> {
        self.names.iter().find(|(other, _)| *other == number).map(|(_, name)| *name)
    }
}

impl<'p> Namespace<'p> {
    /// The namespace of a query within others.
    pub fn of_query(query: &'p Query, around: &[Namespace<'p>], catalog: CatalogAt<'p>) -> Option<Namespace<'p>> {
        let names = range_names(&query.ranges, around, catalog)?;
        let mut assigned = vec![Vec::new(); query.ranges.len()];
        let mut using = FxHashMap::default();
        for node in &query.from {
            assign_using(node, &query.ranges, &mut assigned, &mut using);
        }
        let mut columns = Vec::with_capacity(query.ranges.len());
        for (range, assigned) in query.ranges.iter().zip(&assigned) {
            columns.push(columns_of(range, assigned, &columns, catalog)?);
        }
        for (range, names) in using {
            columns[range as usize].using = names;
        }
        Some(Namespace { ranges: &query.ranges, ctes: &query.ctes, names, columns })
    }

    /// The namespace of the relations around an expression (deparse_context_for), by the names they have.
    pub fn of_scope(ranges: &'p [RangeEntry], catalog: CatalogAt<'p>) -> Option<Namespace<'p>> {
        let mut columns = Vec::with_capacity(ranges.len());
        for range in ranges {
            columns.push(columns_of(range, &[], &columns, catalog)?);
        }
        let name = |range: &RangeEntry| match &range.kind {
            RangeKind::Relation { id, .. } if !range.aliased => catalog.get(*id).map(|object| object.name.to_string()),
            _ => Some(range.name.to_string()),
        };
        Some(Namespace { ranges, ctes: &[], names: ranges.iter().map(name).collect(), columns })
    }
}

/// set_rtable_names: what is not unique gets a number.
fn range_names(ranges: &[RangeEntry], around: &[Namespace<'_>], catalog: CatalogAt<'_>) -> Option<Vec<Option<String>>> {
    let taken = around.iter().flat_map(|namespace| namespace.names.iter().flatten());
    let mut taken: FxHashMap<String, u32> = taken.map(|name| (name.clone(), 0)).collect();
    let mut names = Vec::with_capacity(ranges.len());
    for range in ranges {
        let name = match &range.kind {
            _ if range.aliased => range.name.to_string(),
            RangeKind::Join(_) => {
                names.push(None);
                continue;
            }
            RangeKind::Relation { id, .. } => catalog.get(*id)?.name.to_string(),
            _ => range.name.to_string(),
        };
        names.push(Some(unique(name, &mut taken)));
    }
    Some(names)
}

fn unique(name: String, taken: &mut FxHashMap<String, u32>) -> String {
    let Some(mut counter) = taken.get(&name).copied() else {
        taken.insert(name.clone(), 0);
        return name;
    };
    let free = loop {
        counter += 1;
        let suffix = format!("_{counter}");
        let kept = clip(&name, LONGEST_NAME - suffix.len());
        let candidate = format!("{kept}{suffix}");
        if !taken.contains_key(&candidate) {
            break candidate;
        }
    };
    taken.insert(name, counter);
    taken.insert(free.clone(), 0);
    free
}

/// set_using_names: what USING merges has one name on both sides.
fn assign_using(
    node: &FromNode,
    ranges: &[RangeEntry],
    assigned: &mut [Vec<(i16, Name)>],
    using: &mut FxHashMap<u32, Vec<Name>>,
) {
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        let FromNode::Join(join) = node else { continue };
        pending.extend([&join.left, &join.right]);
        if join.using.is_empty() {
            continue;
        }
        using.insert(join.range, join.using.clone());
        push_names(join, ranges, assigned);
    }
}

fn push_names(join: &JoinNode, ranges: &[RangeEntry], assigned: &mut [Vec<(i16, Name)>]) {
    let RangeKind::Join(range) = &ranges[join.range as usize].kind else { return };
    for ((left, right), name) in range.merged_from.iter().zip(&join.using) {
        for var in [left, right] {
            let names = &mut assigned[var.range as usize];
            if !names.iter().any(|(number, _)| *number == var.column) {
                names.push((var.column, *name));
            }
        }
    }
}

/// The columns of an entry by the names they have now: number, own name, and whether there was an alias for it.
fn real_columns(range: &RangeEntry, before: &[Columns], catalog: CatalogAt<'_>) -> Option<Vec<(i16, Name, bool)>> {
    let alias_at = |at: usize| at < range.alias_columns.len();
    let numbered = |names: &[crate::catalog::analyze::tree::RangeColumn]| {
        let columns = names.iter().zip(1..).enumerate();
        columns.map(|(at, (column, number))| (number, column.name, alias_at(at))).collect()
    };
    Some(match &range.kind {
        RangeKind::Relation { id, object, .. } => {
            let Kind::Relation(then) = &object.kind else {
                let names = ["last_value", "log_cnt", "is_called"];
                return Some(names.iter().zip(1..).map(|(name, number)| (number, Name::from(name), false)).collect());
            };
            let now = catalog.get(*id)?.as_relation()?;
            let alias_of = |number: i16| then.columns.iter().position(|it| it.number == number).is_some_and(alias_at);
            now.columns.iter().map(|column| (column.number, column.name, alias_of(column.number))).collect()
        }
        RangeKind::Join(join) => {
            let name = |(at, ((column, expr), number)): (usize, (&(_, Expr), i16))| {
                let column: &crate::catalog::analyze::tree::RangeColumn = column;
                let renamed = match &expr.node {
                    Node::Var(Var { range, column, .. }) => before.get(*range as usize).and_then(|it| it.name(*column)),
                    _ => None,
                };
                (number, renamed.unwrap_or(column.name), alias_at(at))
            };
            join.columns.iter().zip(1..).enumerate().map(name).collect()
        }
        RangeKind::Subquery { columns, .. }
        | RangeKind::Functions { columns, .. }
        | RangeKind::Values { columns, .. }
        | RangeKind::Cte { columns, .. }
        | RangeKind::Table { columns, .. } => numbered(columns),
        RangeKind::Unknown => return None,
    })
}

/// set_relation_column_names, set_join_column_names.
fn columns_of(
    range: &RangeEntry,
    assigned: &[(i16, Name)],
    before: &[Columns],
    catalog: CatalogAt<'_>,
) -> Option<Columns> {
    let real = real_columns(range, before, catalog)?;
    let mut columns = Columns::default();
    let (mut changed, mut anonymous) = (false, false);
    let mut taken: FxHashMap<Name, u32> = assigned.iter().map(|(_, name)| (*name, 0)).collect();
    for (at, (number, own, aliased)) in real.into_iter().enumerate() {
        let given = assigned.iter().find(|(other, _)| *other == number).map(|(_, name)| *name);
        let name = given.unwrap_or_else(|| {
            let alias = if aliased { range.alias_columns.get(alias_place(range, number, at)).copied() } else { None };
            unique_column(alias.unwrap_or(own), &mut taken)
        });
        changed |= name != own;
        anonymous |= own.as_str() == "?column?";
        columns.names.push((number, name));
    }
    columns.print_aliases = match &range.kind {
        RangeKind::Relation { .. } => changed,
        RangeKind::Join(_) => !range.alias_columns.is_empty() || (range.aliased && changed),
        RangeKind::Functions { .. } => true,
        RangeKind::Table { .. } => false,
        _ => !range.alias_columns.is_empty() || changed || anonymous,
    };
    Some(columns)
}

/// The place of a column in the alias list, which counts the columns there were.
fn alias_place(range: &RangeEntry, number: i16, at: usize) -> usize {
    match &range.kind {
        RangeKind::Relation { object, .. } => {
            let then = object.as_relation();
            then.and_then(|then| then.columns.iter().position(|it| it.number == number)).unwrap_or(at)
        }
        _ => at,
    }
}

fn unique_column(name: Name, taken: &mut FxHashMap<Name, u32>) -> Name {
    let Some(mut counter) = taken.get(&name).copied() else {
        taken.insert(name, 0);
        return name;
    };
    let free = loop {
        counter += 1;
        let suffix = format!("_{counter}");
        let candidate = Name::from(&format!("{}{suffix}", clip(&name, LONGEST_NAME - suffix.len())));
        if !taken.contains_key(&candidate) {
            break candidate;
        }
    };
    taken.insert(name, counter);
    taken.insert(free, 0);
    free
}

/// System columns by attnum (SystemAttributeByName).
fn system_column(number: i16) -> Option<&'static str> {
    Some(match number {
        -1 => "ctid",
        -2 => "xmin",
        -3 => "cmin",
        -4 => "xmax",
        -5 => "cmax",
        -6 => "tableoid",
        _ => return None,
    })
}

impl<'p> Printer<'p> {
    /// The namespace that is `levels_up` queries out.
    pub fn namespace(&self, levels_up: u16) -> Option<&Namespace<'p>> {
        self.namespaces.iter().rev().nth(usize::from(levels_up))
    }

    /// get_variable; gives the column's own name, which stands for an alias.
    pub fn variable(&mut self, var: &Var, expr: &Expr, top_level: bool) -> Option<Option<Name>> {
        let namespace = self.namespace(var.levels_up)?;
        let (range, column) = var.written_as.unwrap_or((var.range, var.column));
        let entry = namespace.ranges.get(range as usize)?;
        let name = namespace.names.get(range as usize)?.clone();
        let column = match column {
            0 => None,
            1.. => Some(namespace.columns.get(range as usize)?.name(column)?),
            _ => Some(Name::from(system_column(column)?)),
        };
        let merged = matches!(entry.kind, RangeKind::Join(_)) && name.is_none();
        let hidden = column.is_some_and(|column| self.is_ambiguous(column, var));
        let prefix = !merged && (self.context.prefix || column.is_none() || hidden);
        if let (Some(name), true) = (&name, prefix) {
            self.identifier(name);
            self.out.push('.');
        }
        match column {
            Some(column) => self.identifier(&column),
            None => {
                self.out.push('*');
                if top_level {
                    self.push("::");
                    self.type_of(expr)?;
                }
            }
        }
        Some(column)
    }

    /// In ORDER BY a plain name is first looked for among the output columns.
    fn is_ambiguous(&self, name: Name, var: &Var) -> bool {
        if !self.context.in_order_by || self.context.in_group_by || self.context.prefix {
            return false;
        }
        let shown = self.context.targets.iter().filter(|target| !target.junk).enumerate();
        shown.into_iter().any(|(at, target)| {
            let renamed = self.context.result_names.as_ref().and_then(|names| names.get(at)).copied();
            let same = matches!(&target.expr.node, Node::Var(other) if other == var);
            renamed.unwrap_or(target.name) == name && !same
        })
    }
}
