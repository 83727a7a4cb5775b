//! What Supabase's advisor would print about the same projects.

use rayon::prelude::*;

use super::check::rule_facts;
use super::guard::guarded;
use crate::advisor::{Advice, Lint};
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::{Project, Workspace};
use crate::rule::{Rule, SchemaContext};
use crate::source::Span;

/// The advisor's rows for all projects, by lint and cache key; and the lints that failed.
///
/// Levels and directives are ours: the advisor knows neither.
pub fn advice(workspace: &Workspace, catalogs: &[Catalog], rules: &[&Rule]) -> (Vec<Advice>, Vec<Finding>) {
    let lints: Vec<&'static Lint> = rules.iter().filter_map(|rule| rule.advisor).collect();
    let replayed = workspace.projects.iter().zip(catalogs);
    let runs: Vec<_> = replayed.flat_map(|of| lints.iter().map(move |lint| (of, *lint))).collect();
    let told: Vec<_> = runs.into_par_iter().map(|(of, lint)| one(workspace, of, lint)).collect();
    let (mut advice, mut failures) = (Vec::new(), Vec::new());
    for rows in told {
        match rows {
            Ok(rows) => advice.extend(rows),
            Err(failure) => failures.push(failure),
        }
    }
    advice.sort_by(|a, b| (a.lint.number, &a.entry.cache_key).cmp(&(b.lint.number, &b.entry.cache_key)));
    (advice, failures)
}

fn one(
    workspace: &Workspace,
    (project, catalog): (&Project, &Catalog),
    lint: &'static Lint,
) -> Result<Vec<Advice>, Finding> {
    let place = project.migrations.first().map_or(Span::NONE, |first| Span::new(first.file, 0, 0));
    let facts = rule_facts(workspace, project);
    let context = SchemaContext { sources: &workspace.sources, catalog: catalog.end(), facts: &facts };
    guarded(format_args!("the advisor's lint {}", lint.name), place, || {
        let mut entries = Vec::new();
        (lint.entries)(&context, &mut entries);
        entries.into_iter().map(|entry| Advice { lint, entry }).collect()
    })
}
