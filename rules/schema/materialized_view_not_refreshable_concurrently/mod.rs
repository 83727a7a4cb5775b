//! A materialized view that cannot be read while it is refreshed. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Schema(check),
    level: Some(Level::At(Severity::Info)),
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    let views = catalog.relations().filter(|view| view.is.class == RelationClass::MaterializedView);
    for view in views.filter(|view| context.is_ours(view.object)) {
        if catalog.indexes(view.id).any(|index| serves(index.is)) {
            continue;
        }
        let name = catalog.qualified_name(view.id);
        report
            .at(view.span(), format!("{name} cannot be refreshed while it is read"))
            .label("no unique index on plain columns, so that CONCURRENTLY is refused")
            .help(format!("add one on the columns that tell its rows apart: create unique index on {name} (…)"))
            .subject(name);
    }
}

/// What REFRESH … CONCURRENTLY needs: unique, of columns alone, over all rows.
fn serves(index: &Index) -> bool {
    let plain = index.keys.iter().all(|key| matches!(key.key, Key::Column(_)));
    index.unique && index.valid && index.predicate.is_none() && plain
}
