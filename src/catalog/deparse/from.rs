//! FROM (get_from_clause).

use super::printer::{Printer, SMALL, STANDARD};
use crate::catalog::analyze::tree::{
    Call, Expr, FromNode, JoinNode, Node, Query, RangeColumn, RangeEntry, RangeFunction, RangeKind,
};
use crate::syntax::JoinKind;

impl<'p> Printer<'p> {
    pub fn from(&mut self, query: &'p Query, prefix: &str) -> Option<()> {
        for (at, node) in query.from.iter().enumerate() {
            if at == 0 {
                self.keyword(prefix, -STANDARD, STANDARD, 2);
                self.from_item(node)?;
                continue;
            }
            self.push(", ");
            let text = self.apart(|printer| printer.from_item(node))?;
            if self.style.indent {
                if text.starts_with('\n') {
                    self.trim_spaces();
                } else {
                    self.keyword("", -STANDARD, STANDARD, SMALL);
                }
            }
            self.push(&text);
        }
        Some(())
    }

    fn from_item(&mut self, node: &'p FromNode) -> Option<()> {
        match node {
            FromNode::Range(range) => self.range(*range),
            FromNode::Join(join) => self.deeper(|printer| printer.join(join)),
        }
    }

    fn range(&mut self, at: u32) -> Option<()> {
        let ranges = self.namespaces.last()?.ranges;
        let range = ranges.get(at as usize)?;
        if range.lateral {
            self.push("LATERAL ");
        }
        let mut definition: &[RangeColumn] = &[];
        match &range.kind {
            RangeKind::Relation { id, only, .. } => {
                self.push(if *only { "ONLY " } else { "" });
                let name = self.relation_name(*id)?;
                self.push(&name);
            }
            RangeKind::Subquery { query, .. } => {
                self.out.push('(');
                self.query(query, true)?;
                self.out.push(')');
            }
            RangeKind::Functions { functions, ordinality, .. } => {
                definition = self.functions(functions, *ordinality)?;
            }
            RangeKind::Values { rows, .. } => {
                self.out.push('(');
                self.values(rows)?;
                self.out.push(')');
            }
            RangeKind::Cte { name, .. } => self.identifier(name),
            RangeKind::Join(_) | RangeKind::Table { .. } | RangeKind::Unknown => return None,
        }
        self.alias(at, range)?;
        if definition.is_empty() { self.alias_columns(at) } else { self.definition(definition, Some(at)) }
    }

    /// generate_relation_name: a query of WITH of the same name hides the table.
    fn relation_name(&self, id: crate::catalog::ObjectId) -> Option<String> {
        let object = self.facts.catalog.get(id)?;
        let hidden = self.namespaces.iter().any(|namespace| namespace.ctes.iter().any(|cte| cte.name == object.name));
        if hidden {
            let schema = self.facts.catalog.get(object.schema?)?;
            return Some(Self::qualified(&schema.name, &object.name));
        }
        self.object_name(id)
    }

    /// Gives the column definition list that is still to print.
    fn functions(&mut self, functions: &'p [RangeFunction], ordinality: bool) -> Option<&'p [RangeColumn]> {
        let mut definition: &[RangeColumn] = &[];
        match functions {
            [function] if function.definition.is_empty() || !ordinality => {
                self.function_call(&function.expr)?;
                definition = &function.definition;
            }
            _ if functions.iter().all(|function| self.unnested(function).is_some()) => {
                self.push("UNNEST(");
                for (at, function) in functions.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    let call = self.unnested(function)?;
                    self.exprs(&call.args, true)?;
                }
                self.out.push(')');
            }
            _ => {
                self.push("ROWS FROM(");
                for (at, function) in functions.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    self.function_call(&function.expr)?;
                    if !function.definition.is_empty() {
                        self.push(" AS ");
                        self.definition(&function.definition, None)?;
                    }
                }
                self.out.push(')');
            }
        }
        if ordinality {
            self.push(" WITH ORDINALITY");
        }
        Some(definition)
    }

    fn unnested(&self, function: &'p RangeFunction) -> Option<&'p Call> {
        let Node::Call(call) = &function.expr.node else { return None };
        let unnest = self.system_name(call.function?)? == "unnest";
        (unnest && function.definition.is_empty()).then_some(call)
    }

    /// get_rule_expr_funccall: what does not look like a call is made one.
    fn function_call(&mut self, expr: &'p Expr) -> Option<()> {
        if looks_like_call(expr) {
            return self.expr(expr, true);
        }
        self.push("CAST(");
        self.expr(expr, false)?;
        self.push(" AS ");
        self.type_of(expr)?;
        self.out.push(')');
        Some(())
    }

    /// get_rte_alias.
    fn alias(&mut self, at: u32, range: &'p RangeEntry) -> Option<()> {
        let namespace = self.namespaces.last()?;
        let name = namespace.names.get(at as usize)?.clone()?;
        let columns = namespace.columns.get(at as usize)?.print_aliases;
        let own = match &range.kind {
            RangeKind::Relation { id, .. } => self.facts.catalog.get(*id)?.name.as_str() == name,
            RangeKind::Cte { name: cte, .. } => cte.as_str() == name,
            _ => false,
        };
        if range.aliased || columns || !own {
            self.out.push(' ');
            self.identifier(&name);
        }
        Some(())
    }

    /// get_column_alias_list.
    fn alias_columns(&mut self, at: u32) -> Option<()> {
        let columns = self.namespaces.last()?.columns.get(at as usize)?;
        if !columns.print_aliases || columns.names.is_empty() {
            return Some(());
        }
        let names = columns.names.clone();
        self.out.push('(');
        self.list(&names, |printer, (_, name)| {
            printer.identifier(name);
            Some(())
        })?;
        self.out.push(')');
        Some(())
    }

    /// get_from_clause_coldeflist.
    fn definition(&mut self, definition: &'p [RangeColumn], at: Option<u32>) -> Option<()> {
        let names = at.and_then(|at| Some(self.namespaces.last()?.columns.get(at as usize)?.names.clone()));
        self.out.push('(');
        for (place, column) in definition.iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            let name = names.as_ref().and_then(|names| names.get(place)).map_or(column.name, |(_, name)| *name);
            self.identifier(&name);
            self.out.push(' ');
            let text = self.type_text(column.ty?, column.modifiers.as_slice());
            self.push(&text);
        }
        self.out.push(')');
        Some(())
    }

    fn join(&mut self, join: &'p JoinNode) -> Option<()> {
        let range = self.namespaces.last()?.ranges.get(join.range as usize)?;
        let outer = !self.style.pretty || range.aliased;
        if outer {
            self.out.push('(');
        }
        self.from_item(&join.left)?;
        let conditional = join.on.is_some() || !join.using.is_empty();
        let words = match join.kind {
            JoinKind::Inner if conditional => " JOIN ",
            JoinKind::Inner => " CROSS JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
        };
        self.keyword(words, -STANDARD, STANDARD, SMALL);
        let nested = self.style.pretty && self.is_bare_join(&join.right);
        if nested {
            self.out.push('(');
        }
        self.from_item(&join.right)?;
        if nested {
            self.out.push(')');
        }
        self.join_condition(join)?;
        if outer {
            self.out.push(')');
        }
        if range.aliased {
            let name = self.namespaces.last()?.names.get(join.range as usize)?.clone()?;
            self.out.push(' ');
            self.identifier(&name);
            self.alias_columns(join.range)?;
        }
        Some(())
    }

    fn is_bare_join(&self, node: &FromNode) -> bool {
        let FromNode::Join(join) = node else { return false };
        let range = self.namespaces.last().and_then(|namespace| namespace.ranges.get(join.range as usize));
        range.is_some_and(|range| !range.aliased)
    }

    fn join_condition(&mut self, join: &'p JoinNode) -> Option<()> {
        if !join.using.is_empty() {
            let names = self.namespaces.last()?.columns.get(join.range as usize)?.using.clone();
            self.push(" USING (");
            self.list(&names, |printer, name| {
                printer.identifier(name);
                Some(())
            })?;
            self.out.push(')');
            if let Some(alias) = join.using_alias {
                self.push(" AS ");
                self.identifier(&alias);
            }
            return Some(());
        }
        match &join.on {
            Some(on) => {
                self.push(" ON ");
                self.plain_paren('(');
                self.expr(on, false)?;
                self.plain_paren(')');
            }
            None if join.kind != JoinKind::Inner => self.push(" ON TRUE"),
            None => {}
        }
        Some(())
    }
}

/// looks_like_function.
pub(super) fn looks_like_call(expr: &Expr) -> bool {
    use crate::catalog::analyze::tree::{CoercionMethod, Form};
    match &expr.node {
        Node::Call(call) => matches!(call.form, Form::Call | Form::SqlSyntax),
        Node::Coercion(it) => matches!(it.method, CoercionMethod::Function(_)) && it.form == Form::Call,
        Node::Coalesce(_)
        | Node::Greatest(_)
        | Node::Least(_)
        | Node::NullIf(_)
        | Node::SqlValue(_)
        | Node::Aggregate(_)
        | Node::Grouping(_)
        | Node::Window(_)
        | Node::Constructor { .. } => true,
        _ => false,
    }
}
