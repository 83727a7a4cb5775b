//! Server logs: the entries of auto_explain, in every log format of the server.

use super::builder::Loose;
use super::plan::{LogEntry, Plan};
use super::text;
use super::text_lines::line_end;
use super::unframe::{self, Document};

/// An entry of auto_explain.
pub(super) struct Entry {
    pub(super) log: LogEntry,
    /// The plan's text; `None` where it follows on the next lines as it is.
    pub(super) document: Option<Document>,
    /// Where the log goes on.
    pub(super) end: usize,
}

/// Where `duration: 12.3 ms  plan:` stands in a line.
pub(super) fn duration_at(line: &str) -> Option<usize> {
    let at = memchr::memmem::find(line.as_bytes(), b"duration: ")?;
    let (_, rest) = line[at..].split_once(" ms")?;
    rest.trim_start().starts_with("plan:").then_some(at)
}

/// The entry whose first line stands at `at`.
pub(super) fn entry(text: &str, at: usize, line: &str, duration: usize, next: usize) -> Option<Entry> {
    if line[..duration].ends_with('"') && line[..duration].contains(',') {
        return csv_entry(text, at);
    }
    let milliseconds = line[duration + "duration: ".len()..].split(' ').next()?;
    let prefix = &line[..duration];
    let log = LogEntry {
        timestamp: timestamp(prefix).into(),
        session: session(prefix).into(),
        duration: milliseconds.parse().unwrap_or(0.0),
    };
    let plan = duration + line[duration..].find("plan:")? + "plan:".len();
    let mut document = Document::default();
    let rest = line[plan..].trim();
    if !rest.is_empty() {
        document.push_line(rest, at + plan + line[plan..].len() - line[plan..].trim_start().len());
    }
    let mut end = next;
    // Where the tab was turned into blanks, as many as before the first line stand before all.
    let blanks = text[next..].bytes().take_while(|byte| *byte == b' ').count();
    while let Some((content, content_at, line_end)) = continuation(text, end, blanks) {
        document.push_line(content, content_at);
        end = line_end;
    }
    let document = (!document.text.is_empty()).then_some(document);
    Some(Entry { log, document, end })
}

/// A further line of an entry: the server puts a tab before it, syslog writes that as `#011` behind its own prefix.
fn continuation(text: &str, at: usize, blanks: usize) -> Option<(&str, usize, usize)> {
    let end = line_end(text, at);
    let line = text.get(at..end)?.trim_end_matches(['\n', '\r']);
    let is_indented = blanks > 0 && line.len() >= blanks && line.as_bytes()[..blanks].iter().all(|byte| *byte == b' ');
    let content = line.strip_prefix('\t').or_else(|| is_indented.then(|| &line[blanks..]));
    if let Some(content) = content {
        return Some((content, at + line.len() - content.len(), end));
    }
    // syslog and the journal put a prefix of their own before each line.
    let written = line.find("#011").filter(|&tab| line[..tab].contains(']')).map(|tab| tab + "#011".len());
    let as_is = || line.find('\t').filter(|&tab| line[..tab].ends_with("]: ")).map(|tab| tab + 1);
    let from = written.or_else(as_is)?;
    Some((&line[from..], at + from, end))
}

/// A line of csvlog: the message is one of its cells.
fn csv_entry(text: &str, at: usize) -> Option<Entry> {
    let mut log = LogEntry::default();
    let mut message = None;
    let mut end = at;
    for column in 0..40 {
        let cell = unframe::csv_cell(text, end, b',')?;
        end = cell.end;
        match column {
            0 => log.timestamp = cell.document.text.as_str().into(),
            3 => log.session = cell.document.text.as_str().into(),
            _ if duration_at(cell.document.text.lines().next().unwrap_or("")).is_some() => {
                message = Some(cell.document)
            }
            _ => {}
        }
        if cell.last_of_record {
            break;
        }
    }
    let message = message?;
    let first = message.text.lines().next().unwrap_or("");
    let milliseconds = first.split("duration: ").nth(1)?.split(' ').next()?;
    log.duration = milliseconds.parse().unwrap_or(0.0);
    let plan = message.text.find("plan:")? + "plan:".len();
    Some(Entry { log, document: Some(message.from(plan)), end })
}

/// Fills in what the object around a log message says of it (jsonlog).
pub(super) fn complete(plans: &mut [Plan], text: &str, message: usize, all: &[Loose]) {
    if plans.iter().all(|plan| plan.log.is_none()) {
        return;
    }
    let same = |other: &&Loose| other.object == all[message].object;
    let (before, after) = all.split_at(message);
    let siblings = || before.iter().rev().take_while(same).chain(after.iter().take_while(same));
    let sibling = |names: &[&str]| {
        let found = siblings().find(|other| names.contains(&&*other.key))?;
        Some(unframe::json_string(text, found.start as usize, found.end as usize).text)
    };
    let timestamp = sibling(&["timestamp", "time", "log_time"]);
    let session = sibling(&["session_id", "pid", "process_id"]);
    for log in plans.iter_mut().filter_map(|plan| plan.log.as_mut()) {
        if let Some(timestamp) = timestamp.as_deref().filter(|_| log.timestamp.is_empty()) {
            log.timestamp = timestamp.into();
        }
        if let Some(session) = session.as_deref().filter(|_| log.session.is_empty()) {
            log.session = session.into();
        }
    }
}

/// `2025-06-01 10:00:00.123 UTC` in a line's prefix.
fn timestamp(prefix: &str) -> &str {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let date = prefix.match_indices('-').find(|&(at, _)| {
        at >= 4 && prefix.is_char_boundary(at - 4) && digits(&prefix[at - 4..]) == 4 && digits(&prefix[at + 1..]) == 2
    });
    let Some((dash, _)) = date else { return "" };
    let stamp = &prefix[dash - 4..];
    let is_stamp = |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ' | ':' | '.' | 'T' | 'Z' | '+');
    let numbers = stamp.find(|c: char| !is_stamp(c)).unwrap_or(stamp.len());
    let zone = stamp[numbers..].chars().take_while(char::is_ascii_uppercase).count();
    stamp[..numbers + zone].trim_end_matches([' ', ':'])
}

/// The process in a line's prefix: the number in brackets, or else all that is no time.
fn session(prefix: &str) -> &str {
    let mut brackets = prefix.match_indices('[').filter_map(|(at, _)| {
        let digits = prefix[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        (digits > 0).then(|| &prefix[at + 1..at + 1 + digits])
    });
    brackets.next().unwrap_or("")
}

/// The statement that a line before a plan starts, with its place: `Query Text: …`, or `EXPLAIN …` at a prompt.
pub(super) fn statement(text: &str, at: usize, line: &str) -> Option<(String, usize, usize)> {
    if let Some(found) = line.trim_start().strip_prefix("Query Text: ") {
        return Some(lines_of(text, at + line.len() - found.len()));
    }
    let start = explain_at(line)?;
    let from = at + start + after_options(&text[at + start..])?;
    let (statement, from, to) = lines_of(text, from);
    let end = statement.find(";\n").unwrap_or(statement.len());
    Some((statement[..end].trim_end_matches(';').to_owned(), from, to))
}

/// Where `EXPLAIN` stands in a line: first, or behind a prompt.
fn explain_at(line: &str) -> Option<usize> {
    let prompt = ["=> ", "=# ", "-> ", "-# "].iter().filter_map(|mark| Some(line.find(mark)? + mark.len())).min();
    let first = line.len() - line.trim_start().len();
    let is_explain =
        |at: &usize| line.get(*at..*at + "explain".len()).is_some_and(|word| word.eq_ignore_ascii_case("explain"));
    [Some(first), prompt].into_iter().flatten().find(is_explain)
}

/// How long the EXPLAIN with its options is that a statement starts with.
pub(super) fn explain_options(statement: &str) -> Option<usize> {
    let is_explain = statement.get(.."explain".len())?.eq_ignore_ascii_case("explain");
    is_explain.then(|| after_options(statement).unwrap_or("explain".len()))
}

/// How long `EXPLAIN (…)` or `EXPLAIN ANALYZE VERBOSE` is.
fn after_options(text: &str) -> Option<usize> {
    let mut at = "explain".len();
    loop {
        let rest = text.get(at..)?;
        let space = rest.len() - rest.trim_start().len();
        let word = &rest[space..];
        let len = if word.starts_with('(') {
            word.find(')')? + 1
        } else {
            ["analyze", "analyse", "verbose"].into_iter().find_map(|option| {
                let found = word.get(..option.len()).is_some_and(|start| start.eq_ignore_ascii_case(option));
                (found && word[option.len()..].starts_with(char::is_whitespace)).then_some(option.len())
            })?
        };
        at += space + len;
        let rest = text.get(at..)?.trim_start();
        let more = rest.starts_with('(')
            || ["analyze ", "verbose "]
                .iter()
                .any(|option| rest.get(..option.len()).is_some_and(|start| start.eq_ignore_ascii_case(option)));
        if !more {
            return Some(at);
        }
    }
}

/// The lines from a place to the one before a plan, without prompts.
fn lines_of(text: &str, from: usize) -> (String, usize, usize) {
    let mut at = from;
    let mut to = from;
    let mut statement = String::new();
    for _ in 0..500 {
        let Some(line) = text.get(at..line_end(text, at)).filter(|line| !line.is_empty()) else { break };
        let content = line.trim_end();
        let ends = text::is_node(content) || super::table::table(text, at).is_some() || duration_at(content).is_some();
        if at > from
            && (ends || content.trim_start().starts_with(['{', '[', '<', '`']) || content.trim_end() == "Plan:")
        {
            break;
        }
        if !statement.is_empty() {
            statement.push('\n');
        }
        statement.push_str(content);
        to = at + content.len();
        at += line.len();
        if content.ends_with(';') {
            break;
        }
    }
    let trimmed = statement.trim();
    (trimmed.to_owned(), from + statement.len() - statement.trim_start().len(), to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_tell_time_and_process() {
        let cases = [
            ("2025-06-01 10:00:00.123 UTC [4242] app@app LOG:  ", "2025-06-01 10:00:00.123 UTC", "4242"),
            ("2025-06-01 10:00:00 UTC:10.0.0.1(5432):u@d:[99]:LOG:  ", "2025-06-01 10:00:00 UTC", "99"),
            ("LOG:  ", "", ""),
            ("Jun  1 10:00:00 host postgres[7]: [5-1] LOG:  ", "", "7"),
        ];
        for (prefix, time, process) in cases {
            assert_eq!((timestamp(prefix), session(prefix)), (time, process), "{prefix}");
        }
    }

    #[test]
    fn statements_are_found_behind_prompts_and_options() {
        let text = "app=> EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1;\n";
        assert_eq!(statement(text, 0, text.trim_end()).map(|found| found.0), Some("SELECT 1".to_owned()));
        let text = "explain analyze verbose select\n  2\nLimit  (cost=0.00..1.00 rows=1 width=4)\n";
        let first = text.lines().next().unwrap();
        assert_eq!(statement(text, 0, first).map(|found| found.0), Some("select\n  2".to_owned()));
        assert_eq!(statement("explained", 0, "explained"), None);
    }
}
