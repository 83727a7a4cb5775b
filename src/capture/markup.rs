//! Tables as documents have them: AsciiDoc, LaTeX and troff, as psql prints them.

use super::table::{Lines, is_head};
use super::unframe::Document;

/// How a kind of document writes a table.
struct Markup {
    /// What the line before the first row starts with.
    opens: &'static [&'static str],
    /// What the line behind the last row starts with.
    closes: &'static [&'static str],
    /// Lines of no row.
    drawn: &'static [&'static str],
    /// What stands before a value, the longer ones first.
    before: &'static [&'static str],
    /// What stands behind it.
    behind: &'static [&'static str],
    /// What stands for characters, the longer ones first.
    escapes: &'static [(&'static str, &'static str)],
}

const ALL: [Markup; 3] = [
    Markup {
        opens: &["|===="],
        closes: &["|===="],
        drawn: &["^l|", "2+"],
        before: &["<l|QUERY PLAN <l|", "|"],
        behind: &[],
        escapes: &[("\\|", "|")],
    },
    Markup {
        opens: &["\\begin{tabular}", "\\begin{longtable}"],
        closes: &["\\end{tabular}", "\\end{longtable}"],
        drawn: &[
            "\\hline",
            " \\hline",
            "\\toprule",
            "\\midrule",
            "\\bottomrule",
            "\\end",
            "\\textit{",
            "\\small",
            "\\multicolumn",
        ],
        before: &["QUERY PLAN & ", "\\raggedright{"],
        behind: &["} \\tabularnewline", "}", " \\\\"],
        escapes: &[
            ("\\textbackslash{}", "\\"),
            ("\\textgreater{}", ">"),
            ("\\textless{}", "<"),
            ("\\textbar{}", "|"),
            ("\\^{}", "^"),
            ("\\~{}", "~"),
            ("\\\\", "\n"),
            ("\\{", "{"),
            ("\\}", "}"),
            ("\\#", "#"),
            ("\\$", "$"),
            ("\\%", "%"),
            ("\\&", "&"),
            ("\\_", "_"),
        ],
    },
    Markup {
        opens: &[".TS"],
        closes: &[".TE"],
        drawn: &["center", "l.", "c l", "c |", "c s.", ".T&", "_", "\\fI"],
        before: &["QUERY PLAN\t"],
        behind: &[],
        escapes: &[("\\(rs", "\\")],
    },
];

/// The rows of the table that the line at `at` opens, one below the other, and where it ends.
pub(super) fn markup(text: &str, at: usize) -> Option<(Document, usize)> {
    let mut lines = Lines { text, at };
    let first = lines.next()?.1;
    let starts = |line: &str, all: &[&str]| all.iter().any(|one| line.starts_with(one));
    let kind = ALL.iter().find(|kind| starts(first, kind.opens))?;
    let mut document = Document::default();
    while let Some((at, line)) = lines.next() {
        if starts(line, kind.closes) {
            break;
        }
        if line.trim().is_empty() || starts(line, kind.drawn) {
            continue;
        }
        let before = kind.before.iter().find(|before| line.starts_with(**before)).map_or(0, |before| before.len());
        let value = &line[before..];
        let value = kind.behind.iter().find_map(|behind| value.strip_suffix(behind)).unwrap_or(value);
        if !is_head(value) {
            document.push_line("", at);
            unescape(value, at + before, kind.escapes, &mut document);
        }
    }
    Some((document, lines.at))
}

fn unescape(value: &str, at: usize, escapes: &[(&str, &str)], document: &mut Document) {
    let (mut from, mut next) = (0, 0);
    while next < value.len() {
        match escapes.iter().find(|(written, _)| value[next..].starts_with(written)) {
            Some((written, meant)) => {
                document.push(&value[from..next], at + from);
                document.push(meant, at + next);
                next += written.len();
                from = next;
            }
            None => next += value[next..].chars().next().map_or(1, char::len_utf8),
        }
    }
    document.push(&value[from..], at + from);
}
