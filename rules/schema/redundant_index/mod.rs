//! An index that is the beginning of another. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    level: Some(Level::At(Severity::Info)),
    aliases: &["squawk/redundant-index", "pg-migration-lint/PGM503"],
);

/// What an index answers: its columns as the server prints them, and what it leaves out.
struct Shape<'a> {
    index: Found<'a, Index>,
    columns: Vec<(String, Option<Name>, Option<Name>, bool, bool)>,
    predicate: Option<String>,
}

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let deparser = context.deparser();
    let catalog = context.catalog;
    for table in catalog.relations().filter(|table| context.is_ours(table.object)) {
        let btrees =
            catalog.indexes(table.id).filter(|index| index.is.valid && index.is.access_method.as_str() == "btree");
        let shapes: Vec<Shape<'_>> = btrees.filter_map(|index| shape(&deparser, index)).collect();
        for shape in &shapes {
            // What holds rows against each other is there for more than to be read.
            if shape.index.is.unique || shape.index.is.constraint.is_some() || shape.index.span().is_none() {
                continue;
            }
            if let Some(wider) = shapes.iter().find(|other| covers(other, shape)) {
                tell(context, report, &table, (&shape.index, &wider.index));
            }
        }
    }
}

fn shape<'a>(deparser: &Deparser<'_>, index: Found<'a, Index>) -> Option<Shape<'a>> {
    let column = |(at, key): (usize, &IndexColumn)| {
        let text = deparser.index_column(index.id, at)?;
        Some((text, key.operator_class, key.collation, key.descending, key.nulls_first))
    };
    let columns = index.is.keys.iter().enumerate().map(column).collect::<Option<Vec<_>>>()?;
    let predicate = match &index.is.predicate {
        Some(_) => Some(deparser.index_predicate(index.id)?),
        None => None,
    };
    Some(Shape { index, columns, predicate })
}

/// Whether `wider` answers all that `narrow` does: it starts with the same columns and goes on, or is unique besides.
fn covers(wider: &Shape<'_>, narrow: &Shape<'_>) -> bool {
    (wider.columns.len() > narrow.columns.len() || wider.index.is.unique)
        && wider.columns.starts_with(&narrow.columns)
        && wider.predicate == narrow.predicate
        && narrow.index.is.include.iter().all(|column| wider.index.is.include.contains(column))
}

fn tell(
    context: &SchemaContext<'_>,
    report: &mut Report,
    table: &Found<'_, Relation>,
    (narrow, wider): (&Found<'_, Index>, &Found<'_, Index>),
) {
    let catalog = context.catalog;
    let drop = format!("drop index if exists {};", catalog.sql_name(narrow.id));
    let same = wider.is.keys.len() == narrow.is.keys.len();
    let (is, also, help) = match same {
        true => ("has the columns of", "the same columns, and unique", "keep the unique one"),
        false => {
            ("is the beginning of", "starts with the same columns", "where the wider one is not much larger, keep that")
        }
    };
    let finding = report.at(narrow.span(), format!("index {} {is} {}", narrow.name(), wider.name()));
    finding.label(format!("each write to {} pays for both", catalog.short_name(table.id)));
    finding.also(wider.span(), also);
    finding.help(format!("{help}: {drop}"));
    finding.subject(format!("{} {}", catalog.qualified_name(table.id), narrow.name()));
    finding.fix(Fix::needs_review(format!("drop {}", narrow.name())).migrate(drop));
}
