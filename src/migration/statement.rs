//! The statements of a new migration: what each needs to be run twice, and together with the others.

use crate::catalog::replay::naming::{distinct_column_names, figure_column_name, first_free, join_names};
use crate::catalog::{CatalogAt, ObjectId, RelationClass};
use crate::source::FileId;
use crate::syntax::quote::quote_identifier;
use crate::syntax::token::{Token, Tokens};
use crate::syntax::{
    AlterPolicy, CreateIndex, DropBehavior, IndexElement, IndexKey, Name, ObjectKind, ObjectName, Origin, RelationRef,
    StatementKind, TableAction, TableActionKind, parse_statements,
};

use super::Step;
use super::cover::covering;

/// A statement with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// Lines above it, without dashes.
    pub comment: Vec<String>,
    /// One statement with its semicolon.
    pub sql: String,
    /// What undoes it, where that is known; empty where nothing is to be undone.
    pub undo: Option<String>,
    /// The server refuses it in a transaction.
    pub outside: bool,
    /// The index that it makes.
    index: Option<NewIndex>,
    /// It drops an index.
    drops_index: bool,
    kind: Option<StatementKind>,
    round: usize,
}

/// An index that a statement makes.
#[derive(Clone, Debug)]
struct NewIndex {
    create: CreateIndex,
    /// As text, quoted.
    name: String,
    /// Its schema with a dot; empty where none is written.
    schema: String,
}

/// Prepares steps in order: equal ones become one, an index that another one of them covers goes, and of two that set
/// the same thing differently the first stays. The second number is how many were left out for that.
pub(super) fn prepare(steps: &[Step], catalog: CatalogAt<'_>) -> (Vec<Prepared>, usize) {
    let mut prepared: Vec<Prepared> = Vec::with_capacity(steps.len());
    let mut by_text = rustc_hash::FxHashMap::default();
    let mut taken: Vec<Name> = Vec::new();
    let mut left_out = 0;
    for step in steps {
        let sql = terminated(&step.sql);
        if let Some(&at) = by_text.get(&sql) {
            let twin: &mut Prepared = &mut prepared[at];
            twin.comment
                .extend(step.comment.iter().filter(|line| !step_has(&twin.comment, line)).cloned().collect::<Vec<_>>());
            continue;
        }
        let mut one = prepare_one(sql.clone(), step, catalog, &mut taken);
        if let Some(at) = prepared.iter().position(|other| contradicts(other, &one)) {
            left_out += 1;
            if prepared[at].round == step.round {
                continue;
            }
            one.comment.splice(..0, std::mem::take(&mut prepared[at].comment));
            by_text.insert(sql, at);
            prepared[at] = one;
            continue;
        }
        by_text.insert(sql, prepared.len());
        prepared.push(one);
    }
    (without_covered(prepared), left_out)
}

fn step_has(comment: &[String], line: &String) -> bool {
    comment.contains(line)
}

fn terminated(sql: &str) -> String {
    format!("{};", sql.trim().trim_end_matches(';').trim_end())
}

/// The one statement of a text.
fn parsed(sql: &str) -> Option<StatementKind> {
    let statements = parse_statements(sql, &Origin::verbatim(FileId(0), 0)).ok()?;
    <[_; 1]>::try_from(statements).ok().map(|[statement]| statement.kind)
}

/// Whether after a statement other names hold, or what a statement beside it could be about is gone: it moves an object
/// to another schema, or drops a constraint.
pub(crate) fn moves_or_drops(sql: &str) -> bool {
    let drops = |action: &TableAction| matches!(action.kind, TableActionKind::DropConstraint { .. });
    match parsed(sql) {
        Some(StatementKind::SetSchema { .. }) => true,
        Some(StatementKind::AlterTable(alter)) => alter.actions.iter().any(drops),
        _ => false,
    }
}

fn prepare_one(sql: String, step: &Step, catalog: CatalogAt<'_>, taken: &mut Vec<Name>) -> Prepared {
    let kind = parsed(&sql);
    let (comment, round) = (step.comment.clone(), step.round);
    let mut prepared =
        Prepared { comment, sql, undo: None, outside: false, index: None, drops_index: false, kind, round };
    match prepared.kind.clone() {
        Some(StatementKind::CreateIndex(create)) => name_index(&mut prepared, *create, catalog, taken),
        Some(StatementKind::Drop(drop)) if drop.kind == ObjectKind::Index => {
            prepared.outside = drop.concurrently.is_some();
            // Several cannot be dropped together concurrently, nor with what depends on them.
            prepared.drops_index = drop.objects.len() == 1 && drop.behavior != DropBehavior::Cascade;
            if !drop.if_exists {
                prepared.sql = with_if_exists(&prepared.sql, drop.concurrently.is_some());
            }
        }
        Some(StatementKind::AlterTable(alter)) => {
            let enables = matches!(&alter.actions[..], [action] if action.kind == TableActionKind::EnableRowSecurity);
            prepared.undo = enables.then(|| with_word(&prepared.sql, "enable", "disable"));
            let drops = |action: &TableAction| match &action.kind {
                TableActionKind::DropConstraint { name, if_exists: false, .. } => Some(name.span.start as usize),
                _ => None,
            };
            for at in alter.actions.iter().rev().filter_map(drops) {
                prepared.sql.insert_str(at, "if exists ");
            }
        }
        _ => {}
    }
    prepared
}

/// The first such word replaced.
fn with_word(sql: &str, word: &str, by: &str) -> String {
    let found = Tokens::of(sql).tokens.into_iter().find(|token| token.is_word(sql, word));
    found.map_or_else(|| sql.to_owned(), |at| format!("{}{by}{}", &sql[..at.start as usize], &sql[at.end as usize..]))
}

/// Gives an index the name that the server would give it, so that a second run finds it there.
fn name_index(prepared: &mut Prepared, create: CreateIndex, catalog: CatalogAt<'_>, taken: &mut Vec<Name>) {
    prepared.outside = create.concurrently.is_some();
    let name = match create.name {
        Some(name) => name.name,
        None => free_name(&create, catalog, taken),
    };
    taken.push(name);
    let name = quote_identifier(&name).into_owned();
    let tokens = Tokens::of(&prepared.sql).tokens;
    let word = |word: &str| tokens.iter().find(|token| token.is_word(&prepared.sql, word)).copied();
    let (Some(index), Some(on)) = (word("index"), word("on")) else { return };
    let head = &prepared.sql[..index.end as usize];
    let tail = &prepared.sql[on.start as usize..];
    // A concurrent build that fails leaves an invalid index of that name, which IF NOT EXISTS would take for done.
    let words = if prepared.outside { " concurrently" } else { " if not exists" };
    prepared.sql = format!("{head}{words} {name} {tail}");
    let schema =
        create.relation.name.schema.map_or_else(String::new, |schema| format!("{}.", quote_identifier(&schema.name)));
    let words = if prepared.outside { " concurrently" } else { "" };
    prepared.undo = Some(format!("drop index{words} if exists {schema}{name};"));
    prepared.index = Some(NewIndex { create, name, schema });
}

fn free_name(create: &CreateIndex, catalog: CatalogAt<'_>, taken: &[Name]) -> Name {
    let names: Vec<Name> = create.elements.iter().chain(&create.include).map(column_name).collect();
    let joined = join_names(&distinct_column_names(&names));
    let schema = schema_of(&create.relation, catalog);
    let is_free =
        |name: Name| !taken.contains(&name) && schema.is_none_or(|schema| catalog.relation_in(schema, name).is_none());
    first_free(&create.relation.name.name.name, Some(&joined), "idx", is_free)
}

fn column_name(element: &IndexElement) -> Name {
    match &element.key {
        IndexKey::Column(column) => column.name,
        IndexKey::Expr(expr) => figure_column_name(expr).unwrap_or_else(|| Name::from("expr")),
    }
}

fn schema_of(relation: &RelationRef, catalog: CatalogAt<'_>) -> Option<ObjectId> {
    let name = relation.name.schema.as_ref().map_or_else(|| Name::from("public"), |schema| schema.name);
    catalog.schema(name)
}

/// `drop index a` made to pass where there is none.
fn with_if_exists(sql: &str, concurrently: bool) -> String {
    let tokens = Tokens::of(sql).tokens;
    let word = if concurrently { "concurrently" } else { "index" };
    let found: Option<&Token> = tokens.iter().find(|token| token.is_word(sql, word));
    let Some(at) = found.map(|token| token.end as usize) else { return sql.to_owned() };
    format!("{} if exists{}", &sql[..at], &sql[at..])
}

/// Whether two statements set the same thing differently, so that the second would undo the first.
fn contradicts(one: &Prepared, other: &Prepared) -> bool {
    let (Some(StatementKind::AlterPolicy(a)), Some(StatementKind::AlterPolicy(b))) = (&one.kind, &other.kind) else {
        return false;
    };
    let sets = |policy: &AlterPolicy| [policy.roles.is_some(), policy.using.is_some(), policy.check.is_some()];
    let same = a.name.name == b.name.name && same_relation(&a.relation, &b.relation);
    same && sets(a).iter().zip(sets(b)).any(|(one, other)| *one && other)
}

fn same_relation(a: &RelationRef, b: &RelationRef) -> bool {
    let schema = |relation: &RelationRef| relation.name.schema.map(|schema| schema.name);
    a.name.name.name == b.name.name.name && schema(a) == schema(b)
}

/// Leaves out each index whose columns another one starts with; its reasons go to that one.
fn without_covered(mut prepared: Vec<Prepared>) -> Vec<Prepared> {
    let made: Vec<Option<&CreateIndex>> =
        prepared.iter().map(|one| one.index.as_ref().map(|index| &index.create)).collect();
    let covering = covering(&made);
    for (at, other) in covering.iter().enumerate() {
        if let Some(other) = *other {
            let reasons = std::mem::take(&mut prepared[at].comment);
            prepared[other].comment.extend(reasons);
        }
    }
    let kept = prepared.into_iter().zip(&covering).filter(|(_, covered)| covered.is_none());
    kept.map(|(one, _)| one).collect()
}

impl Prepared {
    /// Whether the statement may be made to build its index beside writers: on a plain table that is there before.
    pub fn may_be_concurrent(&self, catalog: CatalogAt<'_>) -> bool {
        let Some(index) = &self.index else { return self.drops_index && self.drops_plain_index(catalog) };
        let relation = &index.create.relation;
        let table =
            schema_of(relation, catalog).and_then(|schema| catalog.relation_in(schema, relation.name.name.name));
        table.and_then(|table| catalog.relation(table)).is_some_and(|table| table.is.class == RelationClass::Table)
    }

    /// Whether what is dropped is the index of a plain table, and of no constraint.
    fn drops_plain_index(&self, catalog: CatalogAt<'_>) -> bool {
        let Some(StatementKind::Drop(drop)) = &self.kind else { return false };
        let named = drop.objects.iter().find_map(|object| match &object.name {
            ObjectName::Qualified(name) => Some(name),
            _ => None,
        });
        let Some(name) = named else { return false };
        let schema = name.schema.as_ref().map_or_else(|| Name::from("public"), |schema| schema.name);
        let index = catalog.schema(schema).and_then(|schema| catalog.relation_in(schema, name.name.name));
        let table = index.and_then(|index| catalog.get(index)?.attached_to()).and_then(|table| catalog.relation(table));
        table.is_some_and(|table| table.is.class == RelationClass::Table)
    }

    /// Makes it build or drop its index beside writers, or not.
    pub fn set_concurrently(&mut self, concurrently: bool) {
        if self.drops_index && concurrently && !self.outside {
            self.sql = self.sql.replacen(" if exists", " concurrently if exists", 1);
            self.outside = true;
        }
        let Some(index) = self.index.clone() else { return };
        let (from, to) = match (self.outside, concurrently) {
            (false, true) => (" if not exists", " concurrently"),
            (true, false) => (" concurrently", " if not exists"),
            _ => return,
        };
        self.sql = self.sql.replacen(from, to, 1);
        let word = if concurrently { " concurrently" } else { "" };
        self.undo = Some(format!("drop index{word} if exists {}{};", index.schema, index.name));
        self.outside = concurrently;
    }

    /// A concurrent build with a drop of what a build that was cut off has left.
    pub fn made_anew(mut self) -> Vec<Prepared> {
        let Some(index) = self.index.as_ref().filter(|_| self.outside) else { return vec![self] };
        let drop = Prepared {
            comment: std::mem::take(&mut self.comment),
            sql: format!("drop index concurrently if exists {}{};", index.schema, index.name),
            undo: Some(String::new()),
            outside: true,
            index: None,
            drops_index: false,
            kind: None,
            round: self.round,
        };
        vec![drop, self]
    }

    /// Whether it builds or drops an index.
    pub fn is_about_index(&self) -> bool {
        self.index.is_some() || self.drops_index
    }

    /// Whether it builds an index.
    pub fn builds_index(&self) -> bool {
        self.index.is_some()
    }

    /// Whether it holds a semicolon beside the one at its end, at which simple runners would cut it.
    pub fn is_compound(&self) -> bool {
        self.sql.trim_end_matches(';').contains(';')
    }
}
