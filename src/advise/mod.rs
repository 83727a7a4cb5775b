//! Which indexes a real server would use: from plans, queries, statistics and the replayed schema.
//!
//! A plan or a query becomes [`access::Access`]es: one table each, with what is asked of its rows. For each, every
//! sensible index is thought through as the planner would ([`cost`]), and the smallest of the good ones is proposed
//! ([`choose`]); or the reason why there is none. Over all queries the smallest set that serves them is kept
//! ([`consolidate`]).

pub mod access;
pub mod candidate;
pub mod choose;
pub mod condition;
pub mod consolidate;
pub mod cost;
mod foreign_key;
mod from_plan;
mod from_query;
mod from_view;
mod ideas;
mod lacking;
mod name;
mod partition;
mod selectivity;
pub mod table;
pub mod words;
mod writes;

use crate::capture::Plan;
use crate::catalog::analyze::{self, Environment, Scope};
use crate::source::Span;
use crate::stats::Known;
use crate::syntax::DataRef;

use access::Access;
use candidate::Candidate;
use choose::{Verdict, choose};
use consolidate::{Wish, consolidate, widen_jsonb};
pub use lacking::{advise_index, index_for_foreign_key, index_for_order};
pub use table::Knowledge;

/// A query to advise on.
pub struct Question<'q> {
    /// What to call it: its file, with a number where that has several.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Its plan.
    pub plan: Option<&'q Plan>,
    /// The query.
    pub statement: Option<DataRef<'q>>,
    /// What pg_stat_statements says of it: the statement's place there.
    pub known: Option<usize>,
    /// How often it ran, by that.
    pub calls: Option<f64>,
    /// ms that all its runs took, by that.
    pub total: Option<f64>,
}

impl<'q> Question<'q> {
    /// A question of which pg_stat_statements says nothing.
    pub fn new(name: String, span: Span, plan: Option<&'q Plan>, statement: Option<DataRef<'q>>) -> Question<'q> {
        Question { name, span, plan, statement, known: None, calls: None, total: None }
    }

    /// With what pg_stat_statements says of it.
    pub fn known_as(self, statements: &Known<'_>, at: Option<usize>) -> Question<'q> {
        let statement = at.map(|at| statements.all[at]);
        Question { known: at, calls: statement.map(|it| it.calls), total: statement.map(|it| it.total), ..self }
    }
}

/// All advice of a run.
pub struct Advice {
    /// By query, in the order they were asked.
    pub queries: Vec<QueryAdvice>,
    /// The smallest set of indexes that serves all of them.
    pub indexes: Vec<IndexAdvice>,
}

/// What is said of one query.
pub struct QueryAdvice {
    /// As in [`Question::name`].
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The best indexes for it alone.
    pub indexes: Vec<IndexAdvice>,
    /// Costly accesses that get no index, and why.
    pub reasons: Vec<Why>,
}

/// A costly access without an index.
pub struct Why {
    /// The table.
    pub table: String,
    /// Where it is read.
    pub span: Span,
    /// A word for machines.
    pub code: &'static str,
    /// The reason, lower case.
    pub reason: String,
}

/// A proposed index.
#[derive(Clone)]
pub struct IndexAdvice {
    /// The statement.
    pub sql: String,
    /// The name that the server would give it.
    pub name: String,
    /// The table as SQL names it.
    pub table: String,
    /// Where the table was made.
    pub table_span: Option<Span>,
    /// The access that asks for it.
    pub span: Span,
    /// Its columns, method and condition.
    pub index: Candidate,
    /// From 0 to 1: falls with each thing that had to be assumed.
    pub confidence: f64,
    /// What speaks for it.
    pub evidence: Vec<String>,
    /// What had to be assumed.
    pub assumptions: Vec<String>,
    /// Bytes that it will take, about.
    pub size: f64,
    /// Blocks' worth of work, today and with it.
    pub gain: (f64, f64),
    /// What it costs those who write.
    pub write_cost: Vec<String>,
    /// Indexes that it makes needless: it starts with all that they have.
    pub replaces: Vec<String>,
    /// What to do around it: an extension, a partitioned table.
    pub notes: Vec<String>,
    /// Places in [`Advice::queries`] of those it serves.
    pub serves: Vec<usize>,
}

/// Advises on all queries together.
pub fn advise(questions: &[Question<'_>], knowledge: Knowledge<'_>) -> Advice {
    let writes = writes::writes(questions, knowledge);
    let asked: Vec<(usize, (Access<'_>, Verdict))> = questions
        .iter()
        .enumerate()
        .flat_map(|(at, question)| accesses(question, knowledge).into_iter().map(move |access| (at, access)))
        .map(|(at, access)| (at, decide(access)))
        .collect();
    let mut queries: Vec<QueryAdvice> = questions
        .iter()
        .map(|question| QueryAdvice {
            name: question.name.clone(),
            span: question.span,
            indexes: Vec::new(),
            reasons: Vec::new(),
        })
        .collect();
    let mut wishes = Vec::new();
    for (at, (access, verdict)) in &asked {
        let query = &mut queries[*at];
        match verdict {
            Verdict::Cheap => {}
            Verdict::Leave(reason) => query.reasons.extend(words::why(access, reason)),
            Verdict::Make(proposals) => {
                for proposal in proposals {
                    wishes.push(Wish { access, proposal: proposal.clone(), at: *at });
                    let taken: Vec<String> = query.indexes.iter().map(|index| index.name.clone()).collect();
                    let index = words::index(access, proposal, &taken, &writes, vec![*at]);
                    let same = |known: &IndexAdvice| known.table == index.table && known.index == index.index;
                    let longer = |known: &IndexAdvice| known.table == index.table && known.index.extends(&index.index);
                    if !query.indexes.iter().any(|known| same(known) || longer(known)) {
                        query.indexes.retain(|known| known.table != index.table || !index.index.extends(&known.index));
                        query.indexes.push(index);
                    }
                }
            }
        }
    }
    let mut indexes: Vec<IndexAdvice> = Vec::new();
    widen_jsonb(&mut wishes);
    for shared in consolidate(&wishes) {
        let wish = &wishes[shared.wish];
        let taken: Vec<String> = indexes.iter().map(|index| index.name.clone()).collect();
        let mut index = words::index(wish.access, &shared.proposal, &taken, &writes, shared.serves);
        index.evidence.extend(words::load(index.serves.iter().map(|at| &questions[*at])));
        indexes.push(index);
    }
    Advice { queries, indexes }
}

/// The verdict on an access; where the query itself narrows nothing down, on what the table's policy asks.
fn decide(access: Access<'_>) -> (Access<'_>, Verdict) {
    let verdict = choose(&access);
    let open = matches!(verdict, Verdict::Leave(_)) && access.takes_all();
    if let Some(secured) = access.under_policy().filter(|_| open) {
        let verdict = choose(&secured);
        if matches!(verdict, Verdict::Make(_)) {
            return (secured, verdict);
        }
    }
    (access, verdict)
}

fn accesses<'a>(question: &Question<'_>, knowledge: Knowledge<'a>) -> Vec<Access<'a>> {
    match (question.plan, question.statement) {
        (Some(plan), _) => from_plan::accesses(plan, knowledge),
        (None, Some(statement)) => by_text(statement, knowledge),
        (None, None) => Vec::new(),
    }
}

fn by_text<'a>(statement: DataRef<'_>, knowledge: Knowledge<'a>) -> Vec<Access<'a>> {
    let Some(catalog) = knowledge.catalog else { return Vec::new() };
    let path = table::search_path(catalog);
    let environment = Environment::new(catalog, &path, knowledge.version);
    match analyze::statement(environment, &Scope::empty(), statement) {
        Ok(analysis) => from_query::accesses(&analysis.query, knowledge),
        Err(_) => Vec::new(),
    }
}
