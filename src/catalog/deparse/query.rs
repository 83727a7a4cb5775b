//! Queries (get_query_def, get_select_query_def).

use super::names::Namespace;
use super::printer::{Context, Printer, SMALL, STANDARD};
use crate::catalog::analyze::tree::{
    Command, Constant, Expr, Form, Grouping, Node, Query, RangeKind, SetNode, Target, TargetOrder, Window,
};
use crate::syntax::{LockStrength, Name, SetOperator};

/// The FRAMEOPTION bits.
mod frame {
    pub const NON_DEFAULT: i32 = 0x1;
    pub const RANGE: i32 = 0x2;
    pub const ROWS: i32 = 0x4;
    pub const BETWEEN: i32 = 0x10;
    /// Ends of a frame: the bit, whether an offset stands before the words.
    pub const START: [(i32, bool, &str); 4] = [
        (0x20, false, " UNBOUNDED PRECEDING"),
        (0x200, false, " CURRENT ROW"),
        (0x800, true, " PRECEDING"),
        (0x2000, true, " FOLLOWING"),
    ];
    pub const END: [(i32, bool, &str); 4] = [
        (0x100, false, " UNBOUNDED FOLLOWING"),
        (0x400, false, " CURRENT ROW"),
        (0x1000, true, " PRECEDING"),
        (0x4000, true, " FOLLOWING"),
    ];
    pub const EXCLUDE: [(i32, &str); 3] =
        [(0x8000, " EXCLUDE CURRENT ROW"), (0x1_0000, " EXCLUDE GROUP"), (0x2_0000, " EXCLUDE TIES")];
}

impl<'p> Printer<'p> {
    /// A query within what is printed; `names_visible` where somebody sees the names of its columns.
    pub fn query(&mut self, query: &'p Query, names_visible: bool) -> Option<()> {
        self.query_for(query, names_visible, None)
    }

    /// get_query_def.
    pub fn query_for(&mut self, query: &'p Query, names_visible: bool, result_names: Option<Vec<Name>>) -> Option<()> {
        if query.incomplete || query.command != Command::Select {
            return None;
        }
        let namespace = Namespace::of_query(query, &self.namespaces, self.facts.catalog)?;
        let context = Context {
            prefix: !self.namespaces.is_empty() || query.ranges.len() != 1,
            targets: &query.targets,
            windows: &query.windows,
            result_names,
            names_visible,
            ..Context::default()
        };
        let around = std::mem::replace(&mut self.context, context);
        let indent = self.indent;
        self.namespaces.push(namespace);
        let done = self.deeper(|printer| printer.select_query(query));
        self.namespaces.pop();
        self.indent = indent;
        self.context = around;
        done
    }

    fn select_query(&mut self, query: &'p Query) -> Option<()> {
        self.with(query)?;
        match &query.set_operation {
            Some(node) => self.set_operation(node)?,
            None => self.basic_select(query)?,
        }
        if !query.order_by.is_empty() {
            self.keyword(" ORDER BY ", -STANDARD, STANDARD, 1);
            self.order_by(&query.order_by, query.set_operation.is_some())?;
        }
        if let Some(offset) = &query.offset {
            self.keyword(" OFFSET ", -STANDARD, STANDARD, 0);
            self.expr(offset, false)?;
        }
        if let Some(limit) = &query.limit {
            self.limit(limit, query.with_ties)?;
        }
        self.locking(query)
    }

    fn limit(&mut self, limit: &'p Expr, with_ties: bool) -> Option<()> {
        if with_ties {
            self.keyword(" FETCH FIRST (", -STANDARD, STANDARD, 0);
            self.expr(limit, false)?;
            self.push(") ROWS WITH TIES");
            return Some(());
        }
        self.keyword(" LIMIT ", -STANDARD, STANDARD, 0);
        if let Node::Constant(Constant::Null) = limit.node {
            self.push("ALL");
            return Some(());
        }
        self.expr(limit, false)
    }

    fn locking(&mut self, query: &'p Query) -> Option<()> {
        for clause in &query.locking {
            // Which ones may be waited for is not in the tree.
            let words = match clause.strength {
                LockStrength::KeyShare => " FOR KEY SHARE",
                LockStrength::Share => " FOR SHARE",
                LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
                LockStrength::Update => " FOR UPDATE",
            };
            let all: Vec<u32> = (0..query.ranges.len() as u32).collect();
            let ranges = if clause.ranges.is_empty() { &all } else { &clause.ranges };
            for range in ranges {
                let name = self.namespaces.last()?.names.get(*range as usize)?.clone()?;
                self.keyword(words, -STANDARD, STANDARD, 0);
                self.push(" OF ");
                self.identifier(&name);
            }
        }
        Some(())
    }

    /// get_with_clause.
    fn with(&mut self, query: &'p Query) -> Option<()> {
        if query.ctes.is_empty() {
            return Some(());
        }
        if self.style.indent {
            self.indent += STANDARD;
            self.out.push(' ');
        }
        self.push(if query.recursive { "WITH RECURSIVE " } else { "WITH " });
        for (at, cte) in query.ctes.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.identifier(&cte.name);
            if !cte.columns.is_empty() {
                self.out.push('(');
                self.list(&cte.columns, |printer, name| {
                    printer.identifier(name);
                    Some(())
                })?;
                self.out.push(')');
            }
            self.push(" AS ");
            self.push(match cte.materialized {
                None => "",
                Some(true) => "MATERIALIZED ",
                Some(false) => "NOT MATERIALIZED ",
            });
            self.out.push('(');
            self.keyword("", 0, 0, 0);
            self.query(&cte.query, true)?;
            self.keyword("", 0, 0, 0);
            self.out.push(')');
        }
        if self.style.indent {
            self.indent -= STANDARD;
            self.keyword("", 0, 0, 0);
        } else {
            self.out.push(' ');
        }
        Some(())
    }

    /// get_basic_select_query.
    fn basic_select(&mut self, query: &'p Query) -> Option<()> {
        if self.style.indent {
            self.indent += STANDARD;
            self.out.push(' ');
        }
        if let Some(rows) = simple_values(query) {
            return self.values(rows);
        }
        self.push("SELECT");
        match &query.distinct {
            Some(on) if query.distinct_on => {
                self.push(" DISTINCT ON (");
                for (at, target) in on.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    self.sort_expr(&query.targets.get(*target as usize)?.expr)?;
                }
                self.out.push(')');
            }
            Some(_) => self.push(" DISTINCT"),
            None => {}
        }
        self.targets(&query.targets)?;
        self.from(query, " FROM ")?;
        if let Some(filter) = &query.filter {
            self.keyword(" WHERE ", -STANDARD, STANDARD, 1);
            self.expr(filter, false)?;
        }
        if !query.group_by.is_empty() {
            self.keyword(" GROUP BY ", -STANDARD, STANDARD, 1);
            self.group_by(query)?;
        }
        if let Some(having) = &query.having {
            self.keyword(" HAVING ", -STANDARD, STANDARD, 0);
            self.expr(having, false)?;
        }
        self.named_windows(&query.windows)
    }

    /// get_values_def.
    pub fn values(&mut self, rows: &'p [Vec<Expr>]) -> Option<()> {
        self.push("VALUES ");
        for (at, row) in rows.iter().enumerate() {
            self.push(if at > 0 { ", (" } else { "(" });
            for (at, value) in row.iter().enumerate() {
                if at > 0 {
                    self.out.push(',');
                }
                self.top_level(value, false)?;
            }
            self.out.push(')');
        }
        Some(())
    }

    /// get_target_list.
    fn targets(&mut self, targets: &'p [Target]) -> Option<()> {
        self.out.push(' ');
        for (at, target) in targets.iter().filter(|target| !target.junk).enumerate() {
            if at > 0 {
                self.push(", ");
            }
            let text = self.apart(|printer| printer.target(at, target))?;
            let breaks = text.starts_with('\n');
            if self.style.indent {
                if breaks {
                    self.trim_spaces();
                } else if at > 0 {
                    self.keyword("", -STANDARD, STANDARD, SMALL);
                }
            }
            self.push(&text);
        }
        Some(())
    }

    fn target(&mut self, at: usize, target: &'p Target) -> Option<()> {
        let known_as = match &target.expr.node {
            Node::Var(var) => self.variable(var, &target.expr, true)?,
            _ => {
                self.expr(&target.expr, true)?;
                (!self.context.names_visible).then(|| Name::from("?column?"))
            }
        };
        let result = self.context.result_names.as_ref().and_then(|names| names.get(at)).copied();
        let name = result.unwrap_or(target.name);
        if known_as != Some(name) {
            self.push(" AS ");
            self.identifier(&name);
        }
        Some(())
    }

    /// get_rule_orderby.
    fn order_by(&mut self, orders: &'p [TargetOrder], by_number: bool) -> Option<()> {
        let targets = self.context.targets;
        for (at, key) in orders.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            if by_number {
                self.push(&(key.target + 1).to_string());
            } else {
                self.sort_expr(&targets.get(key.target as usize)?.expr)?;
            }
            self.direction(key.order)?;
        }
        Some(())
    }

    /// get_rule_sortgroupclause.
    pub fn sort_expr(&mut self, expr: &'p Expr) -> Option<()> {
        match &expr.node {
            Node::Constant(value) => super::constant::constant(self, expr, value, super::constant::Label::Forced),
            Node::Var(var) => {
                let before = std::mem::replace(&mut self.context.in_order_by, true);
                let done = self.variable(var, expr, false);
                self.context.in_order_by = before;
                done.map(|_| ())
            }
            Node::Call(call) => {
                // Conversions that are calls to the server, too.
                let hidden = call.form == Form::ImplicitCast;
                self.parenthesized(expr, !hidden || self.style.pretty)
            }
            Node::Coercion(it) => {
                use crate::catalog::analyze::tree::CoercionMethod::{Function, Length};
                let call = matches!(it.method, Function(_) | Length);
                self.parenthesized(expr, call || self.style.pretty)
            }
            Node::Aggregate(_) | Node::Window(_) => self.parenthesized(expr, true),
            _ => self.parenthesized(expr, self.style.pretty),
        }
    }

    fn group_by(&mut self, query: &'p Query) -> Option<()> {
        if query.group_distinct {
            self.push("DISTINCT ");
        }
        let before = std::mem::replace(&mut self.context.in_group_by, true);
        let plain = query.group_by.iter().all(|it| match it {
            Grouping::Target(_) => true,
            Grouping::Sets(sets) => matches!(sets[..], [Grouping::Targets(_)]),
            _ => false,
        });
        let done = if plain { self.plain_grouping(query) } else { self.grouping_sets(query) };
        self.context.in_group_by = before;
        done
    }

    fn plain_grouping(&mut self, query: &'p Query) -> Option<()> {
        let mut seen: Vec<u32> = Vec::new();
        for element in &query.group_by {
            let targets: &[u32] = match element {
                Grouping::Target(target) => std::slice::from_ref(target),
                Grouping::Sets(sets) => match &sets[..] {
                    [Grouping::Targets(targets)] => targets,
                    _ => return None,
                },
                _ => return None,
            };
            for target in targets {
                if seen.contains(target) {
                    continue;
                }
                if !seen.is_empty() {
                    self.push(", ");
                }
                seen.push(*target);
                self.sort_expr(&query.targets.get(*target as usize)?.expr)?;
            }
        }
        Some(())
    }

    /// get_rule_groupingset for all elements.
    fn grouping_sets(&mut self, query: &'p Query) -> Option<()> {
        for (at, element) in query.group_by.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.grouping_set(element, query, true)?;
        }
        Some(())
    }

    fn grouping_set(&mut self, set: &'p Grouping, query: &'p Query, omit_parens: bool) -> Option<()> {
        let (word, content) = match set {
            Grouping::Empty => {
                self.push("()");
                return Some(());
            }
            Grouping::Target(target) => return self.simple_set(std::slice::from_ref(target), query, omit_parens),
            Grouping::Targets(targets) => return self.simple_set(targets, query, omit_parens),
            Grouping::Rollup(content) => ("ROLLUP(", content),
            Grouping::Cube(content) => ("CUBE(", content),
            Grouping::Sets(content) => ("GROUPING SETS (", content),
        };
        self.push(word);
        let omit = !matches!(set, Grouping::Sets(_));
        for (at, element) in content.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.deeper(|printer| printer.grouping_set(element, query, omit))?;
        }
        self.out.push(')');
        Some(())
    }

    fn simple_set(&mut self, targets: &[u32], query: &'p Query, omit_parens: bool) -> Option<()> {
        let paren = !omit_parens || targets.len() != 1;
        if paren {
            self.out.push('(');
        }
        for (at, target) in targets.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.sort_expr(&query.targets.get(*target as usize)?.expr)?;
        }
        if paren {
            self.out.push(')');
        }
        Some(())
    }

    /// get_rule_windowclause.
    fn named_windows(&mut self, windows: &'p [Window]) -> Option<()> {
        let mut first = true;
        for window in windows {
            let Some(name) = window.name else { continue };
            if first {
                self.keyword(" WINDOW ", -STANDARD, STANDARD, 1);
            } else {
                self.push(", ");
            }
            first = false;
            self.identifier(&name);
            self.push(" AS ");
            self.window(window)?;
        }
        Some(())
    }

    /// get_rule_windowspec.
    pub fn window(&mut self, window: &'p Window) -> Option<()> {
        let targets = self.context.targets;
        self.out.push('(');
        let mut space = "";
        if let Some(base) = window.base {
            self.identifier(&base);
            space = " ";
        }
        if !window.partition_by.is_empty() {
            self.push(space);
            self.push("PARTITION BY ");
            for (at, target) in window.partition_by.iter().enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                self.sort_expr(&targets.get(*target as usize)?.expr)?;
            }
            space = " ";
        }
        if !window.order_by.is_empty() {
            self.push(space);
            self.push("ORDER BY ");
            self.order_by(&window.order_by, false)?;
            space = " ";
        }
        if window.frame_options & frame::NON_DEFAULT != 0 {
            self.push(space);
            self.frame(window)?;
        }
        self.out.push(')');
        Some(())
    }

    fn frame(&mut self, window: &'p Window) -> Option<()> {
        let has = |bit: i32| window.frame_options & bit != 0;
        let mut offsets = window.frame.iter();
        self.push(match () {
            () if has(frame::RANGE) => "RANGE",
            () if has(frame::ROWS) => "ROWS",
            () => "GROUPS",
        });
        let between = has(frame::BETWEEN);
        self.push(if between { " BETWEEN" } else { "" });
        self.frame_end(window.frame_options, &frame::START, &mut offsets)?;
        if between {
            self.push(" AND");
            self.frame_end(window.frame_options, &frame::END, &mut offsets)?;
        }
        for (bit, words) in frame::EXCLUDE {
            self.push(if has(bit) { words } else { "" });
        }
        Some(())
    }

    fn frame_end(
        &mut self,
        options: i32,
        ends: &[(i32, bool, &str)],
        offsets: &mut std::slice::Iter<'p, Expr>,
    ) -> Option<()> {
        let (_, offset, words) = ends.iter().find(|(bit, ..)| options & bit != 0)?;
        if *offset {
            self.out.push(' ');
            self.expr(offsets.next()?, false)?;
        }
        self.push(words);
        Some(())
    }

    /// get_setop_query. A chain of operations of one kind is followed along its left side without recursion.
    fn set_operation(&mut self, node: &'p SetNode) -> Option<()> {
        let mut chain = Vec::new();
        let mut leftmost = node;
        while let SetNode::Operation { operator, all, left, right } = leftmost {
            chain.push((*operator, *all, &**right));
            leftmost = left;
            let same = matches!(&**left, SetNode::Operation { operator: o, all: a, .. } if o == operator && a == all);
            if !same {
                break;
            }
        }
        if chain.is_empty() {
            return if let SetNode::Leaf(query) = node { self.set_leaf(query) } else { None };
        }
        match leftmost {
            SetNode::Leaf(query) => {
                self.set_leaf(query)?;
                self.keyword_or_space("", 0);
            }
            SetNode::Operation { .. } => {
                self.out.push('(');
                self.keyword("", STANDARD, 0, 0);
                self.deeper(|printer| printer.set_operation(leftmost))?;
                self.keyword(") ", -STANDARD, 0, 0);
            }
        }
        let count = chain.len();
        for (at, (operator, all, right)) in chain.into_iter().rev().enumerate() {
            self.push(match operator {
                SetOperator::Union => "UNION ",
                SetOperator::Intersect => "INTERSECT ",
                SetOperator::Except => "EXCEPT ",
            });
            if all {
                self.push("ALL ");
            }
            self.set_right(right)?;
            if at + 1 < count {
                self.keyword_or_space("", 0);
            }
        }
        Some(())
    }

    fn keyword_or_space(&mut self, words: &str, before: i32) {
        if self.style.indent {
            self.keyword(words, before, 0, 0);
        } else {
            self.out.push(' ');
        }
    }

    fn set_right(&mut self, right: &'p SetNode) -> Option<()> {
        let paren = matches!(right, SetNode::Operation { .. });
        let step = if paren { STANDARD } else { 0 };
        if paren {
            self.out.push('(');
        }
        self.keyword("", step, 0, 0);
        let visible = std::mem::replace(&mut self.context.names_visible, false);
        let done = self.deeper(|printer| printer.set_operation(right));
        self.context.names_visible = visible;
        done?;
        if self.style.indent {
            self.indent -= step;
        }
        if paren {
            self.keyword(")", 0, 0, 0);
        }
        Some(())
    }

    fn set_leaf(&mut self, query: &'p Query) -> Option<()> {
        let paren = !query.ctes.is_empty()
            || !query.order_by.is_empty()
            || !query.locking.is_empty()
            || query.offset.is_some()
            || query.limit.is_some()
            || query.set_operation.is_some();
        if paren {
            self.out.push('(');
        }
        let names = self.context.result_names.clone();
        self.query_for(query, self.context.names_visible, names)?;
        if paren {
            self.out.push(')');
        }
        Some(())
    }
}

/// get_simple_values_rte: a query that is nothing but VALUES.
fn simple_values(query: &Query) -> Option<&[Vec<Expr>]> {
    let [range] = &query.ranges[..] else { return None };
    let RangeKind::Values { rows, columns } = &range.kind else { return None };
    let plain = !range.aliased
        && query.targets.len() == columns.len()
        && query.targets.iter().zip(1..).all(|(target, number)| {
            matches!(&target.expr.node, Node::Var(var) if var.column == number && var.levels_up == 0)
        });
    (plain && range.name.as_str() == "*VALUES*").then_some(rows)
}
