//! One page with everything on it: each plan as a tree and a flame chart with its findings, and what was found in the
//! schema by table. It loads nothing, and reads on a phone, in the dark and by keyboard.

mod flame;
mod plan;
mod schema;
mod tree;

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use crate::finding::{Finding, Severity};
use crate::lint::Judged;
use crate::source::{Sources, Span};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn write(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let plans: Vec<plan::Numbered<'_>> = plan::numbered(judged);
    let tables = schema::by_table(judged);
    let mut page = String::new();
    head(&plans, &tables, &mut page);
    out.write_all(page.as_bytes())?;
    for plan in &plans {
        page.clear();
        plan::write(&judged.rest.sources, plan, &mut page);
        out.write_all(page.as_bytes())?;
    }
    page.clear();
    schema::write(&judged.rest.sources, &tables, &mut page);
    let _ = writeln!(page, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>");
    out.write_all(page.as_bytes())
}

fn head(plans: &[plan::Numbered<'_>], tables: &schema::Tables<'_>, page: &mut String) {
    // The page forbids itself whatever is not in it.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    let _ = writeln!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <title>pglint report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">skip to the plans</a>\n\
         <header><h1>pglint report</h1>\n\
         <button id=\"theme\" type=\"button\" aria-label=\"light or dark\">◐</button>\n\
         <p class=\"keys\">keys: <kbd>j</kbd> <kbd>k</kbd> node, <kbd>n</kbd> <kbd>p</kbd> plan, <kbd>f</kbd> finding, \
         <kbd>Enter</kbd> details</p></header>\n<nav aria-label=\"contents\"><ol>"
    );
    for plan in plans {
        plan::contents_line(plan, page);
    }
    page.push_str("</ol>\n");
    if !tables.is_empty() {
        let count: usize = tables.values().map(Vec::len).sum();
        let _ = writeln!(page, "<p><a href=\"#schema\">schema: {count} findings by table</a></p>");
    }
    page.push_str("</nav>\n<main id=\"content\">\n");
}

/// Text with what HTML would read as its own written out.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

fn severity(severity: Severity) -> &'static str {
    severity.name()
}

/// A finding with all that is said of it.
fn finding(sources: &Sources, finding: &Finding, page: &mut String) {
    let _ = write!(
        page,
        "<div class=\"finding {level}\" tabindex=\"0\"><p><strong>{level}</strong> {message} <code>{rule}</code></p>",
        level = severity(finding.severity),
        message = Escaped(&finding.message),
        rule = Escaped(finding.rule),
    );
    if !finding.label.is_empty() {
        let _ = write!(page, "<p>{}</p>", Escaped(&finding.label));
    }
    for label in &finding.labels {
        let _ = write!(
            page,
            "<p><span class=\"place\">{}</span> {}</p>",
            Place(sources, label.span),
            Escaped(&label.message)
        );
    }
    for note in &finding.notes {
        let _ = write!(page, "<p>{}</p>", Escaped(note));
    }
    for help in &finding.help {
        let _ = write!(page, "<p class=\"help\">→ {}</p>", Escaped(help));
    }
    page.push_str("</div>\n");
}

/// `file:line`
struct Place<'a>(&'a Sources, Span);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1.is_none() {
            return Ok(());
        }
        let file = self.0.file(self.1.file);
        write!(f, "{}:{}", Escaped(&file.name), file.line_column(self.1.start).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(Escaped("a<b & \"c\" 'é'>").to_string(), "a&lt;b &amp; &quot;c&quot; &#39;é&#39;&gt;");
        // What stands in a script or style element ends at its closing tag, wherever that is.
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
        for outside in ["http:", "https:", "@import", "url(", "fetch(", "XMLHttpRequest"] {
            assert!(!SCRIPT.contains(outside) && !STYLE.contains(outside), "{outside}");
        }
    }
}
