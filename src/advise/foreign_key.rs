//! Foreign keys whose checks read a table: deleting or updating a row looks for rows that reference it.

use crate::capture::Plan;
use crate::catalog::{CatalogAt, ConstraintKind, ForeignKey, ObjectId};
use crate::syntax::Name;
use crate::syntax::quote::quote_identifier;

use super::access::{Access, Figures};
use super::condition::{Condition, Key, Test};
use super::table::{Knowledge, Table};

/// ms that a trigger must take to be worth a word.
const LEAST_TIME: f64 = 1.0;

/// The accesses that a plan's foreign key triggers made.
pub fn checks<'a>(plan: &Plan, knowledge: Knowledge<'a>) -> Vec<Access<'a>> {
    let Some(catalog) = knowledge.catalog else { return Vec::new() };
    let costly = plan.triggers.iter().filter(|trigger| trigger.time.is_none_or(|time| time >= LEAST_TIME));
    let mut all = Vec::new();
    for trigger in costly {
        let Some(constraint) = trigger.constraint_name.as_deref() else { continue };
        let Some((table, key)) = foreign_key(catalog, constraint, trigger.relation.as_deref()) else { continue };
        let time = trigger.time.unwrap_or(LEAST_TIME);
        let mut access = check(knowledge, table, key, constraint);
        access.span = trigger.span.unwrap_or(plan.root().type_span());
        let calls = trigger.calls.max(1.0);
        // Each check read the whole table: its size follows from the time.
        let rows = access.table.rows().unwrap_or((time / calls / 0.0002).max(1000.0));
        access.figures = figures(rows, access.figures, time);
        all.push(access);
    }
    all
}

fn figures(rows: f64, known: Figures, time: f64) -> Figures {
    let pages = (rows / 60.0).max(1.0);
    Figures { rows, pages, blocks: pages, time: Some(time), analyzed: true, ..known }
}

/// The access of the check of a foreign key, of which nothing was measured.
pub fn check<'a>(knowledge: Knowledge<'a>, table: ObjectId, key: &ForeignKey, constraint: &str) -> Access<'a> {
    let table = Table::of(knowledge, table);
    let column = |number: &i16| table.columns().find(|column| column.number == *number);
    let conditions = key.columns.iter().filter_map(column).map(|column| {
        let sql = quote_identifier(&column.name).into_owned();
        let name = column.name.to_string();
        let key = Key { sql, column: Some(name.clone()), columns: vec![name] };
        Condition { key, test: Test::Equal, values: Vec::new(), joined: None }
    });
    let conditions = conditions.collect();
    let rows = table.rows().unwrap_or(100_000.0);
    let pages = table.pages().unwrap_or((rows / 60.0).ceil()).max(1.0);
    let figures = Figures {
        rows,
        counted: false,
        pages,
        kept: None,
        blocks: pages,
        time: None,
        runs: 1.0,
        sorted: 0.0,
        analyzed: false,
    };
    Access {
        span: table.span().unwrap_or(crate::source::Span::NONE),
        table,
        conditions,
        searched: None,
        policy: Vec::new(),
        any: Vec::new(),
        obstacles: Vec::new(),
        joins: Vec::new(),
        order: None,
        needed: None,
        figures,
        index: None,
        foreign_key: Some(constraint.to_owned()),
    }
}

/// The foreign key of this name; `relation` is one of its two tables.
fn foreign_key<'a>(
    catalog: CatalogAt<'a>,
    constraint: &str,
    relation: Option<&str>,
) -> Option<(ObjectId, &'a ForeignKey)> {
    let name = Name::from(constraint);
    let named = catalog.of_kind(crate::catalog::Tag::Constraint).filter(|(_, object)| object.name == name);
    let mut found = named.filter_map(|(_, object)| {
        let constraint = object.as_constraint()?;
        let ConstraintKind::ForeignKey(key) = &constraint.kind else { return None };
        Some((constraint.of, key))
    });
    let is = |id: ObjectId| catalog.get(id).is_some_and(|object| Some(object.name.as_str()) == relation);
    // The check of the referencing table's own rows goes by the other's primary key.
    found.find(|(_, key)| relation.is_none() || is(key.references))
}
