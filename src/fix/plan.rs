//! Fixing by a new migration, in memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::is_possible;
use super::mend::{BROKEN, Change, Left, Mended, Scope, count_broken};
use crate::finding::{Finding, Fix, Safety};
use crate::lint::{Linted, Progress, lint};
use crate::migration::{Step, draft, one_line};
use crate::project::{Request, shown_from};
use crate::rule::Rule;

/// Drafts one new migration a project that mends what was found there, and looks whether it does. Nothing is written.
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
    let mut left = Left::default();
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for finding in linted.findings.iter().filter(|finding| scope.holds(finding)) {
        let Some(project) = linted.project_of(finding) else { continue };
        if can_be_edited(&linted, finding, scope) {
            left.in_files += 1;
            continue;
        }
        let by_migration = || finding.fixes.iter().filter(|fix| !fix.migration.is_empty());
        let Some(fix) = by_migration().find(|fix| scope.unsafe_too || fix.safety == Safety::Safe) else {
            left.need_review += usize::from(by_migration().next().is_some());
            continue;
        };
        let why = one_line(&format!("{}: {} ({})", finding.rule, finding.message, linted.sources.place(finding.span)));
        wanted.push(Wanted { finding, project, steps: steps_of(&why, fix), why });
    }
    let before = count_broken(&linted);
    for _ in 0..ROUNDS {
        let (next, planned) = plan(request, &linted, &wanted, name, now);
        let again = lint(&next, rules, &Progress::default());
        let refused = refused(&again, &planned.changes);
        let all = wanted.len();
        wanted.retain(|wanted| !refused.contains(&wanted.why));
        left.refused += all - wanted.len();
        if wanted.len() == all {
            let breaks = count_broken(&again) > before;
            return finish(planned, again, &wanted, left, breaks);
        }
    }
    let trouble = Some("the server would refuse the migration, so it is not written".to_owned());
    Mended { trouble, left, linted, ..Mended::default() }
}

/// Statements that the server would refuse are left out so many times.
const ROUNDS: usize = 5;

/// A finding that a new migration is to mend.
struct Wanted<'a> {
    finding: &'a Finding,
    project: usize,
    /// The first line above its first statement, by which that is found again.
    why: String,
    steps: Vec<Step>,
}

/// Whether edits of a file that is not applied mend it; asked only where it is known which are.
fn can_be_edited(linted: &Linted, finding: &Finding, scope: Scope<'_>) -> bool {
    let allowed = |fix: &&Fix| scope.unsafe_too || fix.safety == Safety::Safe;
    let knows = linted.project_of(finding).is_some_and(|project| linted.projects[project].knows_pending);
    knows && finding.fixes.iter().filter(allowed).any(|fix| is_possible(fix, &|file| linted.is_open(file)))
}

/// The statements of a fix; the first one says what for.
fn steps_of(why: &str, fix: &Fix) -> Vec<Step> {
    let comment = |at: usize| if at == 0 { vec![why.to_owned()] } else { Vec::new() };
    fix.migration.iter().enumerate().map(|(at, sql)| Step { sql: sql.clone(), comment: comment(at) }).collect()
}

/// The request with the drafted files over it, and those files.
fn plan(request: &Request, linted: &Linted, wanted: &[Wanted<'_>], name: &str, now: Timestamp) -> (Request, Mended) {
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

fn finish(planned: Mended, again: Linted, wanted: &[Wanted<'_>], mut left: Left, breaks: bool) -> Mended {
    if breaks {
        let trouble = Some("the server would refuse what comes after the migration, so it is not written".to_owned());
        return Mended { trouble, left, linted: again, ..Mended::default() };
    }
    let key = |finding: &Finding| (finding.rule, finding.subject.clone(), finding.message.clone());
    let still: FxHashSet<_> = again.findings.iter().map(key).collect();
    left.colliding = wanted.iter().filter(|wanted| still.contains(&key(wanted.finding))).count();
    Mended { fixed: wanted.len() - left.colliding, left, linted: again, ..planned }
}
