//! Function calls (parse_func.c's ParseFuncOrColumn).

use super::coerce::Goal;
use super::error::Missing;
use super::expr::Analyzer;
use super::function::{CallShape, Detail, FunctionCandidate};
use super::names::{parts, span_of};
use super::scope::{Level, PendingWindow, Site, unknown_of};
use super::tree::{Aggregate, Call, Expr, Form, Modifiers, Node, Order, SortKey, WindowCall};
use super::{Error, Result, Type};
use crate::catalog::{NameSpace, RoutineKind};
use crate::source::Span;
use crate::syntax::{self as ir, CastContext, Ident, Name, QualifiedName};

impl Analyzer<'_> {
    pub(super) fn call(&self, level: &Level<'_>, call: &ir::Call, span: Span) -> Result<Expr> {
        let args = self.arguments(level, call)?;
        let sorted: Vec<Expr> = call.order_by.iter().map(|key| self.expr(level, &key.expr)).collect::<Result<_>>()?;
        let filter = match &call.filter {
            Some(filter) => Some(level.at(Site::Filter, || self.expr(level, filter))?),
            None => None,
        };
        let filter = filter.map(|filter| self.to_boolean(filter, "FILTER")).transpose()?;
        let names: Vec<Name> = call.args.iter().filter_map(|arg| arg.name.map(|name| name.name)).collect();
        // The sort keys of WITHIN GROUP are arguments.
        let mut types: Vec<Option<Type>> = args.iter().map(|arg| arg.ty).collect();
        if call.within_group {
            types.extend(sorted.iter().map(|key| key.ty));
        }
        let shape = CallShape {
            function: &call.function,
            args: &types,
            names: &names,
            variadic: call.variadic,
            procedure: level.site.get() == Site::CallArgument && call.over.is_none(),
        };
        let parts = Parts { call, args, sorted, filter, span };
        match self.function_detail(&shape) {
            Detail::Found(found) => self.call_of(level, found, parts),
            Detail::Cast(target) => self.call_as_cast(target, parts),
            Detail::Unknown(result) => Ok(unknown_call(parts, result)),
            Detail::NotFound => self.no_function(level, &shape, parts),
            Detail::Several => {
                let message = format!("function {} is not unique", self.signature(&shape));
                Err(Error::new("42725", span_of(&call.function, span), message))
            }
        }
    }

    fn arguments(&self, level: &Level<'_>, call: &ir::Call) -> Result<Vec<Expr>> {
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            args.push(self.expr(level, &arg.value)?);
        }
        Ok(args)
    }

    fn call_as_cast(&self, target: Type, mut parts: Parts<'_>) -> Result<Expr> {
        let (Some(arg), span) = (parts.args.pop(), parts.span) else { return Ok(unknown_of(parts.span, Vec::new())) };
        let modifiers = Modifiers::NONE;
        let goal = Goal { ty: target, modifiers, context: CastContext::Explicit, form: Form::Call, span };
        self.coerce(arg, goal)
    }

    fn call_of(&self, level: &Level<'_>, found: FunctionCandidate, parts: Parts<'_>) -> Result<Expr> {
        self.check_decoration(level, &found, &parts)?;
        let types: Vec<Option<Type>> = match parts.call.within_group {
            true => parts.args.iter().chain(&parts.sorted).map(|arg| arg.ty).collect(),
            false => parts.args.iter().map(|arg| arg.ty).collect(),
        };
        let Some(actual) = types.into_iter().collect::<Option<Vec<Type>>>() else {
            let result = found.result.filter(|ty| !self.is_polymorphic(*ty));
            return self.finish(level, found, parts, result);
        };
        let Some(resolved) = self.resolve_generics(&actual, &found.args, found.result) else {
            let span = span_of(&parts.call.function, parts.span);
            let message = "could not determine polymorphic type because input has type unknown";
            return Err(Error::new("42804", span, message));
        };
        let Parts { call, args, sorted, filter, span } = parts;
        let mut goals = resolved.args.iter();
        let mut convert = |arg: Expr| match goals.next() {
            Some(goal) => {
                let span = arg.span;
                self.coerce(arg, Goal::implicit(*goal, span))
            }
            None => Ok(arg),
        };
        let args = args.into_iter().map(&mut convert).collect::<Result<_>>()?;
        let sorted = match call.within_group {
            true => sorted.into_iter().map(&mut convert).collect::<Result<_>>()?,
            false => sorted,
        };
        self.finish(level, found, Parts { call, args, sorted, filter, span }, resolved.result)
    }

    /// What only aggregates and window functions can have.
    fn check_decoration(&self, level: &Level<'_>, found: &FunctionCandidate, parts: &Parts<'_>) -> Result<()> {
        let call = parts.call;
        let name = call.function.name.name;
        let span = span_of(&call.function, parts.span);
        let refuse = |message: String| Err(Error::new("42809", span, message));
        let in_call = level.site.get() == Site::CallArgument;
        match found.kind {
            RoutineKind::Procedure if !in_call => {
                let error = Error::new("42809", span, format!("{name} is a procedure"));
                return Err(error.help("call a procedure with CALL"));
            }
            RoutineKind::Window if call.over.is_none() => {
                return refuse(format!("window function {name} requires an OVER clause"));
            }
            RoutineKind::Aggregate if found.within_group && !call.within_group => {
                return refuse(format!("WITHIN GROUP is required for ordered-set aggregate {name}"));
            }
            RoutineKind::Aggregate | RoutineKind::Window => return Ok(()),
            _ => {}
        }
        let decorations = [
            (call.star, "(*)"),
            (call.distinct, "DISTINCT"),
            (call.within_group, "WITHIN GROUP"),
            (!call.order_by.is_empty(), "ORDER BY"),
            (call.filter.is_some(), "FILTER"),
        ];
        for (written, what) in decorations {
            if written && what == "(*)" {
                return refuse(format!("{name}(*) specified, but {name} is not an aggregate function"));
            }
            if written {
                return refuse(format!("{what} specified, but {name} is not an aggregate function"));
            }
        }
        if call.over.is_some() {
            return refuse(format!("OVER specified, but {name} is not a window function nor an aggregate function"));
        }
        Ok(())
    }

    fn finish(
        &self,
        level: &Level<'_>,
        found: FunctionCandidate,
        parts: Parts<'_>,
        result: Option<Type>,
    ) -> Result<Expr> {
        if let (Some(over), true) =
            (&parts.call.over, matches!(found.kind, RoutineKind::Aggregate | RoutineKind::Window))
        {
            return self.window_call(level, &found, parts, result, over);
        }
        if found.kind == RoutineKind::Aggregate {
            return self.aggregate_call(level, &found, parts, result);
        }
        if found.returns_set {
            self.check_set_allowed(level, parts.span)?;
            level.set_functions.set(true);
        }
        let Parts { call, args, span, .. } = parts;
        let (args, variadic) = self.gather_variadic(&found, args, call);
        let node = Call {
            function: Some(found.id),
            name: call.function.name.name,
            name_span: span_of(&call.function, span),
            args: name_arguments(args, call, &found),
            variadic,
            returns_set: found.returns_set,
            form: written_form(&call.function),
        };
        Ok(Expr { span, ty: result, modifiers: Modifiers::NONE, node: Node::Call(Box::new(node)) })
    }

    /// The arguments of a variadic parameter become one array, unless it takes just anything.
    fn gather_variadic(&self, found: &FunctionCandidate, mut args: Vec<Expr>, call: &ir::Call) -> (Vec<Expr>, bool) {
        if !found.expands {
            return (args, call.variadic);
        }
        let first = found.parameters.saturating_sub(1);
        let element = found.args.last().copied();
        if element == Some(self.known.any) || first >= args.len() {
            return (args, false);
        }
        let elements = args.split_off(first);
        let ty = elements[0].ty.and_then(|ty| self.array_of(ty));
        let span = elements.iter().fold(Span::NONE, |span, element| span.to(element.span));
        args.push(Expr { span, ty, modifiers: Modifiers::NONE, node: Node::Array(elements) });
        (args, true)
    }

    fn aggregate_call(
        &self,
        level: &Level<'_>,
        found: &FunctionCandidate,
        parts: Parts<'_>,
        result: Option<Type>,
    ) -> Result<Expr> {
        let Parts { call, args, sorted, filter, span } = parts;
        let (direct_args, (args, variadic)) = match call.within_group {
            true => (args, (Vec::new(), false)),
            false => (Vec::new(), self.gather_variadic(found, args, call)),
        };
        if call.star && !args.is_empty() {
            return Ok(unknown_of(span, args));
        }
        let order_by = self.sort_keys(call, sorted)?;
        if call.distinct && args.is_empty() {
            let message = "DISTINCT specified but there is no argument";
            return Err(Error::new("42809", span, message));
        }
        let mut node = Aggregate {
            function: Some(found.id),
            name: call.function.name.name,
            name_span: span_of(&call.function, span),
            direct_args,
            args,
            order_by,
            star: call.star,
            distinct: call.distinct,
            variadic,
            within_group: call.within_group,
            filter,
            levels_up: 0,
        };
        node.levels_up = self.place_aggregate(level, &node, span)?;
        Ok(Expr { span, ty: result, modifiers: Modifiers::NONE, node: Node::Aggregate(Box::new(node)) })
    }

    fn sort_keys(&self, call: &ir::Call, sorted: Vec<Expr>) -> Result<Vec<SortKey>> {
        let mut keys = Vec::new();
        for (expr, written) in sorted.into_iter().zip(&call.order_by) {
            let expr = self.resolve_unknown(expr)?;
            self.check_sortable(&expr)?;
            keys.push(SortKey { expr, order: order_of(written) });
        }
        Ok(keys)
    }

    fn window_call(
        &self,
        level: &Level<'_>,
        found: &FunctionCandidate,
        parts: Parts<'_>,
        result: Option<Type>,
        over: &ir::WindowDefinition,
    ) -> Result<Expr> {
        let Parts { call, args, filter, span, .. } = parts;
        let name_span = span_of(&call.function, span);
        if call.distinct {
            return Err(Error::new("0A000", span, "DISTINCT is not implemented for window functions"));
        }
        self.check_window_allowed(level, &args, name_span)?;
        let window = self.window_index(level, over)?;
        level.window_calls.set(true);
        let node = WindowCall {
            function: Some(found.id),
            name: call.function.name.name,
            name_span,
            args: self.gather_variadic(found, args, call).0,
            star: call.star,
            filter,
            window,
        };
        Ok(Expr { span, ty: result, modifiers: Modifiers::NONE, node: Node::Window(Box::new(node)) })
    }

    /// The window that OVER means: a named one, or a new one.
    fn window_index(&self, level: &Level<'_>, over: &ir::WindowDefinition) -> Result<u32> {
        let mut windows = level.windows.borrow_mut();
        let by_name_only = over.partition_by.is_empty() && over.order_by.is_empty() && over.frame.is_empty();
        if let (Some(base), true) = (over.base, by_name_only) {
            let named = |pending: &PendingWindow| pending.definition.name.is_some_and(|name| name.name == base.name);
            return match windows.iter().position(named) {
                Some(at) => Ok(at as u32),
                None => Err(no_window(base)),
            };
        }
        // The same window written twice is one window.
        let same = windows.iter().position(|pending| same_window(&pending.definition, over));
        if let Some(at) = same {
            return Ok(at as u32);
        }
        windows.push(PendingWindow { definition: over.clone() });
        Ok(windows.len() as u32 - 1)
    }

    fn no_function(&self, level: &Level<'_>, shape: &CallShape<'_>, parts: Parts<'_>) -> Result<Expr> {
        let (schema, name) = self::parts(shape.function);
        // `name(row)` may be a column of the row.
        if let ([arg], true, None) = (&parts.args[..], shape.names.is_empty(), schema)
            && let Some(field) = self.field(arg.clone(), shape.function.name, parts.span)
        {
            return Ok(field);
        }
        if self.may_exist(schema, name, NameSpace::Routine) {
            return Ok(unknown_call(parts, None));
        }
        if let Some(schema) = schema
            && self.catalog.schema(schema).is_none()
        {
            let message = format!("schema \"{schema}\" does not exist");
            let span = shape.function.schema.map_or(parts.span, |schema| schema.span);
            return Err(Error::new("3F000", span, message).missing(Missing::Schema(schema)));
        }
        let what = if level.site.get() == Site::CallArgument && parts.call.over.is_none() && shape.procedure {
            "procedure"
        } else {
            "function"
        };
        let message = format!("{what} {} does not exist", self.signature(shape));
        let error = Error::new("42883", span_of(shape.function, parts.span), message);
        Err(error.missing(Missing::Named(self.keys(schema, name, NameSpace::Routine))))
    }

    /// func_signature_string.
    fn signature(&self, shape: &CallShape<'_>) -> String {
        let positional = shape.args.len() - shape.names.len().min(shape.args.len());
        let arg = |(at, ty): (usize, &Option<Type>)| {
            let ty = ty.map(|ty| self.name(ty)).unwrap_or_default();
            match at.checked_sub(positional).and_then(|at| shape.names.get(at)) {
                Some(name) => format!("{name} => {ty}"),
                None => ty,
            }
        };
        let args: Vec<String> = shape.args.iter().enumerate().map(arg).collect();
        format!("{}({})", shape.function, args.join(", "))
    }

    /// A call of a system function that the grammar implies.
    pub(super) fn system_call(&self, level: &Level<'_>, name: &str, args: Vec<Expr>, span: Span) -> Result<Expr> {
        let schema = Some(Ident { name: Name::from("pg_catalog"), span: Span::NONE });
        let name = Ident { name: Name::from(name), span: Span::NONE };
        let call = ir::Call {
            function: QualifiedName { database: None, schema, name },
            args: Vec::new(),
            star: false,
            distinct: false,
            variadic: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
        };
        let types: Vec<Option<Type>> = args.iter().map(|arg| arg.ty).collect();
        let shape = CallShape { function: &call.function, args: &types, names: &[], variadic: false, procedure: false };
        let parts = Parts { call: &call, args, sorted: Vec::new(), filter: None, span };
        match self.function_detail(&shape) {
            Detail::Found(found) => self.call_of(level, found, parts),
            Detail::Unknown(result) => Ok(unknown_call(parts, result)),
            _ => self.no_function(level, &shape, parts),
        }
    }
}

/// A call whose arguments are analysed.
struct Parts<'c> {
    call: &'c ir::Call,
    args: Vec<Expr>,
    sorted: Vec<Expr>,
    filter: Option<Expr>,
    span: Span,
}

fn unknown_call(parts: Parts<'_>, result: Option<Type>) -> Expr {
    let Parts { call, mut args, sorted, filter, span } = parts;
    args.extend(sorted);
    args.extend(filter);
    let node = Call {
        function: None,
        name: call.function.name.name,
        name_span: span_of(&call.function, span),
        args,
        variadic: call.variadic,
        returns_set: false,
        form: Form::Call,
    };
    Expr { span, ty: result, modifiers: Modifiers::NONE, node: Node::Call(Box::new(node)) }
}

/// In calls that the grammar makes of its own syntax, schema and name are the same words of the text.
fn written_form(function: &QualifiedName) -> Form {
    let name = function.name.span;
    let implied = function.schema.is_some_and(|schema| !name.is_none() && schema.span == name);
    if implied { Form::SqlSyntax } else { Form::Call }
}

fn name_arguments(args: Vec<Expr>, call: &ir::Call, found: &FunctionCandidate) -> Vec<Expr> {
    let mut named = Vec::with_capacity(args.len());
    for (at, arg) in args.into_iter().enumerate() {
        match call.args.get(at).and_then(|written| written.name) {
            Some(name) => {
                let number = found.numbers.get(at).copied().unwrap_or_default();
                let (span, ty, modifiers) = (arg.span, arg.ty, arg.modifiers);
                let node = Node::NamedArgument { name: name.name, number, value: Box::new(arg) };
                named.push(Expr { span, ty, modifiers, node });
            }
            None => named.push(arg),
        }
    }
    named
}

/// How a sort key as written sorts.
pub(super) fn order_of(key: &ir::SortBy) -> Order {
    let (descending, operator) = match &key.using {
        Some(operator) => match operator.name.as_str() {
            "<" => (false, None),
            ">" => (true, None),
            _ => (false, Some(operator.name)),
        },
        None => (key.descending == Some(true), None),
    };
    Order { descending, nulls_first: key.nulls_first.unwrap_or(descending), operator }
}

fn no_window(name: Ident) -> Box<Error> {
    Error::new("42704", name.span, format!("window \"{}\" does not exist", name.name))
}

/// Whether two windows are written alike; what is at different places is compared by its text's meaning only
/// where that is plain columns.
fn same_window(a: &ir::WindowDefinition, b: &ir::WindowDefinition) -> bool {
    a.name.is_none()
        && b.name.is_none()
        && a.base.map(|base| base.name) == b.base.map(|base| base.name)
        && a.frame_options == b.frame_options
        && a.frame.is_empty()
        && b.frame.is_empty()
        && a.partition_by.len() == b.partition_by.len()
        && a.partition_by.iter().zip(&b.partition_by).all(|(a, b)| same_column(a, b))
        && a.order_by.len() == b.order_by.len()
        && a.order_by.iter().zip(&b.order_by).all(|(a, b)| order_of(a) == order_of(b) && same_column(&a.expr, &b.expr))
}

fn same_column(a: &ir::Expr, b: &ir::Expr) -> bool {
    let names = |expr: &ir::Expr| match &expr.kind {
        ir::ExprKind::Column(column) if !column.star => {
            Some(column.parts.iter().map(|part| part.name).collect::<Vec<_>>())
        }
        _ => None,
    };
    names(a).is_some_and(|a| names(b) == Some(a))
}
