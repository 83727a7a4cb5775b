//! Conversions between types (parse_coerce.c): whether there is one, and what it is.

use super::constant;
use super::tree::{Coercion, CoercionMethod, Constant, Expr, Form, Modifiers, Node};
use super::types::{Facts, STRING};
use super::{Error, FunctionId, Result, Type};
use crate::catalog::Kind;
use crate::catalog::baseline::CastMethod;
use crate::source::Span;
use crate::syntax::CastContext;

/// How a value gets from one type to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::catalog) enum Pathway {
    Relabel,
    Function(FunctionId),
    Array,
    InOut,
}

/// What is converted to, why, and how it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    pub ty: Type,
    pub modifiers: Modifiers,
    pub context: CastContext,
    pub form: Form,
    pub span: Span,
}

impl Goal {
    /// A conversion that nobody wrote.
    pub fn implicit(ty: Type, span: Span) -> Goal {
        Goal { ty, modifiers: Modifiers::NONE, context: CastContext::Implicit, form: Form::ImplicitCast, span }
    }
}

/// Contexts from the most reluctant to the most willing.
fn willingness(context: CastContext) -> u8 {
    match context {
        CastContext::Implicit => 0,
        CastContext::Assignment => 1,
        CastContext::Explicit => 2,
    }
}

impl Facts<'_> {
    /// find_coercion_pathway.
    pub fn pathway(&self, target: Type, source: Type, context: CastContext) -> Option<Pathway> {
        let (source, target) = (self.base(source), self.base(target));
        if source == target {
            return Some(Pathway::Relabel);
        }
        if let Some((castable_in, pathway)) = self.cast(source, target) {
            return (willingness(context) >= willingness(castable_in)).then_some(pathway);
        }
        if target != self.known.oidvector
            && target != self.known.int2vector
            && let (Some(to), Some(from)) = (self.element(target), self.element(source))
            && self.pathway(to, from, context).is_some()
        {
            return Some(Pathway::Array);
        }
        let to_string = context != CastContext::Implicit && self.category(target).0 == STRING;
        let from_string = context == CastContext::Explicit && self.category(source).0 == STRING;
        (to_string || from_string).then_some(Pathway::InOut)
    }

    /// The entry of pg_cast.
    fn cast(&self, source: Type, target: Type) -> Option<(CastContext, Pathway)> {
        if let (Some(source), Some(target)) = (self.types.code(source), self.types.code(target))
            && let Some(cast) = self.index.cast(source, target)
        {
            let pathway = match cast.method {
                CastMethod::Binary => Pathway::Relabel,
                CastMethod::InOut => Pathway::InOut,
                CastMethod::Function => Pathway::Function(FunctionId::System(cast.function?)),
            };
            return Some((cast.context, pathway));
        }
        self.catalog.casts_between(source.id, target.id).find_map(|object| {
            let Kind::Cast(cast) = &object.kind else { return None };
            let same = |ty: &crate::catalog::TypeRef, other: Type| ty.id == other.id && ty.array == other.array;
            if !same(&cast.source, source) || !same(&cast.target, target) {
                return None;
            }
            let pathway = match cast.function {
                Some(function) => Pathway::Function(FunctionId::Object(function)),
                None if cast.inout => Pathway::InOut,
                None => Pathway::Relabel,
            };
            Some((cast.context, pathway))
        })
    }

    /// The function that brings a value of a type to its modifiers.
    fn length_function(&self, ty: Type) -> bool {
        let element = self.element(ty).unwrap_or(ty);
        self.cast(element, element).is_some()
    }

    /// IsBinaryCoercible.
    pub fn is_binary_coercible(&self, source: Type, target: Type) -> bool {
        let known = self.known;
        if source == target || target == known.any || target == known.anyelement || target == known.anycompatible {
            return true;
        }
        let source = self.base(source);
        if source == target {
            return true;
        }
        let is_array = self.element(source).is_some();
        if target == known.anyarray || target == known.anycompatiblearray {
            return is_array;
        }
        if target == known.anynonarray || target == known.anycompatiblenonarray {
            return !is_array;
        }
        if target == known.anyenum {
            return self.is_enum(source);
        }
        if target == known.anyrange || target == known.anycompatiblerange {
            return self.is_range(source);
        }
        if target == known.anymultirange || target == known.anycompatiblemultirange {
            return self.is_multirange(source);
        }
        if target == known.record {
            return self.is_complex(source);
        }
        matches!(self.cast(source, target), Some((CastContext::Implicit, Pathway::Relabel)))
    }

    /// can_coerce_type for one value; polymorphic targets are taken for possible.
    pub fn can_coerce_one(&self, source: Type, target: Type, context: CastContext) -> bool {
        let known = self.known;
        source == target
            || target == known.any
            || source == known.unknown
            || self.is_polymorphic(target)
            || self.pathway(target, source, context).is_some()
            || (source == known.record && self.is_complex(target))
            || (target == known.record && self.is_complex(source))
            || (target == known.record_array && self.element(source).is_some_and(|element| self.is_complex(element)))
            || self.inherits(source, target)
    }

    /// can_coerce_type for all arguments of a call.
    pub fn can_coerce(&self, sources: &[Type], targets: &[Type], context: CastContext) -> bool {
        let pairs = || sources.iter().zip(targets);
        pairs().all(|(source, target)| self.can_coerce_one(*source, *target, context))
            && (!targets.iter().any(|target| self.is_polymorphic(*target))
                || self.generics_are_consistent(sources, targets))
    }

    /// typeInheritsFrom for the row types of two tables.
    fn inherits(&self, source: Type, target: Type) -> bool {
        let (Some((child, _)), Some((parent, _))) = (self.relation_of(self.base(source)), self.relation_of(target))
        else {
            return false;
        };
        let mut pending = vec![child];
        let mut seen = 0;
        while let Some(id) = pending.pop() {
            seen += 1;
            if id == parent {
                return true;
            }
            if let Some(relation) = self.catalog.get(id).and_then(|object| object.as_relation())
                && seen < 1000
            {
                pending.extend(&relation.parents);
            }
        }
        false
    }

    /// coerce_to_target_type; `None` where there is no way.
    pub(super) fn coerce_to_target(&self, expr: Expr, goal: Goal) -> Result<Option<Expr>> {
        let Some(source) = expr.ty else { return Ok(Some(unknown_coercion(expr, goal))) };
        if !self.can_coerce_one(source, goal.ty, goal.context) {
            return Ok(None);
        }
        // COLLATE stays on the outside.
        if let Node::Collate(mut collate) = expr.node {
            let Some(arg) = self.coerce_to_target(collate.arg, goal)? else { return Ok(None) };
            let (ty, modifiers) = (arg.ty, arg.modifiers);
            collate.arg = arg;
            return Ok(Some(Expr { ty, modifiers, span: expr.span, node: Node::Collate(collate) }));
        }
        let untouched = source == goal.ty;
        let result = self.coerce(expr, goal)?;
        let hide_input = !untouched && !matches!(result.node, Node::Constant(_));
        Ok(Some(self.coerce_modifiers(result, goal, hide_input)))
    }

    /// coerce_type; only where [`Facts::can_coerce_one`] says so.
    pub(super) fn coerce(&self, expr: Expr, goal: Goal) -> Result<Expr> {
        let known = self.known;
        let Some(source) = expr.ty else { return Ok(unknown_coercion(expr, goal)) };
        if source == goal.ty || [known.any, known.anyelement, known.anynonarray].contains(&goal.ty) {
            return Ok(expr);
        }
        if self.is_polymorphic(goal.ty) {
            return Ok(self.flatten_domain(expr, source, goal));
        }
        if source == known.unknown
            && let Node::Constant(value) = &expr.node
        {
            let value = value.clone();
            return self.coerce_constant(expr.span, value, goal);
        }
        // COLLATE stays on the outside.
        if let Node::Collate(mut collate) = expr.node {
            let arg = self.coerce(collate.arg, goal)?;
            let (ty, modifiers) = (arg.ty, arg.modifiers);
            collate.arg = arg;
            return Ok(Expr { ty, modifiers, span: expr.span, node: Node::Collate(collate) });
        }
        let (base, base_modifiers) = self.base_with_modifiers(goal.ty, goal.modifiers);
        if let Some(pathway) = self.pathway(goal.ty, source, goal.context) {
            if pathway == Pathway::Relabel {
                return Ok(self.relabel(expr, base, base_modifiers, goal));
            }
            let converted = build(expr, method(pathway), base, array_modifiers(pathway, base_modifiers), goal);
            return Ok(self.to_domain(converted, base, base_modifiers, goal, true));
        }
        if source == known.record && self.is_complex(goal.ty) {
            return Ok(self.row_to_complex(expr, base, goal));
        }
        if goal.ty == known.record || goal.ty == known.record_array {
            return Ok(expr);
        }
        Ok(build(expr, CoercionMethod::Row, goal.ty, Modifiers::NONE, goal))
    }

    /// What goes into a polymorphic argument is no domain, where a kind of type is asked for.
    fn flatten_domain(&self, expr: Expr, source: Type, goal: Goal) -> Expr {
        let known = self.known;
        let kept = [known.anycompatible, known.anycompatiblenonarray].contains(&goal.ty);
        let base = self.base(source);
        if kept || source == known.unknown || base == source {
            return expr;
        }
        let goal = Goal { form: Form::ImplicitCast, ..goal };
        build(expr, CoercionMethod::Relabel, base, Modifiers::NONE, goal)
    }

    fn coerce_constant(&self, span: Span, value: Constant, goal: Goal) -> Result<Expr> {
        let (base, base_modifiers) = self.base_with_modifiers(goal.ty, goal.modifiers);
        let value = constant::input(self, value, base, span)?;
        // Only interval's input depends on its modifiers.
        let modifiers = if base == self.known.interval { base_modifiers } else { Modifiers::NONE };
        let constant = Expr { span, ty: Some(base), modifiers, node: Node::Constant(value) };
        Ok(self.to_domain(constant, base, base_modifiers, goal, false))
    }

    fn relabel(&self, expr: Expr, base: Type, base_modifiers: Modifiers, goal: Goal) -> Expr {
        if self.is_domain(goal.ty) {
            return self.to_domain(expr, base, base_modifiers, goal, false);
        }
        build(expr, CoercionMethod::Relabel, goal.ty, Modifiers::NONE, goal)
    }

    /// coerce_to_domain.
    fn to_domain(&self, expr: Expr, base: Type, modifiers: Modifiers, goal: Goal, hide_input: bool) -> Expr {
        if base == goal.ty {
            return expr;
        }
        let expr = if hide_input { hide(expr) } else { expr };
        let to_length = Goal { ty: base, modifiers, context: CastContext::Implicit, form: Form::ImplicitCast, ..goal };
        let expr = if modifiers.is_none() { expr } else { self.coerce_modifiers(expr, to_length, false) };
        build(expr, CoercionMethod::Domain, goal.ty, Modifiers::NONE, goal)
    }

    /// coerce_type_typmod.
    fn coerce_modifiers(&self, expr: Expr, goal: Goal, hide_input: bool) -> Expr {
        if goal.modifiers == expr.modifiers {
            return expr;
        }
        let expr = if hide_input { hide(expr) } else { expr };
        let by_function = !goal.modifiers.is_none() && self.length_function(goal.ty);
        let method = match (by_function, goal.ty.array) {
            (true, true) => CoercionMethod::Array,
            (true, false) => CoercionMethod::Length,
            (false, _) => return apply_relabel(expr, goal),
        };
        build(expr, method, goal.ty, goal.modifiers, goal)
    }

    /// coerce_record_to_complex: each field to the type of its column.
    fn row_to_complex(&self, expr: Expr, base: Type, goal: Goal) -> Expr {
        let span = expr.span;
        let node = match (expr.node, self.fields(base)) {
            (Node::Row(mut row), Some(columns)) if row.fields.len() == columns.len() => {
                let fields = std::mem::take(&mut row.fields);
                row.fields = fields
                    .into_iter()
                    .zip(&columns)
                    .map(|(field, column)| self.to_field(field, column, goal))
                    .collect();
                row.names = columns.iter().map(|column| column.name).collect();
                Node::Row(row)
            }
            (node, _) => {
                let arg = Expr { node, ..expr };
                Node::Coercion(Box::new(Coercion { method: CoercionMethod::Row, form: goal.form, arg }))
            }
        };
        Expr { span, ty: Some(goal.ty), modifiers: Modifiers::NONE, node }
    }

    fn to_field(&self, field: Expr, column: &super::tree::RangeColumn, goal: Goal) -> Expr {
        let Some(ty) = column.ty else { return field };
        let span = field.span;
        let goal = Goal { ty, modifiers: column.modifiers, form: Form::ImplicitCast, ..goal };
        let unknown = Expr { span, ty: Some(ty), modifiers: Modifiers::NONE, node: Node::Unknown(Vec::new()) };
        self.coerce_to_target(field, goal).ok().flatten().unwrap_or(unknown)
    }

    /// coerce_to_boolean: what WHERE, AND and the like ask for.
    pub fn to_boolean(&self, expr: Expr, construct: &str) -> Result<Expr> {
        let (Some(ty), span) = (expr.ty, expr.span) else { return Ok(expr) };
        if ty == self.known.bool {
            return Ok(expr);
        }
        let goal = Goal {
            ty: self.known.bool,
            modifiers: Modifiers::NONE,
            context: CastContext::Assignment,
            form: Form::ImplicitCast,
            span,
        };
        self.coerce_to_target(expr, goal)?.ok_or_else(|| {
            let message = format!("argument of {construct} must be type boolean, not type {}", self.name(ty));
            Error::new("42804", span, message)
        })
    }

    /// coerce_to_specific_type.
    pub fn to_type(&self, expr: Expr, target: Type, construct: &str) -> Result<Expr> {
        let (Some(ty), span) = (expr.ty, expr.span) else { return Ok(expr) };
        if ty == target {
            return Ok(expr);
        }
        let context = CastContext::Assignment;
        let goal = Goal { context, ..Goal::implicit(target, span) };
        self.coerce_to_target(expr, goal)?.ok_or_else(|| {
            let (target, ty) = (self.name(target), self.name(ty));
            Error::new("42804", span, format!("argument of {construct} must be type {target}, not type {ty}"))
        })
    }

    /// select_common_type. `Ok(None)` where one of the types is not known.
    pub fn common_type(&self, exprs: &[&Expr], construct: &str) -> Result<Option<Type>> {
        let Some(types) = exprs.iter().map(|expr| expr.ty).collect::<Option<Vec<_>>>() else { return Ok(None) };
        match self.common_of(&types) {
            Ok(ty) => Ok(Some(ty)),
            Err(Mismatch { at, first, second }) => {
                let (first, second) = (self.name(first), self.name(second));
                let message = format!("{construct} types {first} and {second} cannot be matched");
                Err(Error::new("42804", exprs[at].span, message))
            }
        }
    }

    /// select_common_type_from_oids.
    pub(super) fn common_of(&self, types: &[Type]) -> std::result::Result<Type, Mismatch> {
        let unknown = self.known.unknown;
        let Some((&first, rest)) = types.split_first() else { return Ok(self.known.text) };
        if first != unknown && rest.iter().all(|ty| *ty == first) {
            return Ok(first);
        }
        let mut chosen = self.base(first);
        let (mut category, mut preferred) = self.category(chosen);
        for (at, ty) in rest.iter().enumerate() {
            let next = self.base(*ty);
            if next == unknown || next == chosen {
                continue;
            }
            let (next_category, next_preferred) = self.category(next);
            if chosen == unknown {
                (chosen, category, preferred) = (next, next_category, next_preferred);
            } else if next_category != category {
                return Err(Mismatch { at: at + 1, first: chosen, second: next });
            } else if !preferred
                && self.can_coerce_one(chosen, next, CastContext::Implicit)
                && !self.can_coerce_one(next, chosen, CastContext::Implicit)
            {
                (chosen, category, preferred) = (next, next_category, next_preferred);
            }
        }
        Ok(if chosen == unknown { self.known.text } else { chosen })
    }

    /// coerce_to_common_type.
    pub fn to_common(&self, expr: Expr, target: Option<Type>, construct: &str) -> Result<Expr> {
        let (Some(source), Some(target), span) = (expr.ty, target, expr.span) else { return Ok(expr) };
        if source == target {
            return Ok(expr);
        }
        if self.can_coerce_one(source, target, CastContext::Implicit) {
            return self.coerce(expr, Goal::implicit(target, span));
        }
        let (source, target) = (self.name(source), self.name(target));
        Err(Error::new("42846", span, format!("{construct} could not convert type {source} to {target}")))
    }
}

/// Two types that have nothing in common.
#[derive(Debug)]
pub(super) struct Mismatch {
    pub at: usize,
    pub first: Type,
    pub second: Type,
}

/// select_common_typmod: that of all, where it is the same and their type is the common one.
pub(super) fn common_modifiers<'e>(exprs: impl IntoIterator<Item = &'e Expr>, common: Option<Type>) -> Modifiers {
    let mut exprs = exprs.into_iter();
    let Some(first) = exprs.next() else { return Modifiers::NONE };
    let same = |expr: &Expr| expr.ty == common && expr.modifiers == first.modifiers;
    if same(first) && exprs.all(same) { first.modifiers } else { Modifiers::NONE }
}

fn method(pathway: Pathway) -> CoercionMethod {
    match pathway {
        Pathway::Relabel => CoercionMethod::Relabel,
        Pathway::Function(function) => CoercionMethod::Function(function),
        Pathway::Array => CoercionMethod::Array,
        Pathway::InOut => CoercionMethod::InOut,
    }
}

/// A conversion element by element brings the elements to their modifiers at once.
fn array_modifiers(pathway: Pathway, modifiers: Modifiers) -> Modifiers {
    if pathway == Pathway::Array { modifiers } else { Modifiers::NONE }
}

fn build(arg: Expr, method: CoercionMethod, ty: Type, modifiers: Modifiers, goal: Goal) -> Expr {
    let node = Node::Coercion(Box::new(Coercion { method, form: goal.form, arg }));
    Expr { span: goal.span, ty: Some(ty), modifiers, node }
}

fn unknown_coercion(arg: Expr, goal: Goal) -> Expr {
    build(arg, CoercionMethod::Unknown, goal.ty, goal.modifiers, goal)
}

/// applyRelabelType: a relabelling of a relabelling is one, and a constant takes the type itself.
fn apply_relabel(expr: Expr, goal: Goal) -> Expr {
    if let Node::Constant(_) = expr.node {
        return Expr { ty: Some(goal.ty), modifiers: goal.modifiers, ..expr };
    }
    if let Node::Coercion(mut coercion) = expr.node {
        if coercion.method == CoercionMethod::Relabel {
            coercion.form = goal.form;
            let node = Node::Coercion(coercion);
            return Expr { span: goal.span, ty: Some(goal.ty), modifiers: goal.modifiers, node };
        }
        let arg = Expr { node: Node::Coercion(coercion), ..expr };
        return build(arg, CoercionMethod::Relabel, goal.ty, goal.modifiers, goal);
    }
    build(expr, CoercionMethod::Relabel, goal.ty, goal.modifiers, goal)
}

/// hide_coercion_node: only the outermost of the steps of one written cast is shown.
fn hide(mut expr: Expr) -> Expr {
    match &mut expr.node {
        Node::Coercion(coercion) => coercion.form = Form::ImplicitCast,
        Node::Call(call) => call.form = Form::ImplicitCast,
        _ => {}
    }
    expr
}
