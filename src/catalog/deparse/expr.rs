//! Expressions (get_rule_expr).

use super::constant::{Label, constant};
use super::printer::{Printer, SMALL};
use super::simple::is_simple;
use super::whole::{Whole, rows_that_differ};
use crate::catalog::analyze::tree::{
    Case, Coercion, CoercionMethod, Constant, Expr, Form, Node, Operation, ScalarArray, Sublink, SublinkKind,
    Subscript, SubscriptStep,
};
use crate::catalog::analyze::{OperatorId, Type};
use crate::syntax::quote::quote_identifier;
use crate::syntax::{SqlValue, TruthValue};

impl<'p> Printer<'p> {
    /// get_rule_expr; `implicit` shows conversions that nobody wrote.
    pub fn expr(&mut self, expr: &'p Expr, implicit: bool) -> Option<()> {
        self.deeper(|printer| printer.node(expr, implicit))
    }

    /// get_rule_expr_paren.
    pub fn operand(&mut self, expr: &'p Expr, implicit: bool, parent: &'p Expr) -> Option<()> {
        let paren = self.style.pretty && !is_simple(expr, Some(parent));
        if paren {
            self.out.push('(');
        }
        self.expr(expr, implicit)?;
        if paren {
            self.out.push(')');
        }
        Some(())
    }

    /// Expressions with `, ` between.
    pub fn exprs(&mut self, list: &'p [Expr], implicit: bool) -> Option<()> {
        for (at, expr) in list.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.expr(expr, implicit)?;
        }
        Some(())
    }

    /// get_rule_expr_toplevel: a whole row is told from all of its columns.
    pub fn top_level(&mut self, expr: &'p Expr, implicit: bool) -> Option<()> {
        match &expr.node {
            Node::Var(var) => self.variable(var, expr, true).map(|_| ()),
            _ => self.expr(expr, implicit),
        }
    }

    fn called(&mut self, word: &str, list: &'p [Expr], implicit: bool) -> Option<()> {
        self.push(word);
        self.out.push('(');
        self.exprs(list, implicit)?;
        self.out.push(')');
        Some(())
    }

    fn node(&mut self, expr: &'p Expr, implicit: bool) -> Option<()> {
        match &expr.node {
            Node::Constant(value) => constant(self, expr, value, Label::Needed),
            Node::Var(var) => self.variable(var, expr, false).map(|_| ()),
            Node::Param(number) => {
                self.push(&format!("${number}"));
                Some(())
            }
            Node::Call(call) => self.call(expr, call, implicit),
            Node::Aggregate(it) => self.aggregate(it),
            Node::Window(it) => self.window_call(it),
            Node::Operator(it) => self.operation(expr, it),
            Node::Distinct(it) => self.infix(expr, it, " IS DISTINCT FROM "),
            Node::NullIf(it) => {
                self.push("NULLIF(");
                self.expr(it.left.as_ref()?, true)?;
                self.push(", ");
                self.expr(&it.right, true)?;
                self.out.push(')');
                Some(())
            }
            Node::ScalarArray(it) => self.scalar_array(expr, it),
            Node::And(list) => self.connected(expr, list, " AND "),
            Node::Or(list) => match rows_that_differ(expr).filter(|_| self.style.stable) {
                Some(fields) => self.distinct_rows(&fields),
                None => self.connected(expr, list, " OR "),
            },
            Node::Not(arg) => {
                self.plain_paren('(');
                self.push("NOT ");
                self.operand(arg, false, expr)?;
                self.plain_paren(')');
                Some(())
            }
            Node::Sublink(it) => self.sublink(it),
            Node::Field(it) => {
                let paren = !matches!(it.base.node, Node::Subscript(_) | Node::Field(_));
                self.parenthesized(&it.base, paren)?;
                let field = self.field_name(&it.base, it.field).unwrap_or(it.name);
                self.out.push('.');
                self.identifier(&field);
                Some(())
            }
            Node::Subscript(it) => self.subscripts(it),
            Node::Coercion(it) => self.coercion(expr, it, implicit),
            Node::Case(it) => self.case(it),
            Node::CaseTest => {
                self.push("CASE_TEST_EXPR");
                Some(())
            }
            Node::Array(elements) => {
                self.push("ARRAY[");
                self.exprs(elements, true)?;
                self.out.push(']');
                if elements.is_empty() {
                    let text = self.type_text(expr.ty?, &[]);
                    self.push(&format!("::{text}"));
                }
                Some(())
            }
            Node::Row(row) => {
                self.push("ROW(");
                for (at, field) in row.fields.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    self.top_level(field, true)?;
                }
                self.out.push(')');
                if expr.ty != Some(self.facts.known.record) {
                    self.push("::");
                    self.type_of(expr)?;
                }
                Some(())
            }
            Node::RowCompare(it) => {
                let operator = self.operator(*it.operators.first()?)?;
                self.push("(ROW(");
                self.top_levels(&it.left)?;
                self.push(&format!(") {operator} ROW("));
                self.top_levels(&it.right)?;
                self.push("))");
                Some(())
            }
            Node::Coalesce(list) => self.called("COALESCE", list, true),
            Node::Greatest(list) => self.called("GREATEST", list, true),
            Node::Least(list) => self.called("LEAST", list, true),
            Node::SqlValue(value) => {
                self.push(sql_value(*value));
                Some(())
            }
            Node::NullTest(it) => {
                self.plain_paren('(');
                self.operand(&it.arg, true, expr)?;
                self.push(if it.negated { " IS NOT NULL" } else { " IS NULL" });
                self.plain_paren(')');
                Some(())
            }
            Node::BooleanTest(it) => {
                self.plain_paren('(');
                self.operand(&it.arg, false, expr)?;
                self.push(if it.negated { " IS NOT " } else { " IS " });
                self.push(match it.value {
                    TruthValue::True => "TRUE",
                    TruthValue::False => "FALSE",
                    TruthValue::Unknown => "UNKNOWN",
                });
                self.plain_paren(')');
                Some(())
            }
            Node::Collate(it) => {
                self.plain_paren('(');
                self.operand(&it.arg, implicit, expr)?;
                self.push(" COLLATE ");
                let hidden = it.schema.filter(|schema| schema.as_str() != "pg_catalog");
                if let Some(schema) = hidden {
                    self.identifier(&schema);
                    self.out.push('.');
                }
                self.identifier(&it.collation);
                self.plain_paren(')');
                Some(())
            }
            Node::DomainValue => {
                self.push("VALUE");
                Some(())
            }
            Node::Default => {
                self.push("DEFAULT");
                Some(())
            }
            Node::Grouping(list) => self.called("GROUPING", list, true),
            Node::NamedArgument { name, value, .. } => {
                self.identifier(name);
                self.push(" => ");
                self.expr(value, implicit)
            }
            Node::Variable(_) | Node::CurrentOf(_) | Node::Constructor { .. } | Node::Unknown(_) => None,
        }
    }

    fn top_levels(&mut self, list: &'p [Expr]) -> Option<()> {
        for (at, expr) in list.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.top_level(expr, true)?;
        }
        Some(())
    }

    pub fn parenthesized(&mut self, expr: &'p Expr, paren: bool) -> Option<()> {
        if paren {
            self.out.push('(');
        }
        self.expr(expr, true)?;
        if paren {
            self.out.push(')');
        }
        Some(())
    }

    pub fn operator(&self, operator: Option<OperatorId>) -> Option<String> {
        self.operator_name(operator?)
    }

    /// The name that a field has now.
    fn field_name(&self, base: &Expr, number: i16) -> Option<crate::syntax::Name> {
        let (_, relation) = self.facts.relation_of(self.facts.base(base.ty?))?;
        relation.column_number(number).map(|column| column.name)
    }

    /// get_oper_expr. A chain of operators is followed along its left side without recursion.
    fn operation(&mut self, expr: &'p Expr, operation: &'p Operation) -> Option<()> {
        let mut chain = vec![(expr, operation)];
        while let (Some(Expr { node: Node::Operator(left), .. }), false) =
            (&chain[chain.len() - 1].1.left, self.style.pretty)
        {
            let left_expr = chain[chain.len() - 1].1.left.as_ref()?;
            chain.push((left_expr, left));
        }
        if !self.style.pretty {
            self.out.extend(std::iter::repeat_n('(', chain.len()));
        }
        let (innermost, first) = *chain.last()?;
        if let Some(left) = &first.left {
            self.operand(left, true, innermost)?;
        }
        for (expr, operation) in chain.into_iter().rev() {
            let name = self.operator(operation.operator)?;
            if operation.left.is_some() {
                self.out.push(' ');
            }
            self.push(&name);
            self.out.push(' ');
            self.operand(&operation.right, true, expr)?;
            self.plain_paren(')');
        }
        Some(())
    }

    fn infix(&mut self, expr: &'p Expr, operation: &'p Operation, words: &str) -> Option<()> {
        self.plain_paren('(');
        self.operand(operation.left.as_ref()?, true, expr)?;
        self.push(words);
        self.operand(&operation.right, true, expr)?;
        self.plain_paren(')');
        Some(())
    }

    fn connected(&mut self, expr: &'p Expr, list: &'p [Expr], word: &str) -> Option<()> {
        self.plain_paren('(');
        for (at, arg) in list.iter().enumerate() {
            if at > 0 {
                self.push(word);
            }
            match Whole::of(expr, arg).filter(|_| at == 0 && self.style.stable) {
                Some(whole) => self.whole(arg, &whole)?,
                None => self.operand(arg, false, expr)?,
            }
        }
        self.plain_paren(')');
        Some(())
    }

    fn scalar_array(&mut self, expr: &'p Expr, it: &'p ScalarArray) -> Option<()> {
        let operator = self.operator(it.operator)?;
        self.plain_paren('(');
        self.operand(&it.left, true, expr)?;
        self.push(&format!(" {operator} {} (", if it.all { "ALL" } else { "ANY" }));
        self.operand(&it.right, true, expr)?;
        // A bare sub-select would be taken for the rows to compare with.
        if let Node::Sublink(sublink) = &it.right.node
            && sublink.kind == SublinkKind::Scalar
        {
            self.push("::");
            self.type_of(&it.right)?;
        }
        self.out.push(')');
        self.plain_paren(')');
        Some(())
    }

    /// get_sublink_expr.
    fn sublink(&mut self, it: &'p Sublink) -> Option<()> {
        self.push(if it.kind == SublinkKind::Array { "ARRAY(" } else { "(" });
        let mut operator = None;
        if let Some(first) = it.operators.first() {
            let row = it.test.len() > 1;
            if row {
                self.out.push('(');
            }
            self.exprs(&it.test, true)?;
            if row {
                self.out.push(')');
            }
            operator = Some(self.operator(*first)?);
        }
        let tested = operator.is_some();
        match (it.kind, operator) {
            (SublinkKind::Exists, _) => self.push("EXISTS "),
            (SublinkKind::Any, Some(operator)) if operator == "=" => self.push(" IN "),
            (SublinkKind::Any, Some(operator)) => self.push(&format!(" {operator} ANY ")),
            (SublinkKind::All, Some(operator)) => self.push(&format!(" {operator} ALL ")),
            (SublinkKind::Scalar, Some(operator)) => self.push(&format!(" {operator} ")),
            (SublinkKind::Scalar | SublinkKind::Array, None) => {}
            _ => return None,
        }
        let paren = tested || it.kind == SublinkKind::Exists;
        if paren {
            self.out.push('(');
        }
        self.query(&it.query, false)?;
        self.push(if paren { "))" } else { ")" });
        Some(())
    }

    fn subscripts(&mut self, it: &'p Subscript) -> Option<()> {
        let paren = !matches!(it.base.node, Node::Var(_) | Node::Field(_));
        self.parenthesized(&it.base, paren)?;
        for step in &it.path {
            self.out.push('[');
            match step {
                SubscriptStep::Index(index) => self.expr(index, false)?,
                SubscriptStep::Slice(low, high) => {
                    if let Some(low) = low {
                        self.expr(low, false)?;
                    }
                    self.out.push(':');
                    if let Some(high) = high {
                        self.expr(high, false)?;
                    }
                }
            }
            self.out.push(']');
        }
        Some(())
    }

    fn coercion(&mut self, expr: &'p Expr, it: &'p Coercion, implicit: bool) -> Option<()> {
        if it.method == CoercionMethod::Unknown {
            return None;
        }
        if it.form == Form::ImplicitCast && !implicit {
            return self.operand(&it.arg, false, expr);
        }
        if let (CoercionMethod::Function(function), Form::Call) = (it.method, it.form) {
            let name = self.function_name(function)?;
            self.push(&name);
            self.out.push('(');
            self.expr(&it.arg, true)?;
            self.out.push(')');
            return Some(());
        }
        self.cast(&it.arg, expr)
    }

    /// get_coercion_expr.
    fn cast(&mut self, arg: &'p Expr, expr: &'p Expr) -> Option<()> {
        match &arg.node {
            Node::Constant(value) if arg.ty == expr.ty && arg.modifiers.is_none() => {
                constant(self, arg, value, Label::Omitted)?;
            }
            _ => {
                self.plain_paren('(');
                self.operand(arg, false, expr)?;
                if let (Node::Array(elements), true) = (&arg.node, self.style.stable)
                    && !elements.is_empty()
                {
                    self.push("::");
                    self.type_of(arg)?;
                }
                self.plain_paren(')');
            }
        }
        self.push("::");
        self.type_of(expr)
    }

    fn case(&mut self, it: &'p Case) -> Option<()> {
        self.keyword("CASE", 0, SMALL, 0);
        if let Some(operand) = &it.operand {
            self.out.push(' ');
            self.expr(operand, true)?;
        }
        for (condition, result) in &it.arms {
            self.case_word("WHEN ");
            self.expr(tested_value(condition, it.operand.is_some()), false)?;
            self.push(" THEN ");
            self.expr(result, true)?;
        }
        self.case_word("ELSE ");
        self.expr(&it.otherwise, true)?;
        if !self.style.indent {
            self.out.push(' ');
        }
        self.keyword("END", -SMALL, 0, 0);
        Some(())
    }

    fn case_word(&mut self, word: &str) {
        if !self.style.indent {
            self.out.push(' ');
        }
        self.keyword(word, 0, 0, 0);
    }

    /// The text of an object constant of a reg* type (regclassout and the others).
    pub fn object_constant(&self, value: &Constant) -> Option<String> {
        use crate::catalog::analyze::tree::ConstantObject;
        let Constant::Object { id, .. } = value else { return None };
        match id {
            ConstantObject::Object(id) => self.object_name(*id),
            ConstantObject::Type(ty) => Some(self.bare_type(*ty)),
            ConstantObject::Function(function) => self.function_name(*function),
        }
    }

    fn bare_type(&self, ty: Type) -> String {
        let ty = crate::catalog::TypeRef { id: ty.id, modifiers: Vec::new(), array: ty.array };
        self.facts.catalog.type_name_within(&ty, self.facts.environment.search_path)
    }

    /// A name with its schema, both quoted.
    pub fn qualified(schema: &str, name: &str) -> String {
        format!("{}.{}", quote_identifier(schema), quote_identifier(name))
    }
}

/// `CASE x WHEN y`: of the comparison that analysis made only `y` was written.
fn tested_value(condition: &Expr, has_operand: bool) -> &Expr {
    let mut comparison = condition;
    while let (Node::Coercion(it), true) = (&comparison.node, has_operand) {
        if it.form != Form::ImplicitCast {
            break;
        }
        comparison = &it.arg;
    }
    match &comparison.node {
        Node::Operator(it) if has_operand && it.left.as_ref().is_some_and(is_case_test) => &it.right,
        _ => condition,
    }
}

fn is_case_test(mut expr: &Expr) -> bool {
    while let Node::Coercion(it) = &expr.node {
        if it.form != Form::ImplicitCast {
            return false;
        }
        expr = &it.arg;
    }
    matches!(expr.node, Node::CaseTest)
}

fn sql_value(value: SqlValue) -> &'static str {
    match value {
        SqlValue::CurrentDate => "CURRENT_DATE",
        SqlValue::CurrentTime => "CURRENT_TIME",
        SqlValue::CurrentTimestamp => "CURRENT_TIMESTAMP",
        SqlValue::LocalTime => "LOCALTIME",
        SqlValue::LocalTimestamp => "LOCALTIMESTAMP",
        SqlValue::CurrentRole => "CURRENT_ROLE",
        SqlValue::CurrentUser => "CURRENT_USER",
        SqlValue::User => "USER",
        SqlValue::SessionUser => "SESSION_USER",
        SqlValue::CurrentCatalog => "CURRENT_CATALOG",
        SqlValue::CurrentSchema => "CURRENT_SCHEMA",
    }
}
