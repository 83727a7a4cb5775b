//! What an index costs those who write: an UPDATE of a column that an index holds cannot be a heap-only one (HOT),
//! so that every index of the table gets a new entry.

use rustc_hash::FxHashMap;

use crate::capture::figures::{count, plural};
use crate::source::{FileId, Span};
use crate::stats::Kind;
use crate::syntax::{DataRef, Origin, parse_statements};

use super::Question;
use super::candidate::{Candidate, Method};
use super::table::{Knowledge, Table};

/// The columns that statements update, by the table as people call it.
#[derive(Default)]
pub struct Writes {
    updates: FxHashMap<String, Vec<Update>>,
}

struct Update {
    columns: Vec<String>,
    calls: Option<f64>,
}

/// All UPDATE statements that are known: those asked about, and those of pg_stat_statements.
pub fn writes(questions: &[Question<'_>], knowledge: Knowledge<'_>) -> Writes {
    let mut writes = Writes::default();
    for question in questions {
        if let Some(statement) = question.statement {
            writes.add(statement, question.calls);
        }
    }
    for row in knowledge.statistics.of(Kind::Statements) {
        let Some(query) = row.get("query").filter(|query| query.len() < 10_000 && mentions_update(query)) else {
            continue;
        };
        let origin = Origin::Elsewhere(Span::new(FileId::NONE, 0, 0));
        for statement in parse_statements(query, &origin).unwrap_or_default() {
            if let Some(data) = statement.kind.as_data() {
                writes.add(data, row.number("calls"));
            }
        }
    }
    writes
}

fn mentions_update(query: &str) -> bool {
    query.as_bytes().windows(6).any(|word| word.eq_ignore_ascii_case(b"update"))
}

impl Writes {
    fn add(&mut self, statement: DataRef<'_>, calls: Option<f64>) {
        let DataRef::Update(update) = statement else { return };
        let columns = update.set.iter().map(|assignment| assignment.column.name.as_str().to_owned()).collect();
        let table = update.relation.name.name.as_str().to_owned();
        self.updates.entry(table).or_default().push(Update { columns, calls });
    }

    /// What an index costs, one sentence each.
    pub fn cost(&self, table: &Table<'_>, index: &Candidate) -> Vec<String> {
        let mut costs = Vec::new();
        let columns = index.columns();
        // Since 16 an index that only summarizes blocks does not keep an update from being HOT.
        let summarizes = index.method == Method::Brin && table.knowledge.version >= 16;
        let touching = self.updates.get(&table.name).into_iter().flatten().filter(|_| !summarizes);
        for update in touching {
            let Some(column) = update.columns.iter().find(|column| columns.contains(&column.as_str())) else {
                continue;
            };
            let calls = update.calls.map(|calls| format!(" ({})", plural(calls, "call"))).unwrap_or_default();
            let cost = format!("an UPDATE that sets {column}{calls} can no longer be HOT");
            if !costs.contains(&cost) {
                costs.push(cost);
            }
        }
        let updated = table.knowledge.statistics.about(Kind::Tables, &table.qualified());
        if let Some(row) = updated {
            let (inserted, hot) = (row.number("n_tup_ins").unwrap_or(0.0), row.number("n_tup_hot_upd").unwrap_or(0.0));
            let updated = row.number("n_tup_upd").unwrap_or(0.0);
            let colder = (updated - hot).max(0.0);
            costs.push(format!(
                "one more entry for each INSERT and each UPDATE that is not HOT: {} and {} so far",
                count(inserted),
                count(colder)
            ));
        } else {
            costs.push("one more entry for each INSERT and each UPDATE that is not HOT".to_owned());
        }
        costs
    }
}
