//! Triggers that take much of a statement's time. The README beside this file is its manual and its test.

use crate::rule::capture::Trigger;
use crate::rule::capture::figures::{percent, plural, time};
use crate::rule::{
    CatalogAt, Check, Constraint, Finding, ForeignKey, Found, PlanContext, Report, Rule, index_for_foreign_key, rule,
};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let Some(total) = context.plan.total_time() else { return };
    let all = context.plan.trigger_time();
    if all < context.settings.trigger_share * total || all < context.settings.min_time {
        return;
    }
    for trigger in &context.plan.triggers {
        let Some(own) = trigger.time.filter(|own| context.is_worth(Some(*own))) else { continue };
        let name = trigger.constraint_name.as_deref().unwrap_or(&trigger.name);
        let kind = if trigger.constraint_name.is_some() { "foreign key" } else { "trigger" };
        let message = format!("{kind} {name} takes {} in {}", time(own), plural(trigger.calls, "call"));
        let place = trigger.span.unwrap_or(context.plan.span);
        let finding = report.at(place, message);
        finding.label(format!("{} of {}", percent(own / total), time(total))).subject(name);
        match &trigger.constraint_name {
            Some(constraint) => foreign_key(context, finding, trigger, constraint),
            None => {
                finding.help(
                    "see what the function does for each row; a statement trigger with transition tables runs once",
                );
            }
        }
    }
}

fn foreign_key(context: &PlanContext<'_>, finding: &mut Finding, trigger: &Trigger, name: &str) {
    let Some((constraint, key)) = find(context.catalog, trigger, name) else {
        // The trigger of the referenced table (`_a_`) looks for referencing rows, the other for the referenced one.
        let help = match trigger.name.contains("ConstraintTrigger_c_") {
            true => "it looks up the referenced row for each changed one: change fewer rows at a time",
            false => "it looks for referencing rows: index the referencing columns of this constraint",
        };
        finding.help(help);
        return;
    };
    let (table, columns) = (constraint.is.of, &key.columns);
    let checks_own_rows = trigger.name.contains("ConstraintTrigger_c_");
    let indexed =
        context.catalog.indexes(table).any(|index| index.is.starts_with(columns) && index.is.predicate.is_none());
    if checks_own_rows || indexed {
        finding.also(constraint.span(), "the foreign key");
        finding.help("each row is checked by itself: change fewer rows at a time");
        return;
    }
    let names: Vec<String> = context.catalog.column_names(table, columns).iter().map(ToString::to_string).collect();
    let child = context.catalog.sql_name(table);
    finding.also(constraint.span(), format!("no index of {child} starts with {}", names.join(", ")));
    finding.help(index_for_foreign_key(context, &constraint, key));
}

/// The foreign key of this name that the trigger's table has or is referenced by.
fn find<'a>(catalog: CatalogAt<'a>, trigger: &Trigger, name: &str) -> Option<(Found<'a, Constraint>, &'a ForeignKey)> {
    let relation = trigger.relation.as_deref();
    let mut keys = catalog.tables().flat_map(|table| catalog.foreign_keys(table.id));
    keys.find(|(constraint, key)| {
        let tables = [constraint.is.of, key.references];
        let about = |table: &crate::rule::ObjectId| {
            relation.is_none_or(|relation| catalog.get(*table).is_some_and(|object| object.name.as_str() == relation))
        };
        constraint.name().as_str() == name && tables.iter().any(about)
    })
}
