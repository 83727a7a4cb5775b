//! Expressions of definitions: what each may hold and must yield.

use super::coerce::Goal;
use super::expr::Analyzer;
use super::from::visible;
use super::scope::{Level, Site};
use super::tree::{CoercionMethod, Expr, Form, Node};
use super::types::from_ref;
use super::volatility::{Mutable, first_mutable};
use super::walk::{Part, Walk};
use super::{Error, FunctionId, Purpose, Result};
use crate::catalog::TypeRef;
use crate::syntax::{self as ir, CastContext, Name};

impl Analyzer<'_> {
    /// The level of the scope around a statement.
    pub(super) fn scope_level(&self) -> Level<'static> {
        let mut level = Level::new(None);
        for relation in &self.scope.relations {
            let range = level.add_range(self.scope_entry(relation));
            level.items.push(visible(range, true, true));
        }
        level
    }

    pub(super) fn for_purpose(&self, level: &Level<'_>, expr: &ir::Expr, purpose: &Purpose) -> Result<Expr> {
        match purpose {
            Purpose::Default { column, ty } => {
                let value = self.at_site(level, expr, Site::Default)?;
                self.assigned(value, ty.as_ref(), &not_assignable(*column, "default expression"))
            }
            Purpose::Generated { column, ty } => {
                let value = self.at_site(level, expr, Site::Generated)?;
                let value = self.assigned(value, ty.as_ref(), &not_assignable(*column, "default expression"))?;
                self.must_be_immutable(&value, "generation expression is not immutable")?;
                Ok(value)
            }
            Purpose::ParameterDefault { ty } => {
                let value = self.at_site(level, expr, Site::Default)?;
                let message = |target: &str, source: &str| {
                    format!("argument of DEFAULT must be type {target}, not type {source}")
                };
                self.assigned(value, ty.as_ref(), &message)
            }
            Purpose::AlterTypeUsing { column, ty } => {
                let value = self.at_site(level, expr, Site::AlterType)?;
                let column = *column;
                let message = move |target: &str, _: &str| {
                    format!(
                        "result of USING clause for column \"{column}\" cannot be cast automatically to type {target}"
                    )
                };
                self.assigned(value, ty.as_ref(), &message)
            }
            Purpose::PartitionBound { ty } => {
                let value = self.at_site(level, expr, Site::PartitionBound)?;
                let message = |target: &str, _: &str| {
                    format!("specified value cannot be cast to type {target} of the partition key")
                };
                self.assigned(value, ty.as_ref(), &message)
            }
            Purpose::Check => self.boolean_at(level, expr, Site::Check, "CHECK"),
            Purpose::DomainCheck { base } => {
                let (ty, modifiers) = from_ref(base.as_ref());
                let domain_value = ty.map(|ty| (ty, modifiers));
                let inner = Level { domain_value, ..Level::new(None) };
                self.boolean_at(&inner, expr, Site::DomainCheck, "CHECK")
            }
            Purpose::Policy => self.boolean_at(level, expr, Site::Policy, "POLICY"),
            Purpose::TriggerWhen => self.boolean_at(level, expr, Site::TriggerWhen, "WHEN"),
            Purpose::RuleWhen => self.boolean_at(level, expr, Site::Where, "WHERE"),
            Purpose::PublicationFilter => {
                let value = self.boolean_at(level, expr, Site::Where, "PUBLICATION WHERE")?;
                self.must_be_built_in(&value)?;
                Ok(value)
            }
            Purpose::IndexPredicate => {
                let value = self.boolean_at(level, expr, Site::IndexPredicate, "WHERE")?;
                self.must_be_immutable(&value, "functions in index predicate must be marked IMMUTABLE")?;
                Ok(value)
            }
            Purpose::Index => {
                let value = self.resolve_unknown(self.at_site(level, expr, Site::Index)?)?;
                self.must_be_immutable(&value, "functions in index expression must be marked IMMUTABLE")?;
                Ok(value)
            }
            Purpose::Statistics => {
                let value = self.at_site(level, expr, Site::Statistics)?;
                let message = "functions in statistics expression must be marked IMMUTABLE";
                self.must_be_immutable(&value, message)?;
                Ok(value)
            }
            Purpose::PartitionKey => {
                let value = self.at_site(level, expr, Site::PartitionKey)?;
                let message = "functions in partition key expression must be marked IMMUTABLE";
                self.must_be_immutable(&value, message)?;
                Ok(value)
            }
            Purpose::Value => self.at_site(level, expr, Site::Select),
            Purpose::CallArguments => self.at_site(level, expr, Site::CallArgument),
        }
    }

    fn at_site(&self, level: &Level<'_>, expr: &ir::Expr, site: Site) -> Result<Expr> {
        level.at(site, || self.expr(level, expr))
    }

    fn boolean_at(&self, level: &Level<'_>, expr: &ir::Expr, site: Site, construct: &str) -> Result<Expr> {
        self.to_boolean(self.at_site(level, expr, site)?, construct)
    }

    /// Converts a value as an assignment does.
    fn assigned(&self, value: Expr, ty: Option<&TypeRef>, message: &dyn Fn(&str, &str) -> String) -> Result<Expr> {
        let (Some(target), modifiers) = from_ref(ty) else { return Ok(value) };
        let (span, source) = (value.span, value.ty);
        let context = CastContext::Assignment;
        let goal = Goal { ty: target, modifiers, context, form: Form::ImplicitCast, span };
        self.coerce_to_target(value, goal)?.ok_or_else(|| {
            let source = source.map(|ty| self.name(ty)).unwrap_or_default();
            let error = Error::new("42804", span, message(&self.name(target), &source));
            error.help("rewrite or cast the expression")
        })
    }

    /// Nothing of the project's own, nothing that may change, no other table (check_simple_rowfilter_expr).
    fn must_be_built_in(&self, value: &Expr) -> Result<()> {
        let refuse = |span, why: &str| {
            Err(Error::new("0A000", span, "invalid publication WHERE expression").help(why.to_owned()))
        };
        if let Some(Mutable { span, what }) = first_mutable(&self.facts, value, false) {
            return refuse(span, &what);
        }
        for place in Walk::expr(value, &[]) {
            let Part::Expr(expr) = place.part else { continue };
            let function = match &expr.node {
                Node::Sublink(_) => return refuse(expr.span, "subqueries are not allowed"),
                Node::Aggregate(_) | Node::Window(_) => return refuse(expr.span, "aggregates are not allowed"),
                Node::Call(call) => call.function,
                Node::Coercion(coercion) => match coercion.method {
                    CoercionMethod::Function(function) => Some(function),
                    _ => None,
                },
                _ => None,
            };
            if matches!(function, Some(FunctionId::Object(_))) {
                return refuse(expr.span, "only built-in functions are allowed");
            }
            if expr.ty.is_some_and(|ty| !self.facts.is_built_in(ty)) {
                return refuse(expr.span, "only built-in types are allowed");
            }
        }
        Ok(())
    }

    fn must_be_immutable(&self, value: &Expr, message: &str) -> Result<()> {
        match first_mutable(&self.facts, value, true) {
            Some(Mutable { span, what }) => {
                let mut error = Error::new("42P17", span, message);
                error.refusal.help = Some(what);
                Err(error)
            }
            None => Ok(()),
        }
    }
}

fn not_assignable(column: Name, what: &'static str) -> impl Fn(&str, &str) -> String {
    move |target: &str, source: &str| format!("column \"{column}\" is of type {target} but {what} is of type {source}")
}
