//! A change of type that old values may not fit into. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(DataLoss, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AlterColumnType { column, using, .. } = &action.written.kind else { continue };
        let ty = |catalog: CatalogAt<'_>| catalog.relation(action.table)?.is.column(column.name)?.ty.clone();
        let (Some(from), Some(to)) = (ty(context.before), ty(context.after)) else { continue };
        let name = |ty: &TypeRef| context.before.get(ty.id).filter(|_| !ty.array).map(|it| it.name.as_str());
        let (Some(old), Some(new)) = (name(&from), name(&to)) else { continue };
        let Some(harm) = harm((old, &from.modifiers), (new, &to.modifiers), using.is_some()) else { continue };
        let Some((from, to)) = context.types(action.table, column.name) else { continue };
        let table = context.name(action.table);
        let message = match harm {
            Harm::Fails => format!("a value of {table}.{} that does not fit into {to} makes this fail", column.name),
            Harm::Cuts => format!("values of {table}.{} are cut to what fits into {to}", column.name),
        };
        let finding = report.at(action.written.span, message);
        finding.subject(format!("{table}.{}", column.name)).label(format!("{from} holds more than {to}"));
        finding.help(
            "look for such values on the real database first; a CHECK that is validated beforehand keeps new ones out",
        );
    }
}

/// What becomes of a value that does not fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Harm {
    Fails,
    Cuts,
}

/// Types that hold whole or fractional numbers, narrowest first.
const INTEGERS: &[&str] = &["int2", "int4", "int8"];
const FRACTIONS: &[&str] = &["numeric", "float8", "float4", "money"];

fn harm(old: (&str, &[i32]), new: (&str, &[i32]), using: bool) -> Option<Harm> {
    let integer = |name: &str| INTEGERS.iter().position(|&it| it == name);
    let text = |name: &str| matches!(name, "text" | "varchar" | "bpchar");
    match (old.0, new.0) {
        (a, b) if text(a) && matches!(b, "varchar" | "bpchar") && !new.1.is_empty() => {
            let longer = a == "text" || old.1.is_empty() || old.1[0] > new.1[0];
            longer.then_some(if using { Harm::Cuts } else { Harm::Fails })
        }
        ("numeric", "numeric") => numeric(old.1, new.1),
        (a, b) if integer(a).is_some() && integer(b).is_some() => (integer(a) > integer(b)).then_some(Harm::Fails),
        (a, b) if FRACTIONS.contains(&a) && integer(b).is_some() => Some(Harm::Cuts),
        ("float8", "float4") => Some(Harm::Cuts),
        ("timestamp" | "timestamptz", "date" | "time" | "timetz") => Some(Harm::Cuts),
        (a, b) if a == b && matches!(a, "timestamp" | "timestamptz" | "time" | "timetz") => {
            let digits = |modifiers: &[i32]| modifiers.first().copied().unwrap_or(6);
            (digits(old.1) > digits(new.1)).then_some(Harm::Cuts)
        }
        _ => None,
    }
}

/// Fewer digits behind the point are rounded away, fewer before it are refused.
fn numeric(old: &[i32], new: &[i32]) -> Option<Harm> {
    let parts = |modifiers: &[i32]| Some((*modifiers.first()?, modifiers.get(1).copied().unwrap_or(0)));
    let (precision, scale) = parts(new)?;
    match parts(old) {
        None => Some(Harm::Cuts),
        Some((_, old_scale)) if old_scale > scale => Some(Harm::Cuts),
        Some((old_precision, old_scale)) => (old_precision - old_scale > precision - scale).then_some(Harm::Fails),
    }
}
