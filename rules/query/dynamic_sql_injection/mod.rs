//! EXECUTE runs text that a caller can put into it. The README beside this file is its manual and its test.

use crate::rule::syntax::plpgsql::{Body, CodeStatementKind};
use crate::rule::syntax::{Call, Expr, ExprKind, Name};
use crate::rule::{Check, Found, QueryContext, Report, Routine, RoutineParameter, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Query(check));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    let (Some(code), Some(routine)) = (context.code, context.routine) else { return };
    // What lives in pg_temp is gone with the session that made it.
    let mut arguments = text_arguments(context, &routine);
    if context.catalog.schema_name(routine.object).starts_with("pg_temp") {
        return;
    }
    let checked = checked(code);
    arguments.retain(|name| !checked.contains(name));
    if arguments.is_empty() {
        return;
    }
    let tainted = tainted(code, arguments);
    code.walk(|statement| {
        let Some(query) = statement.executed() else { return };
        let Some(expr) = code.expression(query) else { return };
        let Some(found) = raw(expr, &tainted) else { return };
        let finding = report.at(found.span, "an argument becomes part of the statement that is run");
        finding.label("joined in without quote_ident, quote_literal or format's %I and %L");
        if routine.is.security_definer {
            finding.severity(Severity::Error);
            finding.also(routine.span(), "SECURITY DEFINER: it runs with its owner's rights");
        }
        finding.help("pass values with USING, names with format('%I', …)");
    });
}

/// The parameters whose type can hold code. Of a trigger function there are none.
fn text_arguments(context: &QueryContext<'_>, routine: &Found<'_, Routine>) -> Vec<Name> {
    let text = |parameter: &&RoutineParameter| {
        let ty = context.catalog.type_name(&parameter.ty);
        matches!(ty.as_str(), "text" | "character varying" | "character" | "name" | "citext" | "public.citext")
    };
    routine.is.inputs().filter(text).filter_map(|parameter| parameter.name).collect()
}

/// The variables that a condition compares with constants: `if direction not in ('asc', 'desc') then raise …`.
fn checked(code: &Body) -> Vec<Name> {
    let mut names = Vec::new();
    code.walk(|statement| {
        let (CodeStatementKind::If { arms, .. } | CodeStatementKind::Case { arms, .. }) = &statement.kind else {
            return;
        };
        for (condition, _) in arms {
            if let Some(expr) = code.expression(*condition) {
                add_checked(expr, &mut names);
            }
        }
    });
    names
}

fn add_checked(expr: &Expr, names: &mut Vec<Name>) {
    let tested = match &expr.kind {
        ExprKind::In(list) => Some(&list.expr),
        ExprKind::Quantified(it) => Some(&it.left),
        ExprKind::Operator(it) if matches!(it.operator.name.as_str(), "~" | "!~" | "~*" | "!~*" | "=" | "<>") => {
            let constant = matches!(it.right.kind, ExprKind::String(ref text) if !text.is_empty());
            it.left.as_ref().filter(|_| constant)
        }
        _ => None,
    };
    let mut open: Vec<&Expr> = tested.into_iter().collect();
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Column(column) => names.extend(column.column().map(|name| name.name)),
            _ => open.extend(expr.operands()),
        }
    }
    expr.operands().into_iter().for_each(|part| add_checked(part, names));
}

/// The arguments, and the variables that text with an argument in it is assigned to.
fn tainted(code: &Body, arguments: Vec<Name>) -> Vec<Name> {
    let mut names = arguments;
    // A few rounds follow text that is put together in several steps.
    for _ in 0..4 {
        let before = names.len();
        code.walk(|statement| {
            if let CodeStatementKind::Assign { target, value } = &statement.kind {
                let bad = code.expression(*value).and_then(|expr| raw(expr, &names)).is_some();
                if let ([name], true) = (&*target.parts, bad)
                    && !names.contains(&name.name)
                {
                    names.push(name.name);
                }
            }
        });
        if names.len() == before {
            break;
        }
    }
    names
}

/// The first part of a text that is joined in as it is.
fn raw<'e>(expr: &'e Expr, names: &[Name]) -> Option<&'e Expr> {
    match &expr.kind {
        ExprKind::Column(column) => {
            let name = column.column()?;
            (column.qualifier().is_none() && names.contains(&name.name)).then_some(expr)
        }
        ExprKind::Operator(it) if it.operator.name.as_str() == "||" => {
            it.left.as_ref().and_then(|left| raw(left, names)).or_else(|| raw(&it.right, names))
        }
        ExprKind::Cast(cast) => match cast.ty.name().as_str() {
            "text" | "varchar" | "bpchar" | "name" => raw(&cast.expr, names),
            // What is an integer, a uuid or a regclass is no code.
            _ => None,
        },
        ExprKind::Coalesce(parts) => parts.iter().find_map(|part| raw(part, names)),
        ExprKind::Call(call) => in_call(call, names),
        _ => None,
    }
}

fn in_call<'e>(call: &'e Call, names: &[Name]) -> Option<&'e Expr> {
    let arguments = || call.args.iter().map(|argument| &argument.value);
    match call.function.name.as_str() {
        "format" => {
            let mut arguments = arguments();
            let template = arguments.next()?;
            let ExprKind::String(template) = &template.kind else { return raw(template, names) };
            let kinds = directives(template)?;
            arguments.zip(kinds).filter(|(_, kind)| *kind == 's').find_map(|(argument, _)| raw(argument, names))
        }
        "concat" | "concat_ws" | "lower" | "upper" | "trim" | "btrim" | "replace" => {
            arguments().find_map(|argument| raw(argument, names))
        }
        _ => None,
    }
}

/// The letters of a format's directives in order; `None` where they name their arguments by number.
fn directives(template: &str) -> Option<Vec<char>> {
    let mut kinds = Vec::new();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        match chars.next()? {
            '%' => {}
            kind @ ('s' | 'I' | 'L') => kinds.push(kind),
            _ => return None,
        }
    }
    Some(kinds)
}
