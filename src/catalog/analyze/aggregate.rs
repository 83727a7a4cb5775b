//! Where aggregates, window functions and functions that return sets may stand (parse_agg.c).

use super::expr::Analyzer;
use super::same::{same, without_implicit};
use super::scope::{Level, Site};
use super::tree::{Aggregate, Expr, Grouping, Node, Query, RangeKind};
use super::walk::{Part, Walk};
use super::{Error, Result};
use crate::catalog::{ConstraintKind, Kind, ObjectId};
use crate::source::Span;

impl Analyzer<'_> {
    /// check_agglevels_and_constraints: how many queries out the aggregate is computed.
    pub(super) fn place_aggregate(&self, level: &Level<'_>, aggregate: &Aggregate, span: Span) -> Result<u16> {
        let levels_up = lowest_level(aggregate);
        let Some(owner) = level.outer(levels_up) else { return Ok(levels_up) };
        if let Some(what) = forbids_aggregates(owner.site.get()) {
            let message = format!("aggregate functions are not allowed in {what}");
            return Err(Error::new("42803", span, message));
        }
        for arg in aggregate.args.iter().chain(aggregate.filter.iter()) {
            check_nested(arg, levels_up)?;
        }
        owner.aggregates.set(true);
        Ok(levels_up)
    }

    pub(super) fn check_window_allowed(&self, level: &Level<'_>, args: &[Expr], span: Span) -> Result<()> {
        if let Some(what) = forbids_windows(level.site.get()) {
            return Err(Error::new("42P20", span, format!("window functions are not allowed in {what}")));
        }
        let mut walks = args.iter().map(|arg| Walk::expr(arg, &[]));
        let nested = walks.any(|mut walk| {
            while let Some(place) = walk.next() {
                if let Part::Expr(Expr { node: Node::Window(_), .. }) = place.part
                    && walk.depth(&place) == 0
                {
                    return true;
                }
            }
            false
        });
        match nested {
            true => Err(Error::new("42P20", span, "window function calls cannot be nested")),
            false => Ok(()),
        }
    }

    /// check_srf_call_placement.
    pub(super) fn check_set_allowed(&self, level: &Level<'_>, span: Span) -> Result<()> {
        let what = match level.site.get() {
            Site::JoinOn => "JOIN conditions",
            Site::Where => "WHERE",
            Site::Having => "HAVING",
            Site::Filter => "FILTER",
            Site::WindowFrame => "window definitions",
            Site::Update => "UPDATE",
            Site::Limit => "LIMIT",
            Site::Returning => "RETURNING",
            Site::Policy => "policy expressions",
            Site::Check | Site::DomainCheck => "check constraints",
            Site::Default => "DEFAULT expressions",
            Site::Index => "index expressions",
            Site::IndexPredicate => "index predicates",
            Site::Statistics => "statistics expressions",
            Site::AlterType => "transform expressions",
            Site::TriggerWhen => "trigger WHEN conditions",
            Site::PartitionKey => "partition key expressions",
            Site::PartitionBound => "partition bound",
            Site::CallArgument => "CALL arguments",
            Site::Generated => "column generation expressions",
            Site::MergeWhen => "MERGE WHEN conditions",
            _ => return Ok(()),
        };
        Err(Error::new("0A000", span, format!("set-returning functions are not allowed in {what}")))
    }

    /// parseCheckAggregates: outside aggregates, only what is grouped by may be named.
    pub(super) fn check_grouping(&self, query: &mut Query) -> Result<()> {
        let grouped = !query.group_by.is_empty() || query.having.is_some() || query.aggregates;
        if !grouped {
            return Ok(());
        }
        let mut numbers = Vec::new();
        query.group_by.iter().for_each(|grouping| targets_of(grouping, &mut numbers));
        let expressions: Vec<Expr> =
            numbers.iter().map(|at| without_implicit(&query.targets[*at as usize].expr).clone()).collect();
        if expressions.iter().any(|expr| expr.ty.is_none() || matches!(expr.node, Node::Unknown(_))) {
            return Ok(());
        }
        let mut check = GroupCheck { analyzer: self, query, expressions: &expressions, dependent: Vec::new() };
        for target in &query.targets {
            check.check(&target.expr)?;
        }
        if let Some(having) = &query.having {
            check.check(having)?;
        }
        let constraints = check.dependent.into_iter().filter_map(|(_, constraint)| constraint);
        query.group_keys = constraints.collect();
        Ok(())
    }
}

struct GroupCheck<'c, 'a> {
    analyzer: &'c Analyzer<'a>,
    query: &'c Query,
    expressions: &'c [Expr],
    /// Range entries of which the primary key is grouped by (or not), with the constraint.
    dependent: Vec<(u32, Option<ObjectId>)>,
}

impl GroupCheck<'_, '_> {
    /// check_ungrouped_columns. Sub-selects are looked into as well, for the columns of this query.
    fn check(&mut self, expr: &Expr) -> Result<()> {
        let mut walk = Walk::expr(expr, &[]);
        while let Some(place) = walk.next() {
            let Part::Expr(expr) = place.part else { continue };
            let depth = walk.depth(&place) as u16;
            match &expr.node {
                Node::Aggregate(aggregate) if aggregate.levels_up >= depth => {
                    walk.skip_children();
                    continue;
                }
                Node::Grouping(_) => {
                    walk.skip_children();
                    continue;
                }
                _ => {}
            }
            if depth == 0 && self.expressions.iter().any(|grouped| same(grouped, without_implicit(expr))) {
                walk.skip_children();
                continue;
            }
            if let Node::Var(var) = &expr.node
                && var.levels_up == depth
            {
                self.check_column(expr, var.range, var.column, depth)?;
            }
        }
        Ok(())
    }

    fn check_column(&mut self, expr: &Expr, range: u32, column: i16, depth: u16) -> Result<()> {
        let grouped = |other: &Expr| match &other.node {
            Node::Var(var) => var.levels_up == 0 && var.range == range && var.column == column,
            _ => false,
        };
        if self.expressions.iter().any(grouped) || self.key_is_grouped(range) {
            return Ok(());
        }
        let Some(entry) = self.query.ranges.get(range as usize) else { return Ok(()) };
        // A join's merged column may stand for an input's.
        if matches!(entry.kind, RangeKind::Join(_) | RangeKind::Unknown) {
            return Ok(());
        }
        let name = match entry.column(column, &self.analyzer.facts) {
            Some(view) => format!("{}.{}", entry.name, view.name),
            None => format!("{}.*", entry.name),
        };
        let message = match depth {
            0 => {
                format!("column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function")
            }
            _ => format!("subquery uses ungrouped column \"{name}\" from outer query"),
        };
        Err(Error::new("42803", expr.span, message))
    }

    /// check_functional_grouping: the whole primary key is grouped by.
    fn key_is_grouped(&mut self, range: u32) -> bool {
        if let Some((_, constraint)) = self.dependent.iter().find(|(known, _)| *known == range) {
            return constraint.is_some();
        }
        let constraint = self.grouped_key(range);
        self.dependent.push((range, constraint));
        constraint.is_some()
    }

    fn grouped_key(&self, range: u32) -> Option<ObjectId> {
        let RangeKind::Relation { id, .. } = &self.query.ranges.get(range as usize)?.kind else { return None };
        let has = |column: &i16| {
            self.expressions.iter().any(|expr| match &expr.node {
                Node::Var(var) => var.levels_up == 0 && var.range == range && var.column == *column,
                _ => false,
            })
        };
        self.analyzer.catalog.attached(*id).find_map(|(constraint, object)| {
            let Kind::Constraint(it) = &object.kind else { return None };
            match &it.kind {
                ConstraintKind::Primary { columns, .. } if !it.deferrable => {
                    columns.iter().all(has).then_some(constraint)
                }
                _ => None,
            }
        })
    }
}

fn targets_of(grouping: &Grouping, found: &mut Vec<u32>) {
    match grouping {
        Grouping::Target(target) => found.push(*target),
        Grouping::Targets(targets) => found.extend(targets),
        Grouping::Empty => {}
        Grouping::Rollup(list) | Grouping::Cube(list) | Grouping::Sets(list) => {
            list.iter().for_each(|grouping| targets_of(grouping, found));
        }
    }
}

/// check_agg_arguments: the level of the innermost column or aggregate among the arguments.
fn lowest_level(aggregate: &Aggregate) -> u16 {
    let mut lowest: Option<u16> = None;
    let parts = aggregate.args.iter().chain(aggregate.filter.iter()).chain(aggregate.direct_args.iter());
    for expr in parts.chain(aggregate.order_by.iter().map(|key| &key.expr)) {
        let mut walk = Walk::expr(expr, &[]);
        while let Some(place) = walk.next() {
            let Part::Expr(expr) = place.part else { continue };
            let levels_up = match &expr.node {
                Node::Var(var) => var.levels_up,
                Node::Aggregate(inner) => inner.levels_up,
                // A column of which nothing is known may well be of this query.
                Node::Unknown(_) => return 0,
                _ => continue,
            };
            if let Some(outside) = levels_up.checked_sub(walk.depth(&place) as u16) {
                lowest = Some(lowest.map_or(outside, |lowest| lowest.min(outside)));
            }
        }
    }
    lowest.unwrap_or(0)
}

fn check_nested(arg: &Expr, levels_up: u16) -> Result<()> {
    let mut walk = Walk::expr(arg, &[]);
    while let Some(place) = walk.next() {
        let Part::Expr(expr) = place.part else { continue };
        let depth = walk.depth(&place) as u16;
        match &expr.node {
            Node::Aggregate(inner) if inner.levels_up.checked_sub(depth) == Some(levels_up) => {
                return Err(Error::new("42803", expr.span, "aggregate function calls cannot be nested"));
            }
            Node::Window(_) if depth == 0 => {
                let message = "aggregate function calls cannot contain window function calls";
                return Err(Error::new("42803", expr.span, message));
            }
            _ => {}
        }
    }
    Ok(())
}

fn forbids_aggregates(site: Site) -> Option<&'static str> {
    Some(match site {
        Site::JoinOn => "JOIN conditions",
        Site::FromFunction => "functions in FROM",
        Site::Where => "WHERE",
        Site::Filter => "FILTER",
        Site::WindowFrame => "window frame",
        Site::Update => "UPDATE",
        Site::GroupBy => "GROUP BY",
        Site::Limit => "LIMIT",
        Site::Returning => "RETURNING",
        Site::Values => "VALUES",
        Site::MergeWhen => "MERGE WHEN conditions",
        site => forbids_in_definitions(site)?,
    })
}

fn forbids_in_definitions(site: Site) -> Option<&'static str> {
    Some(match site {
        Site::Policy => "policy expressions",
        Site::Check | Site::DomainCheck => "check constraints",
        Site::Default => "DEFAULT expressions",
        Site::Index => "index expressions",
        Site::IndexPredicate => "index predicates",
        Site::Statistics => "statistics expressions",
        Site::AlterType => "transform expressions",
        Site::TriggerWhen => "trigger WHEN conditions",
        Site::PartitionKey => "partition key expressions",
        Site::PartitionBound => "partition bound",
        Site::CallArgument => "CALL arguments",
        Site::Generated => "column generation expressions",
        _ => return None,
    })
}

fn forbids_windows(site: Site) -> Option<&'static str> {
    Some(match site {
        Site::JoinOn => "JOIN conditions",
        Site::FromFunction => "functions in FROM",
        Site::Where => "WHERE",
        Site::Having => "HAVING",
        Site::Filter => "FILTER",
        Site::WindowPartition | Site::WindowOrder | Site::WindowFrame => "window definitions",
        Site::Update => "UPDATE",
        Site::GroupBy => "GROUP BY",
        Site::Limit => "LIMIT",
        Site::Returning => "RETURNING",
        Site::Values => "VALUES",
        Site::MergeWhen => "MERGE WHEN conditions",
        site => forbids_in_definitions(site)?,
    })
}
