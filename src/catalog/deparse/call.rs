//! Calls of functions, aggregates and window functions (get_func_expr, get_agg_expr, get_windowfunc_expr).

use super::printer::Printer;
use crate::catalog::analyze::tree::{Aggregate, Call, Constant, Expr, Form, Node, Order, WindowCall};

impl<'p> Printer<'p> {
    pub fn call(&mut self, expr: &'p Expr, call: &'p Call, implicit: bool) -> Option<()> {
        let function = call.function?;
        if call.form == Form::ImplicitCast && !implicit {
            return self.operand(call.args.first()?, false, expr);
        }
        if call.form == Form::SqlSyntax
            && let Some(name) = self.system_name(function)
            && self.written_with_words(name, expr, &call.args)?
        {
            return Some(());
        }
        let name = self.function_name(function)?;
        self.push(&name);
        self.out.push('(');
        self.arguments(&call.args, call.variadic)?;
        self.out.push(')');
        Some(())
    }

    fn arguments(&mut self, args: &'p [Expr], variadic: bool) -> Option<()> {
        for (at, arg) in args.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            if variadic && at + 1 == args.len() {
                self.push("VARIADIC ");
            }
            self.expr(arg, true)?;
        }
        Some(())
    }

    /// get_func_sql_syntax; `Some(false)` where the call is printed as one.
    fn written_with_words(&mut self, name: &str, expr: &'p Expr, args: &'p [Expr]) -> Option<bool> {
        match (name, args) {
            ("timezone", [zone, time]) => {
                self.out.push('(');
                self.operand(time, false, expr)?;
                self.push(" AT TIME ZONE ");
                self.operand(zone, false, expr)?;
                self.out.push(')');
            }
            ("timezone", [time]) => {
                self.out.push('(');
                self.operand(time, false, expr)?;
                self.push(" AT LOCAL)");
            }
            ("overlaps", [a, b, c, d]) => {
                self.words("((", a)?;
                self.words(", ", b)?;
                self.words(") OVERLAPS (", c)?;
                self.words(", ", d)?;
                self.push("))");
            }
            ("extract", [Expr { node: Node::Constant(Constant::Text(field)), .. }, source]) => {
                self.push(&format!("EXTRACT({field}"));
                self.words(" FROM ", source)?;
                self.out.push(')');
            }
            ("is_normalized", [text, form @ ..]) => {
                self.out.push('(');
                self.operand(text, false, expr)?;
                self.push(" IS");
                self.form(form)?;
                self.push(" NORMALIZED)");
            }
            ("pg_collation_for", [arg]) => {
                self.words("COLLATION FOR (", arg)?;
                self.out.push(')');
            }
            ("normalize", [text, form @ ..]) => {
                self.words("NORMALIZE(", text)?;
                if !form.is_empty() {
                    self.out.push(',');
                    self.form(form)?;
                }
                self.out.push(')');
            }
            ("overlay", [text, with, from, length @ ..]) => {
                self.words("OVERLAY(", text)?;
                self.words(" PLACING ", with)?;
                self.words(" FROM ", from)?;
                if let [length] = length {
                    self.words(" FOR ", length)?;
                }
                self.out.push(')');
            }
            ("position", [text, part]) => {
                self.words("POSITION((", part)?;
                self.words(") IN (", text)?;
                self.push("))");
            }
            ("substring", [text, from, length @ ..]) if from.ty == Some(self.facts.known.int4) => {
                self.words("SUBSTRING(", text)?;
                self.words(" FROM ", from)?;
                if let [length] = length {
                    self.words(" FOR ", length)?;
                }
                self.out.push(')');
            }
            ("substring", [text, pattern, escape]) => {
                self.words("SUBSTRING(", text)?;
                self.words(" SIMILAR ", pattern)?;
                self.words(" ESCAPE ", escape)?;
                self.out.push(')');
            }
            ("btrim" | "ltrim" | "rtrim", [text, characters @ ..]) => {
                self.push(match name {
                    "btrim" => "TRIM(BOTH",
                    "ltrim" => "TRIM(LEADING",
                    _ => "TRIM(TRAILING",
                });
                if let [characters] = characters {
                    self.words(" ", characters)?;
                }
                self.words(" FROM ", text)?;
                self.out.push(')');
            }
            ("system_user", []) => self.push("SYSTEM_USER"),
            ("xmlexists", [path, document]) => {
                self.words("XMLEXISTS(", path)?;
                self.words(" PASSING ", document)?;
                self.out.push(')');
            }
            _ => return Some(false),
        }
        Some(true)
    }

    fn words(&mut self, words: &str, arg: &'p Expr) -> Option<()> {
        self.push(words);
        self.expr(arg, false)
    }

    /// A normal form's word, which is a constant in the call.
    fn form(&mut self, form: &'p [Expr]) -> Option<()> {
        match form {
            [] => Some(()),
            [Expr { node: Node::Constant(Constant::Text(word)), .. }] => {
                self.push(&format!(" {word}"));
                Some(())
            }
            _ => None,
        }
    }

    pub fn aggregate(&mut self, it: &'p Aggregate) -> Option<()> {
        let name = self.function_name(it.function?)?;
        self.push(&name);
        self.push(if it.distinct { "(DISTINCT " } else { "(" });
        if it.within_group {
            self.exprs(&it.direct_args, true)?;
            self.push(") WITHIN GROUP (ORDER BY ");
            self.sort_keys(it)?;
        } else {
            if it.star {
                self.out.push('*');
            }
            self.arguments(&it.args, it.variadic)?;
            if !it.order_by.is_empty() {
                self.push(" ORDER BY ");
                self.sort_keys(it)?;
            }
        }
        if let Some(filter) = &it.filter {
            self.push(") FILTER (WHERE ");
            self.expr(filter, false)?;
        }
        self.out.push(')');
        Some(())
    }

    fn sort_keys(&mut self, it: &'p Aggregate) -> Option<()> {
        for (at, key) in it.order_by.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.sort_expr(&key.expr)?;
            self.direction(key.order)?;
        }
        Some(())
    }

    /// What follows a sort key.
    pub fn direction(&mut self, order: Order) -> Option<()> {
        if let Some(operator) = order.operator {
            self.push(&format!(" USING {operator}"));
            self.push(if order.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
            return Some(());
        }
        self.push(match (order.descending, order.nulls_first) {
            (false, false) => "",
            (false, true) => " NULLS FIRST",
            (true, true) => " DESC",
            (true, false) => " DESC NULLS LAST",
        });
        Some(())
    }

    pub fn window_call(&mut self, it: &'p WindowCall) -> Option<()> {
        let name = self.function_name(it.function?)?;
        self.push(&name);
        self.out.push('(');
        if it.star {
            self.out.push('*');
        }
        self.exprs(&it.args, true)?;
        if let Some(filter) = &it.filter {
            self.push(") FILTER (WHERE ");
            self.expr(filter, false)?;
        }
        self.push(") OVER ");
        let windows = self.context.windows;
        let window = windows.get(it.window as usize)?;
        match window.name {
            Some(name) => {
                self.identifier(&name);
                Some(())
            }
            None => self.window(window),
        }
    }
}
