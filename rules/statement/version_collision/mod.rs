//! Two files that the runner takes for one, or one that comes too late. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Statement(check));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let executed = context.executed;
    let Some(clash) = context.facts.clashes.get(&executed.file).filter(|_| executed.within.is_none()) else { return };
    // A file is told of once, at its first statement.
    let all = context.before.catalog().statements();
    let at = executed.id.0 as usize;
    if at >= 2 && all.get(at - 2).is_some_and(|it| it.file == executed.file) {
        return;
    }
    match clash {
        Clash::Same { other, version } => collides(context, report, *other, version),
        Clash::TooLate { applied, refused } => late(context, report, *applied, *refused),
    }
}

fn first_word(context: &StatementContext<'_>) -> Span {
    let span = context.executed.statement.span;
    let length = context.sources.slice(span).find(char::is_whitespace).map_or(span.end - span.start, |at| at as u32);
    Span::new(span.file, span.start, span.start + length)
}

fn start_of(context: &StatementContext<'_>, file: FileId) -> Span {
    let mut all = context.before.catalog().statements().iter();
    all.find(|it| it.file == file).map_or(Span::NONE, |it| {
        let span = it.statement.span;
        Span::new(span.file, span.start, span.start)
    })
}

fn collides(context: &StatementContext<'_>, report: &mut Report, twin: FileId, own: &str) {
    let other = &context.sources.file(twin).name;
    let finding = report.at(first_word(context), format!("another migration has version {own} already"));
    finding.subject(own).label("the runner keeps one row for a version: the second file fails or is never run");
    finding.also(start_of(context, twin), "has the same version");
    finding.help(format!("rename this file, or {other}: what no server has run yet"));
}

fn late(context: &StatementContext<'_>, report: &mut Report, applied: FileId, refused: bool) {
    let message = match refused {
        true => "the runner refuses this file: a later version is applied already",
        false => "this file is never run: a later version is applied already",
    };
    let finding = report.at(first_word(context), message);
    finding.subject("too late").label("its version comes before one that is applied");
    finding.also(start_of(context, applied), "applied already");
    finding.help("give it a version after that of the last applied migration");
}
