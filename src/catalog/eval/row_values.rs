//! Whether values fit their types: lengths, ranges, the conditions of domains.

use std::sync::Arc;

use super::row_checks::Violation;
use super::rows::{holds_rows, is_pure, place, quiet};
use super::value::{Truth, Value};
use super::{Evaluator, Result};
use crate::catalog::analyze::tree::{Expr as Tree, Node};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{ExprAnalysis, Purpose, Scope};
use crate::catalog::{Column, ConstraintKind, Kind, ObjectId, TypeClass, TypeRef};
use crate::syntax::Expr;

impl Evaluator<'_> {
    // --- domains ----------------------------------------------------------------------------------

    /// The columns of tables that are of a domain, and of domains over it.
    fn columns_of_domain(&self, domain: ObjectId) -> Vec<(ObjectId, Column)> {
        let mut domains = vec![domain];
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(&domain) = domains.get(at) {
            at += 1;
            for (id, object, _) in self.replay.now().dependents(domain) {
                match &object.kind {
                    Kind::Type(_) if !domains.contains(&id) => domains.push(id),
                    Kind::Relation(relation) if holds_rows(relation.class) => {
                        let of =
                            |column: &&Arc<Column>| column.ty.as_ref().is_some_and(|ty| ty.id == domain && !ty.array);
                        found.extend(relation.columns.iter().filter(of).map(|column| (id, (**column).clone())));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    pub(super) fn domain_null(&mut self, domain: ObjectId) -> Result<Option<Violation>> {
        for (table, column) in self.columns_of_domain(domain) {
            let rows = self.rows_now(table)?;
            if rows.rows.iter().any(|row| row.get(place(&column)) == Some(&Value::Null)) {
                let message =
                    format!("column \"{}\" of table \"{}\" contains null values", column.name, self.name_of(table));
                return Ok(Some(Violation::new("23502", message)));
            }
        }
        Ok(None)
    }

    pub(super) fn domain_check_violated(&mut self, domain: ObjectId, check: &Expr) -> Result<Option<Violation>> {
        let Some(analysis) = self.domain_condition(domain, check) else { return Ok(None) };
        for (table, column) in self.columns_of_domain(domain) {
            for row in &self.rows_now(table)?.rows {
                let value = row.get(place(&column)).cloned().unwrap_or(Value::Unknown);
                if self.domain_holds(&analysis, &value)? == Truth::False {
                    let message = format!(
                        "column \"{}\" of table \"{}\" contains values that violate the new constraint",
                        column.name,
                        self.name_of(table)
                    );
                    return Ok(Some(Violation::new("23514", message)));
                }
            }
        }
        Ok(None)
    }

    fn domain_condition(&mut self, domain: ObjectId, check: &Expr) -> Option<ExprAnalysis> {
        let base = match &self.replay.now().get(domain)?.as_type()?.class {
            TypeClass::Domain { base, .. } => Some(base.clone()),
            _ => None,
        };
        let analysis = self.replay.analyze(&Scope::empty(), check, &Purpose::DomainCheck { base }).ok()?;
        // The operand of a CASE would stand in the way of the value.
        let plain = Walk::expr(&analysis.expr, &analysis.ranges)
            .all(|place| !matches!(place.part, Part::Expr(Tree { node: Node::Case(_) | Node::Sublink(_), .. })));
        let pure = is_pure(Walk::expr(&analysis.expr, &analysis.ranges));
        (plain && pure && self.compares_plainly(&analysis.expr, &analysis.ranges)).then_some(analysis)
    }

    fn domain_holds(&mut self, analysis: &ExprAnalysis, value: &Value) -> Result<Truth> {
        let context = super::expr::Context { rows: None, parameters: &[], variables: &[], case: Some(value) };
        Ok(quiet(self.eval(&analysis.expr, context))?.truth())
    }

    /// Why a value is none of a domain.
    pub(super) fn outside_domain(&mut self, value: &Value, ty: &TypeRef) -> Result<Option<Violation>> {
        let mut ty = ty.clone();
        while !ty.array {
            let Some(object) = self.replay.now().get(ty.id).cloned() else { break };
            let Some(TypeClass::Domain { base, not_null, .. }) = object.as_type().map(|it| &it.class) else { break };
            if *not_null && *value == Value::Null {
                let message = format!("domain {} does not allow null values", object.name);
                return Ok(Some(Violation::new("23502", message)));
            }
            let checks: Vec<(String, Arc<Expr>)> = self
                .replay
                .now()
                .constraints(ty.id)
                .filter_map(|it| match &it.is.kind {
                    ConstraintKind::Check { expr, .. } => Some((it.name().to_string(), expr.clone())),
                    _ => None,
                })
                .collect();
            for (name, check) in checks {
                let Some(analysis) = self.domain_condition(ty.id, &check) else { continue };
                if self.domain_holds(&analysis, value)? == Truth::False {
                    let message = format!("value for domain {} violates check constraint \"{name}\"", object.name);
                    return Ok(Some(Violation::new("23514", message)));
                }
            }
            ty = base.clone();
        }
        Ok(None)
    }

    // --- values -----------------------------------------------------------------------------------

    /// Why a value does not fit into a type of its kind: too long, too great.
    pub(super) fn misfit(&self, value: &Value, ty: &TypeRef) -> Option<Violation> {
        if ty.array {
            return None;
        }
        let base = self.replay.base_type(ty);
        let name = self.replay.now().get(base.id)?.name;
        match (value, name.as_str(), &base.modifiers[..]) {
            (Value::Text(text), "varchar" | "bpchar", [length]) => {
                let length = usize::try_from(*length).ok()?;
                let excess = text.chars().skip(length).any(|c| c != ' ');
                let word = if name.as_str() == "varchar" { "character varying" } else { "character" };
                excess.then(|| Violation::new("22001", format!("value too long for type {word}({length})")))
            }
            (Value::Integer(number), "int2" | "int4", _) => {
                let (word, most) = if name.as_str() == "int2" {
                    ("smallint", i64::from(i16::MAX))
                } else {
                    ("integer", i64::from(i32::MAX))
                };
                let fits = (-most - 1..=most).contains(number);
                (!fits).then(|| Violation::new("22003", format!("{word} out of range")))
            }
            (Value::Integer(_) | Value::Number(_), "numeric", [precision, rest @ ..]) => {
                let scale = rest.first().copied().unwrap_or(0);
                let number = value.as_number()?;
                let rounded = (number.abs() * 10f64.powi(scale)).round() / 10f64.powi(scale);
                (rounded >= 10f64.powi(precision - scale))
                    .then(|| Violation::new("22003", "numeric field overflow".to_owned()))
            }
            _ => None,
        }
    }
}
