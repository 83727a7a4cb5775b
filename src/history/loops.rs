//! Statements that a session runs again and again with another value each time: a query for each row of another one.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::capture::{Expression, Plan};
use crate::catalog::{CatalogAt, ObjectId};
use crate::compare::normal;

use super::Run;
use super::batch::{Batch, batched};

/// Fewer runs are no loop.
const MIN_RUNS: usize = 8;
/// ms between two runs of a loop at most.
const MAX_PAUSE: i64 = 1_000;
/// Other statements between two runs of a loop at most: a loop may ask several things for each row.
const MAX_BETWEEN: usize = 4;

/// A statement that one session ran in a loop.
pub struct StatementLoop<'a> {
    /// The statement without its constants.
    pub query: String,
    /// The session.
    pub session: &'a str,
    /// How often in a row; of the longest loop where there were several.
    pub runs: usize,
    /// How many such loops there were.
    pub times: usize,
    /// ms that all runs of all loops took.
    pub total: f64,
    /// ms from the start of the first run to the end of the last one, of the longest loop.
    pub elapsed: Option<i64>,
    /// The first run of the longest loop.
    pub first: Run<'a>,
    /// Whether every run had the same values: what comes back could be kept.
    pub same_values: bool,
    /// One statement for all of them.
    pub batch: Option<Batch>,
    /// The foreign key that the loop walks along: `orders_customer_id_fkey: orders (customer_id) references customers`.
    pub foreign_key: Option<ForeignKeyNote>,
}

/// A foreign key, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignKeyNote {
    /// Its name.
    pub name: String,
    /// `orders (customer_id) references customers`.
    pub says: String,
    /// Where it was made.
    pub span: crate::source::Span,
    /// The index that the referencing table lacks.
    pub missing_index: Option<String>,
}

struct Burst<'a> {
    runs: Vec<Run<'a>>,
    last_place: usize,
    before: Option<Run<'a>>,
}

/// Finds the loops of all sessions, those that took most time first.
pub(super) fn loops<'a>(runs: &[Run<'a>]) -> Vec<StatementLoop<'a>> {
    let mut sessions: FxHashMap<&str, Vec<Run<'a>>> = FxHashMap::default();
    let mut order: Vec<&str> = Vec::new();
    for run in runs {
        let of_session = sessions.entry(run.session).or_default();
        if of_session.is_empty() {
            order.push(run.session);
        }
        of_session.push(*run);
    }
    let mut found: Vec<Burst<'a>> = Vec::new();
    for session in order {
        found.extend(bursts(&sessions[session]));
    }
    let mut by_statement: FxHashMap<usize, Vec<Burst<'a>>> = FxHashMap::default();
    let mut statements: Vec<usize> = Vec::new();
    for burst in found {
        let statement = burst.runs[0].statement;
        let all = by_statement.entry(statement).or_default();
        if all.is_empty() {
            statements.push(statement);
        }
        all.push(burst);
    }
    let loops = statements.into_iter().filter_map(|statement| one_loop(&by_statement[&statement]));
    let mut loops: Vec<StatementLoop<'a>> = loops.collect();
    loops.sort_by(|one, other| other.total.total_cmp(&one.total).then_with(|| one.query.cmp(&other.query)));
    loops
}

fn bursts<'a>(runs: &[Run<'a>]) -> Vec<Burst<'a>> {
    let mut done = Vec::new();
    let mut open: FxHashMap<usize, Burst<'a>> = FxHashMap::default();
    for (place, run) in runs.iter().enumerate() {
        let goes_on = open.get(&run.statement).is_some_and(|burst| {
            let last = burst.runs[burst.runs.len() - 1];
            let pause = run.at.zip(last.at).map_or(0, |(at, last)| at - run.duration as i64 - last);
            pause <= MAX_PAUSE && place - burst.last_place <= MAX_BETWEEN + 1
        });
        if !goes_on && let Some(burst) = open.remove(&run.statement) {
            done.push(burst);
        }
        let before = place.checked_sub(1).map(|before| runs[before]);
        let burst = open.entry(run.statement).or_insert(Burst { runs: Vec::new(), last_place: place, before });
        burst.runs.push(*run);
        burst.last_place = place;
    }
    let mut left: Vec<Burst<'a>> = open.into_values().collect();
    left.sort_by_key(|burst| burst.last_place);
    done.extend(left);
    done.retain(|burst| burst.runs.len() >= MIN_RUNS);
    done
}

fn one_loop<'a>(bursts: &[Burst<'a>]) -> Option<StatementLoop<'a>> {
    // The longest, and of several the first.
    let longest = bursts.iter().rev().max_by_key(|burst| burst.runs.len())?;
    let (first, last) = (longest.runs[0], longest.runs[longest.runs.len() - 1]);
    let all: Vec<Vec<String>> = longest.runs.iter().map(values).collect();
    let distinct: FxHashSet<&Vec<String>> = all.iter().collect();
    let varying: Vec<usize> = (0..all.iter().map(Vec::len).min().unwrap_or(0))
        .filter(|&at| all.iter().any(|values| values[at] != all[0][at]))
        .collect();
    let known = all.iter().any(|values| !values.is_empty());
    let batch = batched(first.text(), if known { Some(&varying) } else { None });
    let column = batch.as_ref().and_then(|batch| batch.column.as_deref());
    let foreign_key = column.and_then(|column| foreign_key(first, longest.before, column));
    let start = first.at.map(|at| at - first.duration as i64);
    Some(StatementLoop {
        query: normal::query(first.text()),
        session: first.session,
        runs: longest.runs.len(),
        times: bursts.len(),
        total: bursts.iter().flat_map(|burst| &burst.runs).map(|run| run.duration).sum(),
        elapsed: last.at.zip(start).map(|(end, start)| end - start),
        first,
        same_values: known && distinct.len() == 1,
        batch,
        foreign_key,
    })
}

/// The values of a run: the parameters as logged, or the constants of the text.
fn values(run: &Run<'_>) -> Vec<String> {
    let parameters = run.judged.plan.query.as_ref().and_then(|query| query.parameters.as_deref());
    match parameters {
        Some(parameters) => split_parameters(parameters),
        None => normal::constants(run.text()).into_iter().map(str::to_owned).collect(),
    }
}

/// `$1 = '7', $2 = 'a, b'`
fn split_parameters(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            ',' if !quoted => {
                values.push(text[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    values.push(text[start..].trim().to_owned());
    values
}

/// The foreign key between the table that the loop reads by `column` and the one that was read before it.
fn foreign_key(run: Run<'_>, before: Option<Run<'_>>, column: &str) -> Option<ForeignKeyNote> {
    let catalog = run.catalog;
    let table = table_with(catalog, &run.judged.plan, column)?;
    let number = catalog.relation(table)?.is.columns.iter().find(|of| of.name.as_str() == column)?.number;
    let own = catalog.foreign_keys(table).find(|(_, key)| key.columns.first() == Some(&number));
    let read_before: Vec<String> = before.map(|run| tables(&run.judged.plan)).unwrap_or_default();
    let referencing = || {
        let mut all: Vec<_> =
            catalog.referencing(table).filter(|(_, key)| key.referenced_columns.first() == Some(&number)).collect();
        let is_read = |child: ObjectId| {
            let name = catalog.get(child).map(|object| object.name.as_str().to_owned());
            name.is_some_and(|name| read_before.contains(&name))
        };
        all.sort_by_key(|(constraint, _)| !is_read(constraint.is.of));
        all.into_iter().next()
    };
    let (constraint, key) = own.or_else(referencing)?;
    let child = constraint.is.of;
    let columns = catalog.column_names(child, &key.columns);
    let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
    let columns = columns.join(", ");
    let indexed =
        catalog.indexes(child).any(|index| index.is.starts_with(&key.columns) && index.is.predicate.is_none());
    let says = format!("{} ({columns}) references {}", catalog.short_name(child), catalog.short_name(key.references));
    // The index matters where the loop looks for the referencing rows.
    let missing = child == table && !indexed;
    Some(ForeignKeyNote {
        name: constraint.name().as_str().to_owned(),
        says,
        span: constraint.span(),
        missing_index: missing
            .then(|| format!("create index concurrently on {} ({columns});", catalog.sql_name(child))),
    })
}

fn tables(plan: &Plan) -> Vec<String> {
    plan.nodes().filter_map(|node| node.get().relation_name.as_deref().map(str::to_owned)).collect()
}

/// The table of the plan whose conditions test this column.
fn table_with(catalog: CatalogAt<'_>, plan: &Plan, column: &str) -> Option<ObjectId> {
    plan.nodes().find_map(|node| {
        let of = node.get();
        let relation = of.relation_name.as_deref()?;
        let conditions = [&of.index_cond, &of.recheck_cond, &of.filter];
        let tests = conditions
            .into_iter()
            .flatten()
            .any(|condition| Expression::parse(condition).columns().iter().any(|(_, name)| *name == column));
        if !tests {
            return None;
        }
        let named = catalog.relations().find(|table| {
            table.name().as_str() == relation
                && of.schema.as_deref().is_none_or(|schema| catalog.schema_name(table.object).as_str() == schema)
                && table.is.columns.iter().any(|of| of.name.as_str() == column)
        });
        named.map(|table| table.id)
    })
}
