//! `pglint fix`.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use pglint::config::{rule_hint, rule_named};
use pglint::fix::{self, Change, Left, Mended, Scope, plan_migration};
use pglint::report::plural;
use pglint::rule::Rule;
use pglint::rules;
use similar::TextDiff;

use super::args::FixArguments;
use super::lint::{request, with_progress};
use super::{Status, colour, output};

pub fn run(arguments: &FixArguments) -> io::Result<Status> {
    let rules = rules::all();
    let only = only(arguments, &rules)?;
    let request = request(&arguments.selection)?;
    let scope = Scope { unsafe_too: arguments.unsafe_too, only: &only };
    let mended = with_progress(arguments.quiet, |progress| match arguments.new_migration {
        true => plan_migration(&request, &rules, scope, &arguments.name, Timestamp::now(), progress),
        false => fix::mend(&request, &rules, scope, progress),
    });
    if arguments.diff {
        show(&mended.changes, colour::on_stdout(arguments.color))?;
    } else {
        fix::write(&mended.changes)?;
    }
    tell(arguments, &mended);
    let would_change = arguments.diff && !mended.changes.is_empty();
    Ok(match () {
        () if mended.linted.incomplete || mended.trouble.is_some() => Status::Failure,
        () if would_change => Status::Findings,
        () => Status::Clean,
    })
}

fn only(arguments: &FixArguments, rules: &[&Rule]) -> io::Result<Vec<&'static str>> {
    let named = arguments.rules.iter().map(|name| {
        let rule = rule_named(rules, name).map(|rule| rule.id);
        rule.ok_or_else(|| io::Error::other(format!("there is no rule {name}; {}", rule_hint(rules, name))))
    });
    named.collect()
}

/// The changes as one patch.
fn show(changes: &[Change], colour: bool) -> io::Result<()> {
    let mut out = Vec::new();
    for change in changes {
        let before = change.before.as_deref().unwrap_or("");
        let diff = TextDiff::from_lines(before, &*change.after);
        let old = if change.before.is_some() { format!("a/{}", change.name) } else { "/dev/null".to_owned() };
        let text = diff.unified_diff().header(&old, &format!("b/{}", change.name)).to_string();
        if colour { paint(&text, &mut out)? } else { out.write_all(text.as_bytes())? }
    }
    output::print(&out)
}

fn paint(text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    for line in text.split_inclusive('\n') {
        let style = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => Style::new().bold(),
            Some(b'-') => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Some(b'+') => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Some(b'@') => Style::new().fg_color(Some(AnsiColor::Cyan.into())),
            _ => Style::new(),
        };
        let body = line.trim_end_matches('\n');
        writeln!(out, "{style}{body}{style:#}")?;
    }
    Ok(())
}

/// What was done, what was not, and how to do that.
fn tell(arguments: &FixArguments, mended: &Mended) {
    if let Some(trouble) = &mended.trouble {
        output::say(&format!("pglint: {trouble}"));
    }
    if arguments.quiet {
        return;
    }
    let verb = if arguments.diff { "would fix" } else { "fixed" };
    let files = plural(mended.changes.len(), "file");
    match mended.fixed {
        0 => output::say("nothing to fix"),
        fixed => output::say(&format!("{verb} {} in {files}", plural(fixed, "finding"))),
    }
    if arguments.new_migration && !arguments.diff {
        mended.changes.iter().for_each(|change| output::say(&format!("  {}", change.name)));
    }
    mended.linted.notes.iter().for_each(|note| output::say(&format!("note: {note}")));
    mended.notes.iter().for_each(|note| output::say(&format!("note: {note}")));
    let Left { need_review, as_migration, in_files, refused, colliding } = mended.left;
    let left = [
        (need_review, "needs a look: --unsafe makes it", "need a look: --unsafe makes them"),
        (
            as_migration,
            "needs a new migration: --new-migration writes it",
            "need a new migration: --new-migration writes it",
        ),
        (in_files, "is in a file that can be edited: pglint fix", "are in files that can be edited: pglint fix"),
        (refused, "needs other means: its fix does not work there", "need other means: their fixes do not work there"),
        (colliding, "waits for another one to be applied first", "wait for others to be applied first"),
    ];
    for (count, one, many) in left.into_iter().filter(|(count, ..)| *count > 0) {
        output::say(&format!("{count} more {}", if count == 1 { one } else { many }));
    }
}
