//! Fixing by a new migration, in memory.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::is_possible;
use super::mend::{BROKEN, Change, Key, Left, Mended, Scope, count_broken, key};
use crate::finding::{Finding, Fix};
use crate::lint::{Linted, Progress, lint};
use crate::migration::{Step, draft, moves_or_drops, one_line};
use crate::project::{Request, shown_from};
use crate::rule::Rule;

/// Drafts one new migration a project that mends what was found there, and looks whether it does: what only shows once
/// it is applied is mended by it too, and what stays all the same is left out. Nothing is written.
///
/// Where it is known which files are applied, what can be mended by editing the others is left to that.
pub fn plan_migration(
    request: &Request,
    rules: &[&Rule],
    scope: Scope<'_>,
    name: &str,
    now: Timestamp,
    progress: &Progress,
) -> Mended {
    let request = &Request { applied_too: true, ..request.clone() };
    let linted = lint(request, rules, progress);
    let before = count_broken(&linted);
    let mut left = left(&linted, scope);
    let mut wanted = leading(wanted(&linted, scope, &[]));
    let mut given_up: FxHashSet<Attempt> = FxHashSet::default();
    for round in 1..=ROUNDS {
        let (next, planned) = plan(request, &linted, &wanted, name, now);
        let again = lint(&next, rules, &Progress::default());
        let refused = refused(&again, &planned.changes);
        let new_files: Vec<&Path> = planned.changes.iter().map(|change| change.path.as_path()).collect();
        let shown = self::wanted(&again, scope, &new_files);
        let is_vain = |it: &Wanted| refused.contains(&it.why) || shown.iter().any(|shown| shown.attempt == it.attempt);
        let vain: Vec<Attempt> = wanted.iter().filter(|it| is_vain(it)).map(|it| it.attempt.clone()).collect();
        if !vain.is_empty() {
            given_up.extend(vain);
            wanted.retain(|it| !given_up.contains(&it.attempt));
            continue;
        }
        let more: Vec<Wanted> = shown.into_iter().filter(|it| !given_up.contains(&it.attempt)).collect();
        if more.is_empty() {
            left.refused = given_up.iter().map(|attempt| &attempt.finding).collect::<FxHashSet<_>>().len();
            return finish(planned, again, &wanted, left, before);
        }
        wanted.extend(more.into_iter().map(|it| it.in_round(round)));
    }
    let trouble = Some(format!("after {ROUNDS} rounds there is still something to mend, so nothing is written"));
    Mended { trouble, left, linted, ..Mended::default() }
}

/// So often the migration is drafted: with more that it shows, without what is in vain.
const ROUNDS: usize = 20;

/// A finding that a new migration is to mend.
struct Wanted {
    project: usize,
    /// The first line above its statement, by which that is found again.
    why: String,
    steps: Vec<Step>,
    attempt: Attempt,
}

/// A finding, and how it is to be mended.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Attempt {
    finding: Key,
    migration: Vec<String>,
}

impl Wanted {
    fn in_round(mut self, round: usize) -> Wanted {
        self.steps.iter_mut().for_each(|step| step.round = round);
        self
    }
}

/// The findings that a new migration may mend; those of `new_files` have no place yet.
fn wanted(linted: &Linted, scope: Scope<'_>, new_files: &[&Path]) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for finding in linted.findings.iter().filter(|finding| scope.holds(finding)) {
        let path = || linted.sources.file(finding.span.file).path.as_path();
        let is_new = !new_files.is_empty() && new_files.contains(&path());
        let Some(project) = linted.project_of(finding) else { continue };
        let fix = finding.fixes.iter().find(|fix| !fix.migration.is_empty() && scope.allows(fix));
        let Some(fix) = fix.filter(|_| is_new || !can_be_edited(linted, finding, scope)) else { continue };
        let place = if is_new { String::new() } else { format!(" ({})", linted.sources.place(finding.span)) };
        let why = one_line(&format!("{}: {}{place}", finding.rule, finding.message));
        let attempt = Attempt { finding: key(finding), migration: fix.migration.clone() };
        wanted.push(Wanted { project, steps: steps_of(&why, fix), why, attempt });
    }
    wanted
}

/// Those that come first: where some move or drop what others speak of, these alone, and the others as they are found
/// then. So each statement names things as they are called whenever the migration is run, also a second time.
fn leading(mut wanted: Vec<Wanted>) -> Vec<Wanted> {
    let leads = |it: &Wanted| it.steps.iter().any(|step| moves_or_drops(&step.sql));
    if wanted.iter().any(leads) {
        wanted.retain(leads);
    }
    wanted
}

/// What a new migration is not for, or not yet.
fn left(linted: &Linted, scope: Scope<'_>) -> Left {
    let mut left = Left::default();
    let ours = |finding: &&Finding| scope.holds(finding) && linted.project_of(finding).is_some();
    for finding in linted.findings.iter().filter(ours) {
        let mut by_migration = finding.fixes.iter().filter(|fix| !fix.migration.is_empty()).peekable();
        if can_be_edited(linted, finding, scope) {
            left.in_files += 1;
        } else if by_migration.peek().is_some() && !by_migration.any(|fix| scope.allows(fix)) {
            left.need_review += 1;
        }
    }
    left
}

/// Whether edits of a file that is not applied mend it; asked only where it is known which are.
fn can_be_edited(linted: &Linted, finding: &Finding, scope: Scope<'_>) -> bool {
    let knows = linted.project_of(finding).is_some_and(|project| linted.projects[project].knows_pending);
    knows
        && finding
            .fixes
            .iter()
            .filter(|fix| scope.allows(fix))
            .any(|fix| is_possible(fix, &|file| linted.is_open(file)))
}

/// The statements of a fix; the one that mends says what for, and not the settings before it.
fn steps_of(why: &str, fix: &Fix) -> Vec<Step> {
    let is_setting = |sql: &&String| sql.starts_with("set ");
    let mends = fix.migration.iter().take_while(is_setting).count();
    let comment = |at: usize| if at == mends { vec![why.to_owned()] } else { Vec::new() };
    let step = |(at, sql): (usize, &String)| Step { sql: sql.clone(), comment: comment(at), round: 0 };
    fix.migration.iter().enumerate().map(step).collect()
}

/// The request with the drafted files over it, and those files.
fn plan(request: &Request, linted: &Linted, wanted: &[Wanted], name: &str, now: Timestamp) -> (Request, Mended) {
    let mut steps: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    for wanted in wanted {
        steps.entry(wanted.project).or_default().extend(wanted.steps.iter().cloned());
    }
    let mut next = request.clone();
    let mut planned = Mended::default();
    for (project, steps) in steps {
        let draft = draft(&linted.target(project), name, &steps, now);
        for file in draft.files {
            next.overlay.insert(file.path.clone(), file.text.clone());
            let name = shown_from(&request.base, &file.path);
            planned.changes.push(Change { path: file.path, name, before: file.replaces, after: file.text });
        }
        planned.notes.extend(draft.notes);
    }
    (next, planned)
}

/// The comments above statements of new files that are refused.
fn refused(again: &Linted, changes: &[Change]) -> FxHashSet<String> {
    let broken = again.findings.iter().filter(|finding| BROKEN.contains(&finding.rule) && !finding.span.is_none());
    let comments = broken.flat_map(|finding| {
        let file = again.sources.file(finding.span.file);
        let is_new = changes.iter().any(|change| change.path == file.path);
        let before = if is_new { &file.text[..finding.span.start as usize] } else { "" };
        let statement = before.lines().rev().skip_while(|line| !line.starts_with("-- "));
        statement.map_while(|line| line.strip_prefix("-- ")).map(str::to_owned).collect::<Vec<_>>()
    });
    comments.collect()
}

fn finish(planned: Mended, again: Linted, wanted: &[Wanted], left: Left, broken_before: usize) -> Mended {
    if count_broken(&again) > broken_before {
        let trouble = Some("the server would refuse what comes after the migration, so it is not written".to_owned());
        return Mended { trouble, left, linted: again, ..Mended::default() };
    }
    let fixed: FxHashSet<&Key> = wanted.iter().map(|wanted| &wanted.attempt.finding).collect();
    Mended { fixed: fixed.len(), left, linted: again, ..planned }
}
