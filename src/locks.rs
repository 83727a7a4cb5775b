//! What each statement of the migrations takes and does, as `pglint locks` shows it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::catalog::baseline::NEWEST;
use crate::catalog::{Catalog, CatalogAt, Executed, ObjectId, Outcome, Refusal, StatementId};
use crate::effects::{Effects, Proof, TransactionRule, effects};
use crate::lint::Linted;
use crate::project::Project;
use crate::source::{Sources, Span};
use crate::syntax::{LockMode, StatementKind};

/// A statement of a file, with all that the code in it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Where it is.
    pub span: Span,
    /// The strongest lock on each relation that was there before its transaction.
    pub locks: Vec<Lock>,
    /// Tables, materialized views and sequences that get a new file.
    pub rewrites: BTreeSet<String>,
    /// Existing indexes that are built anew.
    pub rebuilds_indexes: BTreeSet<String>,
    /// Indexes that are built from the rows.
    pub builds_indexes: BTreeSet<String>,
    /// Existing tables that are read in full.
    pub scans: BTreeSet<String>,
    /// Foreign keys whose rows are all checked, by name.
    pub validates: BTreeSet<String>,
    /// What existing constraints prove, in the server's words.
    pub proofs: BTreeSet<String>,
    /// Whether it may run in a transaction block; `None` where it is refused anyway.
    pub in_transaction: Option<bool>,
    /// The SQLSTATE with which the server refuses it.
    pub refused: Option<&'static str>,
    /// Statements of one transaction share the number.
    pub transaction: u32,
    /// It is the last of its transaction.
    pub ends_transaction: bool,
    /// What the transaction holds when it is done.
    pub held: Vec<Lock>,
}

/// A lock on a relation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lock {
    /// `schema.name`, as it was before the statement.
    pub relation: String,
    /// The mode.
    pub mode: LockMode,
}

/// The strongest mode of each relation.
type Locks = BTreeMap<ObjectId, LockMode>;

/// What the statements that were asked for take, in the order they run; those that the grammar refuses stand where they
/// are written.
pub fn taken(linted: &Linted) -> Vec<Taken> {
    let mut all = of_projects(linted);
    for finding in linted.findings.iter().filter(|finding| finding.rule == "syntax_error") {
        let place = |taken: &Taken| taken.span.file == finding.span.file && taken.span.start > finding.span.start;
        let at = all.iter().position(place).or_else(|| {
            let same = |taken: &Taken| taken.span.file == finding.span.file;
            all.iter().rposition(same).map(|last| last + 1)
        });
        let at = at.unwrap_or(all.len());
        let of_file = |project: &&Project| project.migrations.iter().any(|it| it.file == finding.span.file);
        let version = linted.projects.iter().find(of_file).map_or(NEWEST, |project| project.facts.server.version);
        let sqlstate = grammar_sqlstate(&finding.message, version);
        all.insert(at, Taken { refused: Some(sqlstate), ..unreadable(&linted.sources, finding.span) });
    }
    all
}

/// The SQLSTATE of what the grammar refuses. Some of it the grammar only knows to say that it cannot be done, and one
/// thing it says only since 17.
pub fn grammar_sqlstate(message: &str, version: u8) -> &'static str {
    const UNSUPPORTED: &[(&str, u8)] =
        &[("dropping an enum value is not implemented", 17), ("not yet implemented", 14), ("cannot be marked", 14)];
    let unsupported = UNSUPPORTED.iter().any(|(words, since)| message.contains(words) && version >= *since);
    if unsupported { "0A000" } else { "42601" }
}

/// The statement around a place where the grammar gave up.
fn unreadable(sources: &Sources, place: Span) -> Taken {
    let text = &sources.file(place.file).text;
    let start = text[..place.start as usize].rfind(';').map_or(0, |end| end + 1);
    let start = start + (text[start..].len() - text[start..].trim_start().len());
    let end = text[place.start as usize..].find(';').map_or(text.trim_end().len(), |end| place.start as usize + end);
    let span = Span::new(place.file, start.min(end) as u32, end as u32);
    Taken::of(span, 0)
}

fn of_projects(linted: &Linted) -> Vec<Taken> {
    let projects = linted.projects.iter().zip(&linted.catalogs);
    let of_project = projects.map(|(project, catalog)| {
        let asked = |executed: &&Executed| linted.files[executed.file.0 as usize].reported;
        of_catalog(catalog, project.facts.server.version, asked)
    });
    of_project.collect::<Vec<_>>().concat()
}

fn of_catalog(catalog: &Catalog, version: u8, asked: impl Fn(&&Executed) -> bool) -> Vec<Taken> {
    let statements: Vec<&Executed> = catalog.statements().iter().filter(asked).collect();
    let done: Vec<(&Executed, Effects)> =
        statements.into_par_iter().map(|executed| (executed, effects(catalog, executed, version))).collect();
    let mut taken: Vec<Taken> = Vec::new();
    let makes_role = |it: &Executed| matches!(it.statement.kind, StatementKind::CreateRole { .. });
    let makes_roles = catalog.statements().iter().any(makes_role);
    let mut held = Held::default();
    let mut rest = &done[..];
    while let Some((first, _)) = rest.first() {
        let own = rest.iter().skip(1).take_while(|(executed, _)| executed.within.is_some()).count() + 1;
        let (whole, left) = rest.split_at(own);
        if held.transaction != Some(first.transaction) {
            held =
                Held { transaction: Some(first.transaction), first: Some(first.id), locks: Locks::new(), makes_roles };
        }
        let mut one = one(catalog, whole, &mut held);
        one.ends_transaction = left.first().is_none_or(|(next, _)| next.transaction != first.transaction);
        taken.push(one);
        rest = left;
    }
    taken
}

/// What a transaction holds so far.
#[derive(Default)]
struct Held {
    transaction: Option<u32>,
    /// Its first statement: what came later is nobody else's.
    first: Option<StatementId>,
    locks: Locks,
    /// The project makes its roles, so that one it does not make is missing; else they are the cluster's business.
    makes_roles: bool,
}

/// Whether a refusal is about a role, of which a database need not know how it came to be.
fn is_of_cluster(refusal: &Refusal) -> bool {
    refusal.sqlstate == "42704" && refusal.message.starts_with("role \"")
}

/// A statement with those that its code runs.
fn one(catalog: &Catalog, whole: &[(&Executed, Effects)], held: &mut Held) -> Taken {
    let statement = whole[0].0;
    let start = catalog.before(held.first.unwrap_or(statement.id));
    let before = catalog.before(statement.id);
    let mut locks = Locks::new();
    let mut taken = Taken::of(statement.statement.span, statement.transaction);
    let mut rule = TransactionRule::Anywhere;
    for (executed, effects) in whole {
        if let Outcome::Refused(refusal) = &executed.outcome
            && (held.makes_roles || !is_of_cluster(refusal))
        {
            taken.refused = taken.refused.or(Some(refusal.sqlstate));
        }
        match effects.transaction {
            TransactionRule::Anywhere => {}
            TransactionRule::OutsideOnly => rule = TransactionRule::OutsideOnly,
            TransactionRule::InsideOnly if rule == TransactionRule::Anywhere => rule = TransactionRule::InsideOnly,
            TransactionRule::InsideOnly => {}
        }
        for (&relation, &mode) in &effects.locks {
            strengthen(&mut locks, relation, mode);
            if !executed.rolled_back && !matches!(executed.outcome, Outcome::Refused(_)) {
                strengthen(&mut held.locks, relation, mode);
            }
        }
        taken.add(before, catalog.after(executed.id), effects);
    }
    // What needs a block has it where the runner, or whoever sends the file, opens one.
    if rule == TransactionRule::InsideOnly && taken.refused == Some("25P01") {
        taken.refused = None;
    }
    let misplaced = matches!(taken.refused, Some("25001" | "2D000"));
    taken.in_transaction = match (rule == TransactionRule::OutsideOnly || misplaced, taken.refused) {
        (true, _) => Some(false),
        (false, None) => Some(true),
        (false, Some(_)) => None,
    };
    // What is only refused in its place takes these locks in another.
    if taken.refused.is_none() || misplaced {
        taken.locks = listed(start, before, &locks);
    }
    taken.held = listed(start, before, &held.locks);
    taken
}

fn strengthen(locks: &mut Locks, relation: ObjectId, mode: LockMode) {
    let held = locks.entry(relation).or_insert(mode);
    *held = (*held).max(mode);
}

/// Locks on what was there at `start`, by name. Which indexes the planner opens is its own choice.
fn listed(start: CatalogAt<'_>, before: CatalogAt<'_>, locks: &Locks) -> Vec<Lock> {
    let mut listed: Vec<Lock> = locks
        .iter()
        .filter_map(|(&id, &mode)| {
            let object = start.get(id)?;
            let planned = object.as_index().is_some() && mode == LockMode::AccessShare;
            let at = if before.get(id).is_some() { before } else { start };
            (!planned).then(|| Lock { relation: at.qualified_name(id), mode })
        })
        .collect();
    listed.sort_by(|a, b| a.relation.cmp(&b.relation));
    listed
}

impl Taken {
    fn of(span: Span, transaction: u32) -> Taken {
        Taken {
            span,
            locks: Vec::new(),
            rewrites: BTreeSet::new(),
            rebuilds_indexes: BTreeSet::new(),
            builds_indexes: BTreeSet::new(),
            scans: BTreeSet::new(),
            validates: BTreeSet::new(),
            proofs: BTreeSet::new(),
            in_transaction: None,
            refused: None,
            transaction,
            ends_transaction: false,
            held: Vec::new(),
        }
    }

    fn add(&mut self, before: CatalogAt<'_>, after: CatalogAt<'_>, effects: &Effects) {
        let existing = |ids: &[ObjectId]| -> Vec<String> {
            ids.iter().filter(|&&id| before.get(id).is_some()).map(|&id| before.qualified_name(id)).collect()
        };
        self.rewrites.extend(existing(&effects.rewrites));
        self.rebuilds_indexes.extend(existing(&effects.rebuilds_indexes));
        self.scans.extend(existing(&effects.scans));
        let at = |id: ObjectId| if after.get(id).is_some() { after } else { before };
        self.builds_indexes.extend(effects.builds_indexes.iter().map(|&id| at(id).qualified_name(id)));
        let name = |&id: &ObjectId| at(id).get(id).map(|object| object.name.to_string());
        self.validates.extend(effects.validates.iter().filter_map(name));
        self.proofs.extend(effects.proofs.iter().map(|&proof| sentence(after, proof)));
    }

    /// What it does besides taking locks, in words.
    pub fn work(&self) -> Vec<String> {
        let part = |word: &str, names: &BTreeSet<String>| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
        };
        let builds: BTreeSet<String> = self.builds_indexes.difference(&self.rebuilds_indexes).cloned().collect();
        let parts = [
            part("rewrites", &self.rewrites),
            part("rebuilds", &self.rebuilds_indexes),
            part("builds", &builds),
            part("reads all of", &self.scans),
            part("validates", &self.validates),
        ];
        let mut parts: Vec<String> = parts.into_iter().flatten().collect();
        if self.in_transaction == Some(false) && self.refused.is_none() {
            parts.push("outside of transactions only".to_owned());
        }
        parts.extend(self.refused.map(|sqlstate| format!("refused: {sqlstate}")));
        parts
    }
}

/// The server's words.
pub fn sentence(catalog: CatalogAt<'_>, proof: Proof) -> String {
    let table = |id| catalog.get(id).map(|object| object.name.to_string()).unwrap_or_default();
    match proof {
        Proof::NotNull(id, column) => format!(
            "existing constraints on column \"{}.{column}\" are sufficient to prove that it does not contain nulls",
            table(id)
        ),
        Proof::Partition(id) => {
            format!("partition constraint for table \"{}\" is implied by existing constraints", table(id))
        }
        Proof::DefaultPartition(id) => format!(
            "updated partition constraint for default partition \"{}\" is implied by existing constraints",
            table(id)
        ),
    }
}
