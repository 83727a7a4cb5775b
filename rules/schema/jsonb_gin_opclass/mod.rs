//! A GIN index on jsonb whose operator class does not fit what queries ask. The README beside this file is its manual
//! and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Schema(check), level: Some(Level::At(Severity::Info)));

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let (catalog, questions) = (context.catalog, &context.facts.jsonb);
    if questions.all.is_empty() {
        return;
    }
    for table in catalog.relations().filter(|table| context.is_ours(table.object)) {
        let gin = |index: &Found<'_, Index>| index.is.valid && index.is.access_method.as_str() == "gin";
        for index in catalog.indexes(table.id).filter(|index| gin(index) && !index.span().is_none()) {
            let [IndexColumn { key: Key::Column(column), operator_class, .. }] = index.is.keys.as_slice() else {
                continue;
            };
            match operator_class.map(|class| class.to_string()).as_deref() {
                Some("jsonb_path_ops") => no_keys(context, report, (&index, *column)),
                None | Some("jsonb_ops") => too_much(context, report, (&index, *column)),
                Some(_) => {}
            }
        }
    }
}

/// What is asked of a column, by whoever may mean it.
fn asked<'a>(context: &'a SchemaContext<'_>, table: ObjectId, column: Name) -> Vec<&'a JsonbQuestion> {
    let of_column = |it: &&JsonbQuestion| it.column == column && it.table.is_none_or(|asked| asked == table);
    context.facts.jsonb.all.iter().filter(of_column).collect()
}

fn is_key(question: &&&JsonbQuestion) -> bool {
    matches!(question.operator.as_str(), "?" | "?|" | "?&")
}

/// An index of paths, and a query that asks for keys.
fn no_keys(context: &SchemaContext<'_>, report: &mut Report, (index, number): (&Found<'_, Index>, i16)) {
    let (catalog, table) = (context.catalog, index.is.table);
    let column = catalog.column_name(table, number);
    let questions = asked(context, table, column);
    let sure = |it: &&&JsonbQuestion| is_key(it) && it.table.is_some();
    let Some(question) = questions.iter().find(sure) else { return };
    if catalog.indexes(table).any(|other| has_keys(other.is, number)) {
        return;
    }
    let message =
        format!("index {} cannot find the keys of {column} that {} asks for", index.name(), question.operator);
    let finding = report.at(index.span(), message);
    finding.label("jsonb_path_ops holds whole paths with their values");
    finding.also(question.span, "asked here").subject(catalog.qualified_name(index.id));
    let on = format!("on {} using gin ({});", catalog.sql_name(table), quote_identifier(&column));
    finding.help(format!("create index concurrently {on}"));
    let build = format!("create index concurrently {on}");
    finding.fix(Fix::safe("create an index that holds the keys too").migrate(build));
}

/// Whether it is an index of all rows that finds keys of the column.
fn has_keys(index: &Index, number: i16) -> bool {
    let of_column = |key: &IndexColumn| {
        let class = key.operator_class.map(|class| class.to_string());
        matches!(key.key, Key::Column(column) if column == number) && class.is_none_or(|class| class == "jsonb_ops")
    };
    index.access_method.as_str() == "gin" && index.predicate.is_none() && index.keys.iter().any(of_column)
}

/// An index of keys and values, and queries that ask for values within values alone.
fn too_much(context: &SchemaContext<'_>, report: &mut Report, (index, number): (&Found<'_, Index>, i16)) {
    let (catalog, table) = (context.catalog, index.is.table);
    let column = catalog.column_name(table, number);
    if !context.facts.jsonb.complete || catalog.column(table, number).is_none_or(|it| !is_jsonb(context, it)) {
        return;
    }
    let questions = asked(context, table, column);
    let contains = questions.iter().find(|it| it.operator.as_str() == "@>" && it.table.is_some());
    let Some(question) = contains.filter(|_| !questions.iter().any(|it| is_key(&it))) else { return };
    let finding =
        report.at(index.span(), format!("index {} holds keys of {column} that nobody asks for", index.name()));
    finding.label("the class jsonb_ops; for @> alone jsonb_path_ops is smaller and faster");
    finding.also(question.span, "asked here").subject(catalog.qualified_name(index.id));
    let on = format!("on {} using gin ({} jsonb_path_ops);", catalog.sql_name(table), quote_identifier(&column));
    let name = catalog.sql_name(index.id);
    finding.help(format!("create index concurrently {on} then drop index concurrently {name};"));
    let fix = Fix::needs_review("build the smaller index in its place");
    let build = format!("create index concurrently {on}");
    finding.fix(fix.migrate(build).migrate(format!("drop index concurrently {name};")));
}

fn is_jsonb(context: &SchemaContext<'_>, column: &Column) -> bool {
    column.ty.as_ref().is_some_and(|ty| context.catalog.type_name(ty) == "jsonb")
}
