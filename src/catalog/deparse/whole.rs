//! What analysis takes apart, written in one piece again: read by a server, the parts would be joined with what stands
//! beside them.
//!
//! The grammar makes one AND of those that follow each other, so an AND that comes first in an AND was written as
//! something else: BETWEEN, or NOT IN. With OR it is NOT BETWEEN and IN.

use super::printer::Printer;
use crate::catalog::analyze::tree::{Expr, Node, Operation};

/// A test that stands as several.
pub(super) enum Whole<'p> {
    /// `value [NOT] BETWEEN low AND high`.
    Range { value: &'p Expr, low: &'p Expr, high: &'p Expr, negated: bool },
    /// `value [NOT] IN (items)`, where value and items may be rows.
    List { value: Vec<&'p Expr>, items: Vec<Vec<&'p Expr>>, negated: bool },
}

impl<'p> Whole<'p> {
    /// What an AND in an AND, or an OR in an OR, was written as.
    pub fn of(around: &Expr, expr: &'p Expr) -> Option<Whole<'p>> {
        match (&around.node, &expr.node) {
            (Node::And(_), Node::And(parts)) => range(parts, false).or_else(|| list(expr, true)),
            (Node::Or(_), Node::Or(parts)) => range(parts, true).or_else(|| list(expr, false)),
            _ => None,
        }
    }
}

/// Two tests of an operand that is written once.
fn range(parts: &[Expr], negated: bool) -> Option<Whole<'_>> {
    let [Expr { node: Node::Operator(lower), .. }, Expr { node: Node::Operator(upper), .. }] = parts else {
        return None;
    };
    let (value, again) = (lower.left.as_ref()?, upper.left.as_ref()?);
    let names = if negated { ["<", ">"] } else { [">=", "<="] };
    let is_range = [lower.name.as_str(), upper.name.as_str()] == names && is_same(&[value], &[again]);
    is_range.then_some(Whole::Range { value, low: &lower.right, high: &upper.right, negated })
}

/// Tests of one operand, each in a pair with those before it.
fn list(expr: &Expr, negated: bool) -> Option<Whole<'_>> {
    let (mut rest, mut parts) = (expr, Vec::new());
    while let Node::And(pair) | Node::Or(pair) = &rest.node
        && matches!(rest.node, Node::And(_)) == negated
    {
        let [before, last] = &pair[..] else { return None };
        parts.push(last);
        rest = before;
    }
    parts.push(rest);
    let mut tests = parts.into_iter().rev().map(|part| test(part, negated));
    let (value, mut items) = tests.next()??;
    for test in tests {
        let (again, more) = test?;
        if !is_same(&value, &again) {
            return None;
        }
        items.extend(more);
    }
    Some(Whole::List { value, items, negated })
}

/// One test of a list, or the one of all its constants: what is tested, and what with.
fn test(part: &Expr, negated: bool) -> Option<(Vec<&Expr>, Vec<Vec<&Expr>>)> {
    let name = if negated { "<>" } else { "=" };
    let field = |part| match part {
        &Expr { node: Node::Operator(ref it), .. } if it.name.as_str() == name => Some((it.left.as_ref()?, &it.right)),
        _ => None,
    };
    match &part.node {
        Node::ScalarArray(it) if it.all == negated && it.name.as_str() == name => match &it.right.node {
            Node::Array(items) => Some((vec![&it.left], items.iter().map(|item| vec![item]).collect())),
            _ => None,
        },
        Node::And(fields) if !negated => rows(fields.iter().map(field).collect()),
        Node::Or(fields) if negated => rows(fields.iter().map(field).collect()),
        _ => rows(field(part).map(|it| vec![it])),
    }
}

fn rows<'p>(fields: Option<Vec<(&'p Expr, &'p Expr)>>) -> Option<(Vec<&'p Expr>, Vec<Vec<&'p Expr>>)> {
    let (left, right) = fields?.into_iter().unzip();
    Some((left, vec![right]))
}

/// Whether two are the same words.
fn is_same(one: &[&Expr], other: &[&Expr]) -> bool {
    let same = |(one, other): (&&Expr, &&Expr)| one.span == other.span && !one.span.is_none();
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// The fields of `(…) IS DISTINCT FROM (…)` between rows, which stands as ORs of two.
pub(super) fn rows_that_differ(expr: &Expr) -> Option<Vec<&Operation>> {
    let (mut rest, mut fields) = (expr, Vec::new());
    while let Node::Or(list) = &rest.node {
        let [before, Expr { node: Node::Distinct(last), .. }] = &list[..] else { return None };
        fields.push(&**last);
        rest = before;
    }
    let Node::Distinct(first) = &rest.node else { return None };
    fields.push(first);
    fields.reverse();
    Some(fields)
}

impl<'p> Printer<'p> {
    pub(super) fn whole(&mut self, expr: &'p Expr, whole: &Whole<'p>) -> Option<()> {
        self.out.push('(');
        match whole {
            Whole::Range { value, low, high, negated } => {
                self.operand(value, true, expr)?;
                self.push(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.operand(low, true, expr)?;
                self.push(" AND ");
                self.operand(high, true, expr)?;
            }
            Whole::List { value, items, negated } => {
                self.row(expr, value)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                for (at, item) in items.iter().enumerate() {
                    self.push(if at > 0 { ", " } else { "" });
                    self.row(expr, item)?;
                }
                self.out.push(')');
            }
        }
        self.out.push(')');
        Some(())
    }

    /// One field, or several in parentheses.
    fn row(&mut self, expr: &'p Expr, fields: &[&'p Expr]) -> Option<()> {
        if let [field] = fields {
            return self.operand(field, true, expr);
        }
        self.push("ROW(");
        for (at, field) in fields.iter().enumerate() {
            self.push(if at > 0 { ", " } else { "" });
            self.expr(field, true)?;
        }
        self.out.push(')');
        Some(())
    }

    /// Rows that differ: written as the ORs that they are, they would be one OR of all fields.
    pub(super) fn distinct_rows(&mut self, fields: &[&'p Operation]) -> Option<()> {
        self.push("(ROW(");
        for (at, field) in fields.iter().enumerate() {
            self.push(if at > 0 { ", " } else { "" });
            self.expr(field.left.as_ref()?, true)?;
        }
        self.push(") IS DISTINCT FROM ROW(");
        for (at, field) in fields.iter().enumerate() {
            self.push(if at > 0 { ", " } else { "" });
            self.expr(&field.right, true)?;
        }
        self.push("))");
        Some(())
    }
}
