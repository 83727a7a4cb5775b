//! How often an expression must be computed (clauses.c's contain_mutable_functions).

use super::tree::{CoercionMethod, Expr, Node};
use super::types::Facts;
use super::walk::{Part, Walk};
use super::{FunctionId, Type};
use crate::source::Span;
use crate::syntax::{SqlValue, Volatility};

/// What makes an expression mutable.
pub(super) struct Mutable {
    pub span: Span,
    pub what: String,
}

/// The most volatile thing in an expression; `None` where something in it is not known.
pub(super) fn of(facts: &Facts<'_>, expr: &Expr) -> Option<Volatility> {
    let mut most = Volatility::Immutable;
    for place in Walk::expr(expr, &[]) {
        if let Part::Expr(expr) = place.part {
            most = most.max(of_node(facts, expr)?);
        }
    }
    Some(most)
}

/// The first part that is certainly not immutable. `planned`: the server plans the expression before it asks
/// (contain_mutable_functions_after_planning), which inlines functions in SQL, so that what they are declared as says
/// nothing.
pub(super) fn first_mutable(facts: &Facts<'_>, expr: &Expr, planned: bool) -> Option<Mutable> {
    for place in Walk::expr(expr, &[]) {
        let Part::Expr(expr) = place.part else { continue };
        let volatility = of_node(facts, expr);
        let inlined = || may_inline(facts, expr) || concatenation(facts, expr) == Some(Volatility::Immutable);
        if volatility.is_none_or(|volatility| volatility == Volatility::Immutable) || planned && inlined() {
            continue;
        }
        let word = if volatility == Some(Volatility::Stable) { "stable" } else { "volatile" };
        return Some(match &expr.node {
            Node::Call(call) => Mutable { span: call.name_span, what: format!("{}() is {word}", call.name) },
            Node::Operator(it) => {
                let types = [it.left.as_ref().and_then(|left| left.ty), it.right.ty];
                let names: Vec<String> = types.into_iter().flatten().map(|ty| facts.name(ty)).collect();
                Mutable { span: expr.span, what: format!("operator {} of {} is {word}", it.name, names.join(" and ")) }
            }
            Node::Coercion(it) => {
                let from = it.arg.ty.map(|ty| facts.name(ty)).unwrap_or_default();
                let to = expr.ty.map(|ty| facts.name(ty)).unwrap_or_default();
                Mutable { span: expr.span, what: format!("the conversion from {from} to {to} is {word}") }
            }
            _ => Mutable { span: expr.span, what: format!("it is {word}") },
        });
    }
    None
}

fn may_inline(facts: &Facts<'_>, expr: &Expr) -> bool {
    let Node::Call(call) = &expr.node else { return false };
    let Some(FunctionId::Object(id)) = call.function else { return false };
    let routine = facts.object(id).and_then(|object| object.as_routine());
    routine.is_none_or(|routine| routine.language.as_str() == "sql")
}

/// `text || x` is SQL: x is written out as text and appended, which is as volatile as its type's output.
fn concatenation(facts: &Facts<'_>, expr: &Expr) -> Option<Volatility> {
    let Node::Operator(it) = &expr.node else { return None };
    let function = facts.system_operator_function(it.operator?)?;
    let written_out = match function {
        "anytextcat" => it.left.as_ref()?.ty,
        "textanycat" => it.right.ty,
        _ => return None,
    };
    Some(facts.output_volatility(written_out?))
}

fn of_node(facts: &Facts<'_>, expr: &Expr) -> Option<Volatility> {
    match &expr.node {
        Node::Call(call) => facts.function_volatility(call.function?),
        Node::Aggregate(aggregate) => facts.function_volatility(aggregate.function?),
        Node::Window(window) => facts.function_volatility(window.function?),
        Node::Operator(it) | Node::Distinct(it) | Node::NullIf(it) => facts.operator_volatility(it.operator?),
        Node::ScalarArray(it) => facts.operator_volatility(it.operator?),
        Node::Sublink(it) => {
            let mut most = Volatility::Immutable;
            for operator in &it.operators {
                most = most.max(facts.operator_volatility((*operator)?)?);
            }
            (!it.query.incomplete).then_some(most)
        }
        Node::Coercion(it) => match it.method {
            CoercionMethod::Function(function) => facts.function_volatility(function),
            CoercionMethod::InOut => {
                let from = it.arg.ty.map_or(Volatility::Volatile, |ty| facts.output_volatility(ty));
                Some(from.max(facts.input_volatility(expr.ty?)))
            }
            CoercionMethod::Unknown => None,
            // The elements' conversion is not kept; those that matter go through functions or text.
            CoercionMethod::Array => {
                let (from, to) = (facts.element(facts.base(it.arg.ty?))?, facts.element(facts.base(expr.ty?))?);
                facts.element_volatility(from, to)
            }
            _ => Some(Volatility::Immutable),
        },
        Node::SqlValue(value) => Some(match value {
            SqlValue::CurrentCatalog
            | SqlValue::CurrentSchema
            | SqlValue::CurrentDate
            | SqlValue::CurrentTime
            | SqlValue::CurrentTimestamp
            | SqlValue::LocalTime
            | SqlValue::LocalTimestamp
            | SqlValue::CurrentRole
            | SqlValue::CurrentUser
            | SqlValue::User
            | SqlValue::SessionUser => Volatility::Stable,
        }),
        Node::Unknown(_) | Node::Constructor { .. } => None,
        _ => Some(Volatility::Immutable),
    }
}

impl Facts<'_> {
    /// provolatile of the input function: what depends on settings, on the clock or on other catalogs is stable.
    fn input_volatility(&self, ty: Type) -> Volatility {
        let known = self.known;
        let base = self.base(ty);
        let settings = [
            known.date,
            known.time,
            known.timetz,
            known.timestamp,
            known.timestamptz,
            known.interval,
            known.money,
            known.xml,
        ];
        self.io_volatility(base, settings.contains(&base))
    }

    /// provolatile of the output function.
    fn output_volatility(&self, ty: Type) -> Volatility {
        let known = self.known;
        let base = self.base(ty);
        self.io_volatility(base, [known.date, known.timestamp, known.timestamptz, known.money].contains(&base))
    }

    fn io_volatility(&self, base: Type, by_settings: bool) -> Volatility {
        let known = self.known;
        let by_catalog = [
            known.regclass,
            known.regtype,
            known.regproc,
            known.regprocedure,
            known.regoper,
            known.regoperator,
            known.regnamespace,
            known.regrole,
            known.regconfig,
            known.regdictionary,
            known.regcollation,
            known.record,
        ];
        let stable = by_settings
            || by_catalog.contains(&base)
            || self.element(base).is_some()
            || self.is_enum(base)
            || self.is_complex(base)
            || self.is_range(base)
            || self.is_multirange(base);
        if stable { Volatility::Stable } else { Volatility::Immutable }
    }

    fn element_volatility(&self, from: Type, to: Type) -> Option<Volatility> {
        use super::coerce::Pathway;
        Some(match self.pathway(to, from, crate::syntax::CastContext::Explicit) {
            Some(Pathway::Function(function)) => self.function_volatility(function)?,
            Some(Pathway::InOut) => self.output_volatility(from).max(self.input_volatility(to)),
            _ => Volatility::Immutable,
        })
    }
}
