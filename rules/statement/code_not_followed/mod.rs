//! Code that could not be followed to its end. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Statement(check), level: Some(Level::At(Severity::Info)));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Outcome::Unknown(why) = &context.executed.outcome else { return };
    let statement = &context.executed.statement;
    // Once a block: what code runs belongs to the statement that runs it.
    if context.executed.within.is_some() || !runs_code(&statement.kind) {
        return;
    }
    let start = statement.span.start;
    let word = context.sources.slice(statement.span).find(char::is_whitespace).unwrap_or(0) as u32;
    report
        .at(Span::new(statement.span.file, start, start + word), "what this code does is not known to its end")
        .label(why.to_string())
        .subject(why.to_string())
        .help("what it may make or drop is taken for unknown from here on; declare it in pglint.toml");
}

fn runs_code(statement: &StatementKind) -> bool {
    let is_query = matches!(statement, StatementKind::Select(_) | StatementKind::Insert(_) | StatementKind::Update(_));
    is_query || matches!(statement, StatementKind::Do(_) | StatementKind::Call(_) | StatementKind::Delete(_))
}
