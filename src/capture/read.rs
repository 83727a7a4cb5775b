//! From the text of a file to the plans in it.
//!
//! A file that is JSON from its first byte to its last is walked over once and nothing is copied. Anything else is
//! searched line by line for what starts a plan: a table's head, a log entry, a bracket, `<explain`, `- Plan:`, a line
//! with `(cost=`. Where that finds nothing, the lines are tried without what may decorate them.

use std::sync::Arc;

use crate::finding::Finding;
use crate::source::{FileId, Span};

use super::builder::{Builder, Loose};
use super::json;
use super::literal;
use super::log;
use super::markup::markup;
use super::plan::{Format, LogEntry, Plan, Query};
use super::strings;
use super::table::{self, table};
use super::text;
use super::text_lines::line_end;
use super::unframe::{self, Decoration, Document, Places};
use super::{xml, yaml};

/// What a file holds.
#[derive(Default, Debug)]
pub struct Reading {
    /// The plans, in their order.
    pub plans: Vec<Plan>,
    /// What could not be read: plans that are cut off or damaged. Empty for a file that holds no plan at all.
    pub problems: Vec<Finding>,
}

/// The rule of the findings in [`Reading::problems`] and of [`no_plan`].
const RULE: &str = "unreadable_plan";

/// What [`no_plan`] says.
pub const NO_PLAN: &str = "this file holds no plan";

/// How deep documents may stand in one another: a log message in JSON that holds rows that hold a plan.
const MAX_DEPTH: u32 = 4;

/// What a whole text may stand in, line by line; each takes it off where it is surely there.
const FRAMES: [fn(&str) -> Option<Document>; 10] = [
    unframe::without_source,
    unframe::without_fences,
    unframe::in_ascii,
    unframe::single_spaced,
    unframe::asciidoc,
    strings::named,
    unframe::without_entities,
    table::headless,
    unframe::csv_rows,
    strings::rows,
];

/// The same of a text that may be JSON from its first byte.
const JSON_FRAMES: [fn(&str) -> Option<Document>; 2] = [unframe::without_colours, unframe::json_lines];

/// Reads every plan of a file, whatever it was pasted from.
pub fn read(file: FileId, text: &str) -> Reading {
    let places = Arc::new(Places::default());
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['[', '{']);
    // Of what stands around lines of text, much would be taken for a part of the plan.
    let framed = FRAMES.iter().filter(|_| !is_json).chain(&JSON_FRAMES).find_map(|take| take(text));
    if let Some(document) = framed {
        let reading = read_document(file, &document.text, &Arc::new(document.places), 0);
        if reading.is_good() {
            return reading;
        }
    }
    let mut reading = read_document(file, text, &places, 0);
    if !reading.is_good() && may_hold_plan(text) {
        let plain = Decoration::ALL.into_iter().map(|decoration| decoration.strip(text));
        let rest: [fn(&str) -> Option<Document>; 4] =
            [unframe::without_shared_prefix, unframe::unwrap_terminal, literal::literal, strings::strings];
        let undecorated = plain.chain(FRAMES.iter().chain(&rest).map(|take| take(text))).flatten();
        for document in undecorated {
            let places = Arc::new(document.places);
            let other = read_document(file, &document.text, &places, 0);
            if other.is_good() {
                reading = other;
                break;
            }
        }
    }
    reading
}

/// Whether a text is worth reading: it holds a word that every plan has.
pub fn may_hold_plan(text: &str) -> bool {
    let words = ["Node Type", "Node-Type", "(cost=", "(actual ", "QUERY PLAN", "Plan:", "->  "];
    words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// What to say of a file that somebody named as a capture and that holds none.
pub fn no_plan(file: FileId, text: &str) -> Finding {
    let span = Span::new(file, 0, text.find('\n').unwrap_or(text.len()) as u32);
    let mut finding = Finding::new(RULE, span, NO_PLAN);
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text.trim_start_matches('\u{feff}')).is_ok();
    finding.label(match is_json {
        true => "this is JSON, but no object in it has a \"Plan\"",
        false => "no output of EXPLAIN starts here or below",
    });
    finding.help("capture one with: explain (analyze, buffers, verbose, settings, format json) select …");
    finding
}

impl Reading {
    fn is_good(&self) -> bool {
        !self.plans.is_empty() && self.problems.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.plans.is_empty() && self.problems.is_empty()
    }
}

fn read_document(file: FileId, text: &str, places: &Arc<Places>, depth: u32) -> Reading {
    let mut reader =
        Reader { file, text, places, depth, reading: Reading::default(), log: None, query: None, wasted: 0 };
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let at = reader.json_values(start);
    reader.search(at);
    reader.reading
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    places: &'a Arc<Places>,
    depth: u32,
    reading: Reading,
    /// The log entry whose plan is next.
    log: Option<LogEntry>,
    /// The statement whose plan is next.
    query: Option<Statement>,
    /// Bytes that were walked over in vain.
    wasted: usize,
}

/// The text of a statement that stands before its plan.
struct Statement {
    text: String,
    from: usize,
    to: usize,
}

impl<'a> Reader<'a> {
    // --- JSON -------------------------------------------------------------------------------------

    /// Reads JSON values as long as there is nothing else; returns where the rest starts.
    fn json_values(&mut self, start: usize) -> usize {
        let mut at = start;
        loop {
            let rest = &self.text[at..];
            let value = at + rest.len() - rest.trim_start().len();
            if !self.text[value..].starts_with(['[', '{', '"']) {
                return at;
            }
            match self.json(value) {
                Some(end) => at = end,
                None => return at,
            }
        }
    }

    /// Reads the JSON value at `start`; returns where it ends, or `None` where it is none or holds no plan.
    fn json(&mut self, start: usize) -> Option<usize> {
        let places = Arc::clone(self.places);
        let mut builder = Builder::new(self.file, Format::Json, &places);
        let walked = json::walk(self.text, start, &mut builder);
        let within_plan = walked.is_err() && builder.is_within_plan();
        let cut_off = matches!(walked, Err(json::Error::CutOff { .. }));
        if within_plan {
            let problem = match walked {
                Err(json::Error::Unexpected { at }) => self.damaged(at),
                _ => self.cut_off(&builder),
            };
            self.reading.problems.push(problem);
        }
        // A string with more behind it is a line that was quoted, and no document.
        let is_line = self.text[start..].starts_with('"');
        if is_line && walked.is_ok_and(|end| !self.text[end..].trim().is_empty()) {
            return None;
        }
        let found = !builder.plans.is_empty();
        let (plans, loose) = (builder.plans, builder.loose);
        self.take(plans);
        match walked {
            Ok(end) => (self.embedded(&loose) || found || !is_line).then_some(end),
            Err(_) if within_plan && cut_off => Some(self.text.len()),
            Err(json::Error::Unexpected { at }) if within_plan || found => Some(line_end(self.text, at as usize)),
            Err(json::Error::Unexpected { at }) => {
                self.wasted += at as usize - start;
                None
            }
            Err(json::Error::CutOff { .. }) => {
                self.wasted += self.text.len() - start;
                None
            }
        }
    }

    fn take(&mut self, mut plans: Vec<Plan>) {
        for plan in &mut plans {
            plan.log = plan.log.take().or_else(|| self.log.clone());
            if let (None, Some(query)) = (&plan.query, &self.query) {
                let span = self.places.span(self.file, query.from as u32, query.to as u32);
                plan.query = Some(Query { text: query.text.as_str().into(), span, parameters: None });
            }
        }
        if !plans.is_empty() {
            self.log = None;
            self.query = None;
        }
        self.reading.plans.append(&mut plans);
    }

    /// Reads the plans that stand in strings; returns whether there were any.
    fn embedded(&mut self, loose: &[Loose]) -> bool {
        if self.depth >= MAX_DEPTH {
            return false;
        }
        let before = self.reading.plans.len() + self.reading.problems.len();
        let mut at = 0;
        while let Some(first) = loose.get(at) {
            // A driver returns the lines of a plan as rows, or as an array.
            let is_row = |other: &&Loose| other.key == first.key && table::may_be_row(&first.key);
            let rows = loose[at..].iter().take_while(is_row).count().max(1);
            self.rows(at, rows, loose);
            at += rows;
        }
        self.reading.plans.len() + self.reading.problems.len() > before
    }

    fn rows(&mut self, at: usize, count: usize, all: &[Loose]) {
        let rows = &all[at..at + count];
        let raw = |row: &Loose| &self.text[row.start as usize..row.end as usize];
        if !rows.iter().any(|row| may_hold_plan(raw(row)) || raw(row).contains(" plan:")) {
            return;
        }
        let parts = rows.iter().map(|row| unframe::json_string(self.text, row.start as usize, row.end as usize));
        let document = Document::joined(parts.collect()).within(self.places);
        let mut reading = read_document(self.file, &document.text, &Arc::new(document.places), self.depth + 1);
        log::complete(&mut reading.plans, self.text, at, all);
        self.reading.problems.append(&mut reading.problems);
        self.take(reading.plans);
    }

    // --- anything ---------------------------------------------------------------------------------

    /// Looks for plans line by line.
    fn search(&mut self, from: usize) {
        let mut at = from;
        while at < self.text.len() {
            let next = line_end(self.text, at);
            let line = self.text[at..next].trim_end_matches(['\n', '\r']);
            at = match self.at_line(at, line, next) {
                Some(end) if end > at => end,
                _ => next,
            };
        }
    }

    /// Reads what starts at a line; returns where the search goes on, `None` where nothing starts.
    fn at_line(&mut self, at: usize, line: &'a str, next: usize) -> Option<usize> {
        let content = line.trim();
        if content.is_empty() {
            return None;
        }
        if let Some(duration) = log::duration_at(line) {
            return Some(self.log_entry(at, line, duration, next));
        }
        if let Some((document, end)) = markup(self.text, at) {
            return self.sub_document(document).then_some(end);
        }
        if let Some(table) = table(self.text, at) {
            let (document, end) = table.rows(self.text);
            return self.sub_document(document).then_some(end.max(next));
        }
        if let Some((document, end)) = unframe::csv(self.text, at) {
            return self.sub_document(document).then_some(end);
        }
        if line.contains("<table") {
            let (document, end) = unframe::html(self.text, at)?;
            return self.sub_document(document).then_some(end);
        }
        if content.starts_with(['[', '{']) && self.wasted <= 8 * self.text.len() {
            return self.json(at + line.len() - line.trim_start().len());
        }
        if let Some(offset) = xml::start(line) {
            return Some(self.xml(at + offset));
        }
        if yaml::is_start(line) {
            return Some(self.yaml(at));
        }
        if text::is_node(line) || text::is_bare_node(line, self.line(next)) {
            return Some(self.text_plan(at));
        }
        self.statement(at, line);
        None
    }

    fn line(&self, at: usize) -> &'a str {
        &self.text[at..line_end(self.text, at)]
    }

    /// Reads a document that was taken out of this one; returns whether it held anything.
    fn sub_document(&mut self, document: Document) -> bool {
        if self.depth >= MAX_DEPTH || document.text.is_empty() {
            return false;
        }
        let document = document.within(self.places);
        let mut reading = read_document(self.file, &document.text, &Arc::new(document.places), self.depth + 1);
        let found = !reading.is_empty();
        self.reading.problems.append(&mut reading.problems);
        self.take(reading.plans);
        found
    }

    fn log_entry(&mut self, at: usize, line: &str, duration: usize, next: usize) -> usize {
        let Some(entry) = log::entry(self.text, at, line, duration, next) else { return next };
        self.log = Some(entry.log);
        self.query = None;
        if let Some(document) = entry.document {
            self.sub_document(document);
            self.log = None;
        }
        entry.end
    }

    fn xml(&mut self, start: usize) -> usize {
        let places = Arc::clone(self.places);
        let mut builder = Builder::new(self.file, Format::Xml, &places);
        let read = xml::read(self.text, start, &mut builder);
        if read.is_err() {
            let problem = self.cut_off(&builder);
            self.reading.problems.push(problem);
        }
        self.take(builder.plans);
        read.unwrap_or(self.text.len())
    }

    fn yaml(&mut self, start: usize) -> usize {
        let places = Arc::clone(self.places);
        let mut builder = Builder::new(self.file, Format::Yaml, &places);
        let end = yaml::read(self.text, start, &mut builder);
        self.take(builder.plans);
        end
    }

    fn text_plan(&mut self, start: usize) -> usize {
        let places = Arc::clone(self.places);
        let mut builder = Builder::new(self.file, Format::Text, &places);
        let end = text::read(self.text, start, &mut builder);
        self.take(builder.plans);
        end
    }

    /// Remembers the statement that a line starts: `EXPLAIN …` at a prompt, `Query Text: …` in a log.
    fn statement(&mut self, at: usize, line: &str) {
        if let Some(statement) = log::statement(self.text, at, line) {
            self.query = Some(Statement { text: statement.0, from: statement.1, to: statement.2 });
        }
    }

    // --- what went wrong --------------------------------------------------------------------------

    /// A capture that ends before its plan does.
    fn cut_off(&self, builder: &Builder<'_>) -> Finding {
        let end = self.text.trim_end().len();
        let last = self.text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        let span = self.places.span(self.file, last as u32, end as u32);
        let mut finding = Finding::new(RULE, span, "the plan is cut off");
        let within = builder.open_node().map(|node| node.node_type.name()).filter(|name| !name.is_empty());
        finding.label(match within {
            Some(node) => format!("the text ends here, within the plan's {node}"),
            None => "the text ends here, within the plan".to_owned(),
        });
        finding.help("capture it again: what follows here is missing");
        finding
    }

    /// JSON that is none from some place on.
    fn damaged(&self, at: u32) -> Finding {
        let len = self.text[at as usize..].chars().next().map_or(0, char::len_utf8) as u32;
        let span = self.places.span(self.file, at, at + len);
        let mut finding = Finding::new(RULE, span, "the plan is damaged");
        finding.label("this does not belong here in JSON");
        finding.help("capture it again, or take out what was added to the server's output");
        finding
    }
}
