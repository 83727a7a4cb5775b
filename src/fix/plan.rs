//! Fixing by a new migration, in memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::is_possible;
use super::mend::{Change, Left, Mended, Scope, count_broken};
use crate::finding::{Finding, Fix, Safety};
use crate::lint::{Linted, Progress, lint};
use crate::migration::{Draft, Step, draft};
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
    let mut steps: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    let mut wanted: Vec<&Finding> = Vec::new();
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
        steps.entry(project).or_default().extend(steps_of(&linted, finding, fix));
        wanted.push(finding);
    }
    let drafts: Vec<Draft> =
        steps.iter().map(|(&project, steps)| draft(&linted.target(project), name, steps, now)).collect();
    finish(request, rules, &linted, &wanted, drafts, left)
}

/// Whether edits of a file that is not applied mend it; asked only where it is known which are.
fn can_be_edited(linted: &Linted, finding: &Finding, scope: Scope<'_>) -> bool {
    let allowed = |fix: &&Fix| scope.unsafe_too || fix.safety == Safety::Safe;
    let knows = linted.project_of(finding).is_some_and(|project| linted.projects[project].knows_pending);
    knows && finding.fixes.iter().filter(allowed).any(|fix| is_possible(fix, &|file| linted.is_open(file)))
}

/// The statements of a fix; the first one says what for.
fn steps_of<'a>(linted: &'a Linted, finding: &'a Finding, fix: &'a Fix) -> impl Iterator<Item = Step> + 'a {
    let place = linted.sources.place(finding.span);
    let why = format!("{}: {} ({place})", finding.rule, finding.message);
    fix.migration.iter().enumerate().map(move |(at, sql)| {
        let comment = if at == 0 { vec![why.clone()] } else { Vec::new() };
        Step { sql: sql.clone(), comment }
    })
}

fn finish(
    request: &Request,
    rules: &[&Rule],
    linted: &Linted,
    wanted: &[&Finding],
    drafts: Vec<Draft>,
    mut left: Left,
) -> Mended {
    let mut next = request.clone();
    let mut mended = Mended {
        changes: Vec::new(),
        fixed: 0,
        left: Left::default(),
        notes: Vec::new(),
        linted: Linted::default(),
        trouble: None,
    };
    for draft in drafts {
        for file in draft.files {
            next.overlay.insert(file.path.clone(), file.text.clone());
            let name = shown_from(&request.base, &file.path);
            mended.changes.push(Change { path: file.path, name, before: file.replaces, after: file.text });
        }
        mended.notes.extend(draft.notes);
    }
    let again = lint(&next, rules, &Progress::default());
    if count_broken(&again) > count_broken(linted) {
        let refused = again.findings.iter().find(|finding| {
            ["syntax_error", "server_refuses"].contains(&finding.rule)
                && next.overlay.contains_key(&again.sources.file(finding.span.file).path)
        });
        let what = refused.map_or_else(String::new, |finding| format!(": {}", finding.message));
        mended.trouble = Some(format!("the migration would be refused, so it is not written{what}"));
        mended.changes.clear();
        mended.linted = again;
        return mended;
    }
    let key = |finding: &Finding| (finding.rule, finding.subject.clone(), finding.message.clone());
    let still: FxHashSet<_> = again.findings.iter().map(key).collect();
    left.colliding = wanted.iter().filter(|finding| still.contains(&key(finding))).count();
    mended.fixed = wanted.len() - left.colliding;
    mended.left = left;
    mended.linted = again;
    mended
}
