//! Applying fixes: edits that touch each other are never made together, and a fix is made whole or not at all.

mod mend;
mod plan;
mod write;

use std::collections::BTreeMap;

use crate::finding::{Edit, Finding, Fix, Safety};
use crate::migration::{covering, index_made_by};
use crate::source::{FileId, Sources};
use crate::syntax::CreateIndex;

pub use mend::{Change, Left, Mended, Scope, mend};
pub use plan::plan_migration;
pub use write::write;

/// What applying fixes came to.
#[derive(Default, Debug)]
pub struct Applied {
    /// The new texts of the files that change.
    pub texts: BTreeMap<FileId, String>,
    /// Which of the findings were fixed, by their place in the list.
    pub made: Vec<usize>,
    /// How many were left because their edits touch others'.
    pub colliding: usize,
}

/// Applies the preferred fix of each finding that can be made as edits and is no less safe than asked for.
pub fn apply(sources: &Sources, findings: &[Finding], unsafe_too: bool) -> Applied {
    apply_in(sources, findings, unsafe_too, &|_| true)
}

/// The same with edits in some files only.
pub fn apply_in(
    sources: &Sources,
    findings: &[Finding],
    unsafe_too: bool,
    is_open: &dyn Fn(FileId) -> bool,
) -> Applied {
    let mut applied = Applied::default();
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let preferred: Vec<Option<&Fix>> = findings.iter().map(|finding| preferred(finding, unsafe_too, is_open)).collect();
    let covered = covered(&preferred);
    for (at, fix) in preferred.iter().enumerate().filter_map(|(at, fix)| Some((at, (*fix)?))) {
        if covered[at] {
            applied.colliding += 1;
            continue;
        }
        if fix.edits.iter().any(|edit| collides(edit, edits.get(&edit.span.file))) {
            applied.colliding += 1;
            continue;
        }
        applied.made.push(at);
        for edit in &fix.edits {
            insert(edits.entry(edit.span.file).or_default(), edit);
        }
    }
    applied.texts = edits.into_iter().map(|(file, edits)| (file, edited(&sources.file(file).text, &edits))).collect();
    applied
}

/// The fixes that make an index which is not needed beside another one that is made.
fn covered(fixes: &[Option<&Fix>]) -> Vec<bool> {
    let made: Vec<Option<CreateIndex>> = fixes.iter().map(|fix| index_made_by((*fix)?.migration.first()?)).collect();
    let made: Vec<Option<&CreateIndex>> = made.iter().map(Option::as_ref).collect();
    covering(&made).iter().map(Option::is_some).collect()
}

fn preferred<'f>(finding: &'f Finding, unsafe_too: bool, is_open: &dyn Fn(FileId) -> bool) -> Option<&'f Fix> {
    finding.fixes.iter().find(|fix| (unsafe_too || fix.safety == Safety::Safe) && is_possible(fix, is_open))
}

/// Whether a fix can be made as edits of files that may be edited.
pub fn is_possible(fix: &Fix, is_open: &dyn Fn(FileId) -> bool) -> bool {
    !fix.edits.is_empty() && fix.edits.iter().all(|edit| is_open(edit.span.file))
}

/// Edits of one file are kept in order; those at the same place in the order they came.
fn insert<'a>(edits: &mut Vec<&'a Edit>, edit: &'a Edit) {
    let at = edits.partition_point(|other| other.span.start <= edit.span.start);
    edits.insert(at, edit);
}

/// Whether an edit touches one of those that are made. Two insertions at one place are no collision.
fn collides(edit: &Edit, made: Option<&Vec<&Edit>>) -> bool {
    let Some(made) = made else { return false };
    let after = made.partition_point(|other| other.span.start < edit.span.start);
    let touches = |other: &&Edit| {
        let both_insert = other.span.is_empty() && edit.span.is_empty();
        let (a, b) = (other.span, edit.span);
        !both_insert && a.start < b.end.max(b.start + 1) && b.start < a.end.max(a.start + 1)
    };
    let before = made[..after].last().is_some_and(touches);
    before || made[after..].iter().take_while(|other| other.span.start <= edit.span.end).any(touches)
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let grown: usize = edits.iter().map(|edit| edit.replacement.len()).sum();
    let mut out = String::with_capacity(text.len() + grown);
    let mut at = 0;
    let crlf = uses_crlf(text);
    for edit in edits {
        let range = edit.span.range();
        out.push_str(&text[at..range.start]);
        // Rules write new lines as LF; what they copied from a CRLF file is whole already.
        if crlf && edit.replacement.contains('\n') {
            out.push_str(&edit.replacement.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.replacement);
        }
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Whether most lines of a text end in CRLF.
pub fn uses_crlf(text: &str) -> bool {
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let crlf = memchr::memmem::find_iter(text.as_bytes(), "\r\n").count();
    crlf * 2 > lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Span};

    fn fixed(text: &str, fixes: Vec<Fix>) -> (String, usize) {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a.sql", text));
        let findings: Vec<Finding> = fixes
            .into_iter()
            .map(|fix| {
                let mut finding = Finding::new("x", Span::new(file, 0, 0), "x");
                finding.fix(fix);
                finding
            })
            .collect();
        let mut applied = apply(&sources, &findings, false);
        (applied.texts.remove(&file).unwrap_or_default(), applied.colliding)
    }

    fn span(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start, end)
    }

    #[test]
    fn edits_are_made_in_order_of_place() {
        let fixes = vec![
            Fix::safe("b").replace(span(4, 5), "B"),
            Fix::safe("a").replace(span(0, 1), "A").insert_after(span(5, 5), "!"),
        ];
        assert_eq!(fixed("a + b", fixes), ("A + B!".to_owned(), 0));
    }

    #[test]
    fn a_fix_that_touches_another_is_left_whole() {
        let fixes = vec![
            Fix::safe("one").replace(span(0, 3), "1"),
            Fix::safe("two").replace(span(2, 4), "2").replace(span(6, 7), "3"),
            Fix::needs_review("no").replace(span(5, 6), "4"),
        ];
        assert_eq!(fixed("abcdefg", fixes), ("1defg".to_owned(), 1));
    }

    #[test]
    fn new_lines_end_as_the_others_do() {
        let fixes = vec![Fix::safe("one").insert_after(span(1, 1), "\n\nb;")];
        assert_eq!(fixed(";\r\nx\r\n", fixes).0, ";\r\n\r\nb;\r\nx\r\n");
    }

    #[test]
    fn insertions_at_one_place_follow_each_other() {
        let fixes =
            vec![Fix::safe("one").insert_before(span(1, 1), "1"), Fix::safe("two").insert_before(span(1, 1), "2")];
        assert_eq!(fixed("ab", fixes), ("a12b".to_owned(), 0));
    }
}
