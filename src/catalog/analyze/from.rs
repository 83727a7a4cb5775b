//! FROM: relations, sub-selects, functions, joins (parse_clause.c, parse_relation.c).

use super::coerce::Goal;
use super::error::Missing;
use super::expr::{Analyzer, typed};
use super::names::{parts, span_of};
use super::scope::{Item, Level, Site, unknown};
use super::tree::{
    Expr, FromNode, JoinNode, JoinRange, Modifiers, Node, RangeColumn, RangeEntry, RangeFunction, RangeKind,
};
use super::types::relation_columns;
use super::{Error, Result};
use crate::catalog::{Kind, NameSpace, RelationClass};
use crate::source::Span;
use crate::syntax::{
    self as ir, Alias, ExprKind, FromFunctions, FromItem, FromKind, JoinKind, Name, QualifiedName, RelationRef,
};

/// A FROM item and the entries that are in sight because of it.
struct Made {
    node: FromNode,
    items: Vec<Item>,
}

impl Analyzer<'_> {
    /// transformFromClause.
    pub(super) fn from(&self, level: &mut Level<'_>, from: &[FromItem]) -> Result<Vec<FromNode>> {
        let mut nodes = Vec::new();
        for item in from {
            let made = self.from_item(level, item)?;
            check_names(level, &level.items, &made.items, item.span)?;
            level.items.extend(made.items.into_iter().map(|item| Item {
                lateral_only: true,
                lateral_ok: true,
                ..item
            }));
            nodes.push(made.node);
        }
        for item in &mut level.items {
            item.lateral_only = false;
        }
        Ok(nodes)
    }

    /// transformFromClauseItem.
    fn from_item(&self, level: &mut Level<'_>, item: &FromItem) -> Result<Made> {
        match &item.kind {
            FromKind::Relation(relation) => self.relation_item(level, relation),
            FromKind::Subquery { query, lateral, alias } => {
                self.subquery_item(level, query, *lateral, alias.as_ref(), item.span)
            }
            FromKind::Functions(functions) => self.functions_item(level, functions, item.span),
            FromKind::Join(join) => self.join(level, join, item.span),
            FromKind::Sample { relation, args, repeatable, .. } => {
                let made = self.from_item(level, relation)?;
                for arg in args.iter().chain(repeatable.as_deref()) {
                    level.at(Site::FromFunction, || self.expr(level, arg))?;
                }
                Ok(made)
            }
            FromKind::Table(table) => self.table_item(level, table, item.span),
            FromKind::Opaque => {
                level.opaque.set(true);
                let entry = unknown_entry(item.span, Name::default(), false);
                Ok(made(level, entry))
            }
        }
    }

    /// addRangeTableEntry, or addRangeTableEntryForCTE.
    fn relation_item(&self, level: &mut Level<'_>, relation: &RelationRef) -> Result<Made> {
        if let Some(entry) = self.cte_item(level, relation)? {
            return Ok(made(level, entry));
        }
        let entry = self.relation_entry(relation)?;
        Ok(made(level, entry))
    }

    fn cte_item(&self, level: &Level<'_>, relation: &RelationRef) -> Result<Option<RangeEntry>> {
        if relation.name.schema.is_some() {
            return Ok(None);
        }
        let name = relation.name.name;
        let Some((levels_up, cte)) = level.find_cte(name.name) else { return Ok(None) };
        if !cte.returns {
            let message = format!("WITH query \"{}\" does not have a RETURNING clause", name.name);
            return Err(Error::new("0A000", name.span, message));
        }
        let recursive = cte.open.get();
        let output = cte.output.borrow().clone();
        let columns_known = output.is_some();
        let kind = RangeKind::Cte {
            name: name.name,
            levels_up,
            index: cte.index,
            recursive,
            columns: output.unwrap_or_default(),
        };
        self.entry(kind, name.name, relation.alias.as_ref(), relation.span, columns_known).map(Some)
    }

    /// The range entry of a relation.
    pub(super) fn relation_entry(&self, relation: &RelationRef) -> Result<RangeEntry> {
        let (schema, name) = parts(&relation.name);
        let Some(id) = self.find_relation(schema, name) else { return self.no_relation(relation) };
        let Some(object) = self.object(id) else { return self.no_relation(relation) };
        let columns_known = match &object.kind {
            Kind::Relation(it) if it.class == RelationClass::CompositeType => {
                return Err(cannot_open(relation, "a composite type"));
            }
            Kind::Relation(it) => it.columns_known,
            Kind::Index(_) => return Err(cannot_open(relation, "an index")),
            _ => true,
        };
        let kind = RangeKind::Relation { id, object: object.clone(), only: relation.only };
        self.entry(kind, name, relation.alias.as_ref(), relation.span, columns_known)
    }

    fn no_relation(&self, relation: &RelationRef) -> Result<RangeEntry> {
        let (schema, name) = parts(&relation.name);
        if self.may_be_relation(schema, name) {
            let shown = relation.alias.as_ref().map_or(name, |alias| alias.name.name);
            return Ok(unknown_entry(relation.span, shown, relation.alias.is_some()));
        }
        let message = format!("relation \"{}\" does not exist", relation.name);
        let error = Error::new("42P01", span_of(&relation.name, relation.span), message);
        Err(error.missing(Missing::Named(self.keys(schema, name, NameSpace::Relation))))
    }

    /// A range entry with its alias.
    fn entry(
        &self,
        kind: RangeKind,
        name: Name,
        alias: Option<&Alias>,
        span: Span,
        columns_known: bool,
    ) -> Result<RangeEntry> {
        let entry = RangeEntry {
            span,
            name: alias.map_or(name, |alias| alias.name.name),
            aliased: alias.is_some(),
            alias_columns: Vec::new(),
            lateral: false,
            kind,
            columns_known,
        };
        let Some(alias) = alias.filter(|alias| !alias.columns.is_empty()) else { return Ok(entry) };
        let width = entry.width();
        if alias.columns.len() > width && columns_known {
            let message = format!(
                "table \"{}\" has {width} columns available but {} columns specified",
                alias.name.name,
                alias.columns.len()
            );
            return Err(Error::new("42P10", alias.columns[width].span, message));
        }
        let alias_columns = alias.columns.iter().map(|column| column.name).collect();
        Ok(RangeEntry { alias_columns, ..entry })
    }

    /// transformRangeSubselect.
    fn subquery_item(
        &self,
        level: &mut Level<'_>,
        query: &ir::Query,
        lateral: bool,
        alias: Option<&Alias>,
        span: Span,
    ) -> Result<Made> {
        if alias.is_none() && self.environment.version < 16 {
            return Err(Error::new("42601", span, "subquery in FROM must have an alias"));
        }
        let before = level.lateral_active.replace(lateral);
        let analysed = self.sub_query(level, query, None, false);
        level.lateral_active.set(before);
        let query = analysed?;
        let columns_known = !query.incomplete;
        let columns = self.output(&query.targets);
        let kind = RangeKind::Subquery { query: Box::new(query), columns };
        let mut entry = self.entry(kind, Name::from("unnamed_subquery"), alias, span, columns_known)?;
        entry.lateral = lateral;
        Ok(made(level, entry))
    }

    /// transformRangeFunction.
    fn functions_item(&self, level: &mut Level<'_>, from: &FromFunctions, span: Span) -> Result<Made> {
        let before = level.lateral_active.replace(true);
        let functions = level.at(Site::FromFunction, || self.from_functions(level, from));
        level.lateral_active.set(before);
        let functions = functions?;
        let alias = from.alias.as_ref();
        let single = functions.len() == 1;
        let mut ranges = Vec::new();
        let mut columns = Vec::new();
        let mut known = true;
        for (expr, definition, written) in functions {
            let name = function_name(written);
            match self.function_columns(&expr, &definition, name, alias.filter(|_| single), span)? {
                Some(found) => {
                    ranges.push(RangeFunction { expr, columns: found.len(), definition });
                    columns.extend(found);
                }
                None => {
                    known = false;
                    ranges.push(RangeFunction { expr, columns: 0, definition });
                }
            }
        }
        if from.ordinality {
            columns.push(RangeColumn {
                name: Name::from("ordinality"),
                ty: Some(self.known.int8),
                modifiers: Modifiers::NONE,
            });
        }
        let name = from.functions.first().map_or_else(Name::default, |(expr, _)| function_name(expr));
        let kind = RangeKind::Functions { functions: ranges, ordinality: from.ordinality, columns };
        let mut entry = self.entry(kind, name, alias, span, known)?;
        // The server needs no LATERAL for functions, but notes where one is at work.
        entry.lateral = from.lateral || names_sibling(&entry);
        Ok(made(level, entry))
    }

    /// The calls with their column definitions; `unnest(a, b)` is two calls.
    #[allow(clippy::type_complexity, reason = "a list of what ROWS FROM holds")]
    fn from_functions<'f>(
        &self,
        level: &Level<'_>,
        from: &'f FromFunctions,
    ) -> Result<Vec<(Expr, Vec<RangeColumn>, &'f ir::Expr)>> {
        let mut functions = Vec::new();
        for (written, shapes) in &from.functions {
            let shapes = if shapes.is_empty() { &from.columns } else { shapes };
            let definition = self.definition(shapes)?;
            match several_unnests(written) {
                Some(call) if definition.is_empty() => {
                    for arg in &call.args {
                        let one = ir::Call { args: vec![arg.clone()], ..call.clone() };
                        functions.push((self.call(level, &one, written.span)?, Vec::new(), written));
                    }
                }
                _ => functions.push((self.expr(level, written)?, definition, written)),
            }
        }
        Ok(functions)
    }

    fn definition(&self, shapes: &[ir::ColumnShape]) -> Result<Vec<RangeColumn>> {
        let column = |shape: &ir::ColumnShape| {
            let resolved = self.resolve_type(&shape.ty)?;
            let (ty, modifiers) = resolved.map_or((None, Modifiers::NONE), |(ty, modifiers)| (Some(ty), modifiers));
            Ok(RangeColumn { name: shape.name.name, ty, modifiers })
        };
        shapes.iter().map(column).collect()
    }

    /// addRangeTableEntryForFunction: the columns of one function; `None` where they are not known.
    fn function_columns(
        &self,
        expr: &Expr,
        definition: &[RangeColumn],
        name: Name,
        alias: Option<&Alias>,
        span: Span,
    ) -> Result<Option<Vec<RangeColumn>>> {
        if !definition.is_empty() {
            return Ok(Some(definition.to_vec()));
        }
        let outputs = match &expr.node {
            Node::Call(call) => match call.function {
                Some(function) => self.resolved_outputs(function, expr),
                None => return Ok(None),
            },
            _ => Vec::new(),
        };
        if outputs.len() > 1 {
            return Ok(Some(outputs));
        }
        let Some(ty) = expr.ty else { return Ok(None) };
        if let Some((_, relation)) = self.relation_of(self.base(ty)) {
            return Ok(relation.columns_known.then(|| relation_columns(relation)));
        }
        if ty == self.known.record {
            let message = "a column definition list is required for functions returning \"record\"";
            return Err(Error::new("42601", span, message));
        }
        let named = outputs.first().map(|output| output.name).filter(|name| !name.is_empty());
        let name = named.or(alias.map(|alias| alias.name.name)).unwrap_or(name);
        Ok(Some(vec![RangeColumn { name, ty: Some(ty), modifiers: expr.modifiers }]))
    }

    /// The OUT parameters; polymorphic ones are resolved by the arguments.
    fn resolved_outputs(&self, function: super::FunctionId, expr: &Expr) -> Vec<RangeColumn> {
        let mut outputs = self.function_outputs(function);
        if outputs.iter().any(|output| output.ty.is_some_and(|ty| self.is_polymorphic(ty))) {
            let resolved = self.resolve_outputs(function, expr, &outputs);
            for (output, ty) in outputs.iter_mut().zip(resolved) {
                output.ty = ty;
            }
        }
        outputs
    }

    /// XMLTABLE and JSON_TABLE.
    fn table_item(&self, level: &mut Level<'_>, table: &ir::FromTable, span: Span) -> Result<Made> {
        let before = level.lateral_active.replace(true);
        let args = level.at(Site::FromFunction, || self.exprs(level, &table.args));
        level.lateral_active.set(before);
        let mut columns = Vec::new();
        for (name, ty) in &table.columns {
            let (ty, modifiers) = match ty {
                Some(ty) => {
                    self.resolve_type(ty)?.map_or((None, Modifiers::NONE), |(ty, modifiers)| (Some(ty), modifiers))
                }
                None => (Some(self.known.int4), Modifiers::NONE),
            };
            columns.push(RangeColumn { name: name.name, ty, modifiers });
        }
        let kind = RangeKind::Table { keyword: table.keyword, args: args?, columns };
        let entry = self.entry(kind, Name::from(table.keyword), table.alias.as_ref(), span, true)?;
        Ok(made(level, entry))
    }

    /// The JoinExpr part of transformFromClauseItem.
    fn join(&self, level: &mut Level<'_>, join: &ir::Join, span: Span) -> Result<Made> {
        let left = self.from_item(level, &join.left)?;
        // The right side sees the left by LATERAL, unless the join would need the right first.
        let lateral_ok = matches!(join.kind, JoinKind::Inner | JoinKind::Left);
        let outside = level.items.len();
        level.items.extend(left.items.iter().map(|item| Item { lateral_only: true, lateral_ok, ..item.clone() }));
        let right = self.from_item(level, &join.right);
        level.items.truncate(outside);
        let right = right?;
        check_names(level, &left.items, &right.items, span)?;
        let using = self.using(level, join, &left.node, &right.node)?;
        let range = self.join_columns(level, join, &left.node, &right.node, &using, span)?;
        let mut inside: Vec<Item> = left.items.into_iter().chain(right.items).collect();
        let on = match &join.on {
            Some(on) => Some(self.join_condition(level, on, &mut inside)?),
            None => None,
        };
        let node = JoinNode {
            range,
            kind: join.kind,
            natural: join.natural,
            left: left.node,
            right: right.node,
            using: using.iter().map(|(name, ..)| *name).collect(),
            using_alias: join.using_alias.map(|alias| alias.name),
            on,
        };
        // An alias hides the inputs; without one they stay in sight by their names, their columns through the join.
        let items = match &join.alias {
            Some(_) => vec![visible(range, true, true)],
            None => {
                inside.iter_mut().for_each(|item| item.columns_visible = false);
                inside.push(visible(range, false, true));
                inside
            }
        };
        Ok(Made { node: FromNode::Join(Box::new(node)), items })
    }

    fn join_condition(&self, level: &mut Level<'_>, on: &ir::Expr, inside: &mut Vec<Item>) -> Result<Expr> {
        let outside = std::mem::replace(&mut level.items, std::mem::take(inside));
        let condition = level.at(Site::JoinOn, || self.expr(level, on));
        *inside = std::mem::replace(&mut level.items, outside);
        self.to_boolean(condition?, "JOIN/ON")
    }

    /// The columns that NATURAL and USING merge: name, place on the left, place on the right.
    fn using(
        &self,
        level: &Level<'_>,
        join: &ir::Join,
        left: &FromNode,
        right: &FromNode,
    ) -> Result<Vec<(Name, usize, usize)>> {
        let (left, right) = (range_of(left), range_of(right));
        let (left, right) = (&level.ranges[left as usize], &level.ranges[right as usize]);
        let names_of = |entry: &RangeEntry| entry.columns(&self.facts).map(|column| column.name).collect::<Vec<_>>();
        let (left_names, right_names) = (names_of(left), names_of(right));
        if join.natural {
            let shared = left_names
                .iter()
                .enumerate()
                .filter_map(|(at, name)| Some((*name, at, right_names.iter().position(|other| other == name)?)));
            return Ok(shared.collect());
        }
        let mut using = Vec::new();
        for column in &join.using {
            let find = |names: &[Name], entry: &RangeEntry, side: &str| {
                let mut places = names.iter().enumerate().filter(|(_, name)| **name == column.name).map(|(at, _)| at);
                match (places.next(), places.next()) {
                    (Some(at), None) => Ok(Some(at)),
                    (Some(_), Some(_)) => {
                        let message =
                            format!("common column name \"{}\" appears more than once in {side} table", column.name);
                        Err(Error::new("42702", column.span, message))
                    }
                    (None, _) if !entry.columns_known || self.is_doubtful(column.name) => Ok(None),
                    (None, _) => {
                        let message = format!(
                            "column \"{}\" specified in USING clause does not exist in {side} table",
                            column.name
                        );
                        Err(Error::new("42703", column.span, message))
                    }
                }
            };
            if let (Some(l), Some(r)) = (find(&left_names, left, "left")?, find(&right_names, right, "right")?) {
                using.push((column.name, l, r));
            }
        }
        Ok(using)
    }

    /// Makes the range entry of a join: the merged columns, then the others of the left, then those of the right.
    fn join_columns(
        &self,
        level: &mut Level<'_>,
        join: &ir::Join,
        left: &FromNode,
        right: &FromNode,
        using: &[(Name, usize, usize)],
        span: Span,
    ) -> Result<u32> {
        let (left, right) = (range_of(left), range_of(right));
        let mut columns = Vec::new();
        let mut merged_from = Vec::new();
        for (name, l, r) in using {
            let side = |range, at| self.column_expr(level, 0, range, at, span).unwrap_or_else(|| unknown(span));
            let (l, r) = (side(left, *l), side(right, *r));
            if let (Node::Var(l), Node::Var(r)) = (&l.node, &r.node) {
                merged_from.push((*l, *r));
            }
            let merged = self.merge(join.kind, l, r, span)?;
            let shape = RangeColumn { name: *name, ty: merged.ty, modifiers: merged.modifiers };
            columns.push((shape, merged));
        }
        for (range, is_merged) in [
            (left, using.iter().map(|(_, at, _)| *at).collect::<Vec<_>>()),
            (right, using.iter().map(|(_, _, at)| *at).collect()),
        ] {
            let entry = &level.ranges[range as usize];
            for at in (0..entry.width()).filter(|at| !is_merged.contains(at)) {
                let (Some(column), Some(expr)) =
                    (entry.column_at(at, &self.facts), self.column_expr(level, 0, range, at, span))
                else {
                    continue;
                };
                columns.push((RangeColumn { name: column.name, ty: column.ty, modifiers: column.modifiers }, expr));
            }
        }
        let columns_known = [left, right].iter().all(|range| level.ranges[*range as usize].columns_known);
        let kind = RangeKind::Join(JoinRange { kind: join.kind, merged: using.len(), columns, merged_from });
        let entry = self.entry(kind, Name::from("unnamed_join"), join.alias.as_ref(), span, columns_known)?;
        Ok(level.add_range(entry))
    }

    /// buildMergedJoinVar.
    fn merge(&self, kind: JoinKind, left: Expr, right: Expr, span: Span) -> Result<Expr> {
        let common = self.common_type(&[&left, &right], "JOIN/USING")?;
        // The two must be comparable.
        self.make_operation(&self.system_operator_name("=", span), Some(left.clone()), right.clone(), span)?;
        let modifiers = super::coerce::common_modifiers([&left, &right], common);
        let convert = |expr: Expr| match common {
            Some(ty) => self.coerce(expr, Goal::implicit(ty, span)),
            None => Ok(expr),
        };
        let keeps_type = |expr: &Expr| expr.ty == common;
        match kind {
            JoinKind::Inner if keeps_type(&left) => Ok(left),
            JoinKind::Inner if keeps_type(&right) => Ok(right),
            JoinKind::Inner | JoinKind::Left => convert(left),
            JoinKind::Right => convert(right),
            JoinKind::Full => {
                let args = vec![convert(left)?, convert(right)?];
                let node = Node::Coalesce(args);
                Ok(match common {
                    Some(ty) => Expr { modifiers, ..typed(node, ty, span) },
                    None => Expr { node, ..unknown(span) },
                })
            }
        }
    }

    /// The polymorphic outputs of a function, resolved by the arguments of a call.
    fn resolve_outputs(
        &self,
        function: super::FunctionId,
        expr: &Expr,
        outputs: &[RangeColumn],
    ) -> Vec<Option<super::Type>> {
        let Node::Call(call) = &expr.node else { return vec![None; outputs.len()] };
        let actual: Option<Vec<super::Type>> = call.args.iter().map(|arg| arg.ty).collect();
        let declared = self.function_input_types(function);
        let (Some(actual), Some(declared)) = (actual, declared) else { return vec![None; outputs.len()] };
        if actual.len() != declared.len() {
            return vec![None; outputs.len()];
        }
        let resolve = |output: &RangeColumn| self.resolve_generics(&actual, &declared, output.ty)?.result;
        outputs.iter().map(resolve).collect()
    }

    /// A relation of the scope as a range entry.
    pub(super) fn scope_entry(&self, relation: &super::ScopeRelation) -> RangeEntry {
        RangeEntry {
            span: Span::NONE,
            name: relation.name,
            aliased: relation.object.name != relation.name,
            alias_columns: Vec::new(),
            lateral: false,
            columns_known: relation.object.as_relation().is_none_or(|it| it.columns_known),
            kind: RangeKind::Relation { id: relation.id, object: relation.object.clone(), only: false },
        }
    }
}

fn made(level: &mut Level<'_>, entry: RangeEntry) -> Made {
    let range = level.add_range(entry);
    Made { node: FromNode::Range(range), items: vec![visible(range, true, true)] }
}

/// An entry that is in sight.
pub(super) fn visible(range: u32, relation_visible: bool, columns_visible: bool) -> Item {
    Item { range, relation_visible, columns_visible, lateral_only: false, lateral_ok: true }
}

fn unknown_entry(span: Span, name: Name, aliased: bool) -> RangeEntry {
    let alias_columns = Vec::new();
    RangeEntry { span, name, aliased, alias_columns, lateral: false, kind: RangeKind::Unknown, columns_known: false }
}

fn range_of(node: &FromNode) -> u32 {
    match node {
        FromNode::Range(range) => *range,
        FromNode::Join(join) => join.range,
    }
}

/// checkNameSpaceConflicts.
fn check_names(level: &Level<'_>, before: &[Item], new: &[Item], span: Span) -> Result<()> {
    let entry = |item: &Item| &level.ranges[item.range as usize];
    for item in new.iter().filter(|item| item.relation_visible) {
        let this = entry(item);
        let clashes = |other: &&Item| {
            let other_entry = entry(other);
            let same_name = other.relation_visible && other_entry.name == this.name && !this.name.is_empty();
            // Two relations of one name are told apart by their schemas.
            let apart = match (&this.kind, &other_entry.kind) {
                (RangeKind::Relation { id, .. }, RangeKind::Relation { id: other, .. }) => {
                    !this.aliased && !other_entry.aliased && id != other
                }
                _ => false,
            };
            same_name && !apart
        };
        if before.iter().find(clashes).is_some() {
            let message = format!("table name \"{}\" specified more than once", this.name);
            let place = if this.span.is_none() { span } else { this.span };
            return Err(Error::new("42712", place, message));
        }
    }
    Ok(())
}

/// The name that a function in FROM gives to its entry.
fn function_name(expr: &ir::Expr) -> Name {
    super::target::column_name(expr)
}

/// `unnest(a, b)` without anything else.
fn several_unnests(expr: &ir::Expr) -> Option<&ir::Call> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let QualifiedName { schema, name, .. } = &call.function;
    let plain = call.order_by.is_empty() && call.filter.is_none() && call.over.is_none() && !call.variadic;
    let of_system = schema.is_none_or(|schema| schema.as_str() == "pg_catalog");
    (call.args.len() > 1 && name.as_str() == "unnest" && of_system && plain).then_some(call)
}

/// Whether a function in FROM uses columns of its siblings.
fn names_sibling(entry: &RangeEntry) -> bool {
    let RangeKind::Functions { functions, .. } = &entry.kind else { return false };
    functions.iter().any(|function| {
        let mut walk = super::walk::Walk::expr(&function.expr, &[]);
        while let Some(place) = walk.next() {
            if let super::walk::Part::Expr(Expr { node: Node::Var(var), .. }) = place.part
                && usize::from(var.levels_up) == walk.depth(&place)
            {
                return true;
            }
        }
        false
    })
}

fn cannot_open(relation: &RelationRef, what: &str) -> Box<Error> {
    let name = relation.name.name;
    let message = format!("cannot open relation \"{}\": it is {what}", name.name);
    Error::new("42809", name.span, message)
}
