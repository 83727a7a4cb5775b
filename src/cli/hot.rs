//! The statements that take the time, each with its plan, what is wrong with it, and what would mend it.

use std::fmt::Write as _;

use pglint::advise::{Advice, Question};
use pglint::capture::figures::{percent, plural, shorten, time};
use pglint::lint::{Linted, Loaded};
use pglint::stats::{Known, Statement};

/// How many are shown.
const SHOWN: usize = 10;
/// Characters of a statement that are shown.
const WIDTH: usize = 100;

/// Plans by their time, statements by the time of all their calls.
pub fn paths(loaded: &Loaded, advice: &Advice, linted: &Linted) -> String {
    let mut text = String::new();
    let questions = loaded.questions();
    let mut plans: Vec<(f64, usize)> =
        questions.iter().enumerate().filter_map(|(at, question)| Some((question.plan?.total_time()?, at))).collect();
    plans.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let known = Known::of(&loaded.statistics);
    let shown: Vec<usize> = by_total(&known.all).into_iter().take(SHOWN).collect();
    for (ms, at) in plans.into_iter().take(SHOWN) {
        let _ = writeln!(text, "{:>10}  {}", time(ms), questions[at].name);
        // Those of a statement that is shown are told of below it.
        if !questions[at].known.is_some_and(|place| shown.contains(&place)) {
            text.push_str(&about(loaded, advice, linted, (at, &questions[at])));
        }
    }
    let total: f64 = known.all.iter().map(|statement| statement.total).sum();
    for place in shown {
        let statement = &known.all[place];
        let share = percent(statement.total / total.max(1.0));
        let _ = writeln!(
            text,
            "{:>10}  {share:>5}  {} of {}  {}",
            time(statement.total),
            plural(statement.calls, "call"),
            time(statement.mean),
            one_line(statement.query)
        );
        for question in questions.iter().enumerate().filter(|(_, question)| question.known == Some(place)) {
            text.push_str(&about(loaded, advice, linted, question));
        }
    }
    if text.is_empty() {
        text.push_str("no plan with times, and no pg_stat_statements\n");
    }
    text
}

fn by_total(all: &[Statement<'_>]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by(|&a, &b| all[b].total.total_cmp(&all[a].total).then(a.cmp(&b)));
    places
}

fn one_line(query: &str) -> String {
    shorten(&query.split_whitespace().collect::<Vec<_>>().join(" "), WIDTH)
}

/// The plan of a question, the rules that found something in it, and the indexes that serve it or why there is none.
fn about(loaded: &Loaded, advice: &Advice, linted: &Linted, (at, question): (usize, &Question<'_>)) -> String {
    let mut text = String::new();
    let mut line = |what: &str, words: &str| {
        let _ = writeln!(text, "{:>10}  {what:<6} {words}", "");
    };
    if let Some(plan) = question.plan {
        let path = &loaded.sources.file(plan.file).path;
        let several = loaded.plans.iter().filter(|other| other.file == plan.file).count() > 1;
        let here = linted.findings.iter().filter(|finding| {
            !several && !finding.span.is_none() && linted.sources.file(finding.span.file).path == *path
        });
        let mut rules: Vec<&str> = here.map(|finding| finding.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        line("plan", &loaded.sources.place(plan.span));
        if !rules.is_empty() {
            line("found", &rules.join(", "));
        }
    }
    for index in advice.indexes.iter().filter(|index| index.serves.contains(&at)) {
        line("index", &index.sql);
    }
    for why in advice.queries.get(at).iter().flat_map(|query| &query.reasons) {
        line("none", &format!("for {}: {}", why.table, why.reason));
    }
    text
}

/// The statements of both captures, what they took before and what they have taken since.
pub fn before_and_after(before: &Loaded, after: &Loaded) -> String {
    let (one, two) = (Known::of(&before.statistics), Known::of(&after.statistics));
    let again = by_total(&one.all).into_iter().filter_map(|place| {
        let old = &one.all[place];
        let identifier = old.row.get("queryid").and_then(|id| id.trim().parse().ok());
        Some((old, &two.all[two.find(identifier, Some(old.query))?]))
    });
    let mut text = String::new();
    for (old, new) in again.take(SHOWN) {
        // The counters go on where nobody reset them: what is new is the difference.
        let goes_on = new.calls >= old.calls && new.total >= old.total;
        let (calls, spent) = match goes_on {
            true => (new.calls - old.calls, new.total - old.total),
            false => (new.calls, new.total),
        };
        let now = if calls > 0.0 { time(spent / calls) } else { "not run".to_owned() };
        let _ =
            writeln!(text, "{:>10} -> {now:<10}  {}  {}", time(old.mean), plural(calls, "call"), one_line(old.query));
    }
    if !text.is_empty() {
        text.insert_str(0, "Statements, ms on average before and since:\n");
        text.push('\n');
    }
    text
}
