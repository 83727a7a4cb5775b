//! Directives in comments that silence findings: `-- pglint: allow rule_name because …`.
//!
//! One on or above a statement, or at the end of its line, holds for that statement; `allow-file`
//! holds for the file. squawk's and pgls's directives are understood as well, for the rules that
//! have a counterpart here.

use memchr::memmem;

use crate::config::{rule_hint, rule_named};
use crate::finding::{Finding, Severity};
use crate::rule::Rule;
use crate::source::{FileId, Span};
use crate::syntax::split;
use crate::syntax::token::{Comment, Tokens};

/// What the directives of one file allow.
pub struct Allows {
    allows: Vec<Allow>,
    mistakes: Vec<Finding>,
}

struct Allow {
    /// Where the rule is named.
    span: Span,
    /// The rule; `None` for all of them, as other tools' directives can say.
    rule: Option<&'static str>,
    scope: Scope,
    /// Written for another tool, so nobody is told when it silences nothing.
    foreign: bool,
    used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    File,
    /// From its first byte to one past its last.
    Statement(u32, u32),
    /// There is no statement for it.
    Nothing,
}

/// A directive as it is written.
struct Directive<'t> {
    tool: Tool,
    whole_file: bool,
    /// What follows the word that makes it a directive, and where.
    rest: &'t str,
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    Pglint,
    Squawk,
    Pgls,
}

impl Allows {
    /// Reads the directives of a text; `None` where there are none.
    pub fn read(file: FileId, text: &str, rules: &[&Rule]) -> Option<Allows> {
        let words: [&[u8]; 3] = [b"pglint:", b"squawk-ignore", b"pgls-ignore"];
        if !words.iter().any(|word| memmem::find(text.as_bytes(), word).is_some()) {
            return None;
        }
        let tokens = Tokens::of(text);
        let statements: Vec<(u32, u32)> = split::statements(text, &tokens.tokens)
            .iter()
            .filter_map(|tokens| Some((tokens.first()?.start, tokens.last()?.end)))
            .collect();
        let mut allows = Allows { allows: Vec::new(), mistakes: Vec::new() };
        for comment in &tokens.comments {
            if let Some(directive) = directive(text, *comment) {
                let scope = if directive.whole_file { Scope::File } else { scope(text, &statements, *comment) };
                allows.add(file, &directive, scope, rules);
            }
        }
        (!allows.allows.is_empty() || !allows.mistakes.is_empty()).then_some(allows)
    }

    fn add(&mut self, file: FileId, directive: &Directive<'_>, scope: Scope, rules: &[&Rule]) {
        let whole = Span::new(file, directive.at as u32, (directive.at + directive.rest.trim_end().len()) as u32);
        let foreign = directive.tool != Tool::Pglint;
        let names = match directive.tool {
            Tool::Pglint => match directive.rest.split_once("because") {
                Some((names, reason)) if !reason.trim().is_empty() => names,
                _ => {
                    let finding = self.mistake(whole, "the directive gives no reason");
                    finding.help("write: -- pglint: allow rule_name because …");
                    return;
                }
            },
            Tool::Squawk => directive.rest,
            Tool::Pgls => directive.rest.split(':').next().unwrap_or(""),
        };
        if foreign && names.trim().is_empty() {
            self.allows.push(Allow { span: whole, rule: None, scope, foreign, used: false });
        }
        let mut at = directive.at;
        for part in names.split(',') {
            let name = part.trim();
            let start = at + (part.len() - part.trim_start().len());
            at += part.len() + 1;
            let span = Span::new(file, start as u32, (start + name.len()) as u32);
            self.add_rule(span, name, directive.tool, scope, rules);
        }
    }

    fn add_rule(&mut self, span: Span, name: &str, tool: Tool, scope: Scope, rules: &[&Rule]) {
        let rule = match tool {
            Tool::Pglint => rule_named(rules, name),
            Tool::Squawk => rule_named(rules, &format!("squawk/{name}")),
            Tool::Pgls => rule_named(rules, &format!("pgls/{}", name.rsplit('/').next().unwrap_or(name))),
        };
        match rule {
            Some(rule) => {
                let foreign = tool != Tool::Pglint;
                self.allows.push(Allow { span, rule: Some(rule.id), scope, foreign, used: false });
            }
            None if tool == Tool::Pglint && name.is_empty() => {
                self.mistake(span, "the directive names no rule").help("pglint rules lists all");
            }
            None if tool == Tool::Pglint => {
                self.mistake(span, format!("unknown rule \"{name}\"")).help(rule_hint(rules, name));
            }
            None => {}
        }
    }

    fn mistake(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        self.mistakes.push(Finding::new("invalid_allow", span, message));
        let last = self.mistakes.len() - 1;
        &mut self.mistakes[last]
    }

    /// Whether the finding is allowed.
    pub fn silence(&mut self, finding: &Finding) -> bool {
        let mut allowed = false;
        for allow in &mut self.allows {
            let named = allow.rule.is_none_or(|rule| rule == finding.rule);
            let within = match allow.scope {
                Scope::File => true,
                Scope::Statement(start, end) => start <= finding.span.start && finding.span.start <= end,
                Scope::Nothing => false,
            };
            if named && within {
                allow.used = true;
                allowed = true;
            }
        }
        allowed
    }

    /// The mistakes in the directives, and those that silenced nothing although their rule is on.
    pub fn into_findings(self, is_on: impl Fn(&str, Span) -> bool) -> Vec<Finding> {
        let mut findings = self.mistakes;
        for allow in self.allows.iter().filter(|allow| !allow.used && !allow.foreign) {
            let Some(rule) = allow.rule.filter(|rule| is_on(rule, allow.span)) else { continue };
            let message = match allow.scope {
                Scope::File => format!("nothing in this file is {rule}"),
                Scope::Statement(..) => format!("nothing in this statement is {rule}"),
                Scope::Nothing => "no statement follows this directive".to_owned(),
            };
            let mut finding = Finding::new("unused_allow", allow.span, message);
            finding.severity = Severity::Warning;
            finding.help("remove the directive");
            findings.push(finding);
        }
        findings
    }
}

/// The directive that a comment is.
fn directive(text: &str, comment: Comment) -> Option<Directive<'_>> {
    let whole = comment.text(text);
    let body = whole.trim_start_matches(['-', '/', '*']).trim_start();
    let body = body.strip_suffix("*/").unwrap_or(body);
    let forms = [
        ("pglint:", Tool::Pglint),
        ("squawk-ignore-file", Tool::Squawk),
        ("squawk-ignore", Tool::Squawk),
        ("pgls-ignore-all", Tool::Pgls),
        ("pgls-ignore", Tool::Pgls),
    ];
    let (word, tool) = forms.into_iter().find(|(word, _)| body.starts_with(word))?;
    let mut rest = &body[word.len()..];
    let mut whole_file = word.ends_with("-file") || word.ends_with("-all");
    if tool == Tool::Pglint {
        rest = rest.trim_start().strip_prefix("allow")?;
        if let Some(after) = rest.strip_prefix("-file") {
            (rest, whole_file) = (after, true);
        }
    }
    let rest = rest.strip_prefix(':').unwrap_or(rest).trim_start();
    let at = rest.as_ptr() as usize - text.as_ptr() as usize;
    Some(Directive { tool, whole_file, rest, at })
}

/// The statement that a comment is in, behind, or before.
fn scope(text: &str, statements: &[(u32, u32)], comment: Comment) -> Scope {
    let next = statements.partition_point(|(start, _)| *start < comment.start);
    if let Some(&(start, end)) = next.checked_sub(1).and_then(|before| statements.get(before)) {
        let between = text.get(end as usize..comment.start as usize);
        let same_line = between.is_none_or(|between| !between.contains(['\n', '\r']));
        if comment.start < end || same_line {
            return Scope::Statement(start, end);
        }
    }
    statements.get(next).map_or(Scope::Nothing, |&(start, end)| Scope::Statement(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Category, Check};

    static RULE: Rule = Rule {
        id: "drop_table",
        module: "rules::statement::drop_table",
        doc: "",
        category: Category::DataLoss,
        level: None,
        advisor: None,
        aliases: &["squawk/ban-drop-table", "pgls/banDropTable"],
        adds: false,
        check: Check::Engine,
    };

    /// What is said of a text in which `drop_table` is found at each `drop`.
    fn found(text: &str) -> Vec<String> {
        let file = FileId(0);
        let places = memmem::find_iter(text.as_bytes(), "drop table").map(|at| at as u32);
        let findings = places.map(|at| Finding::new("drop_table", Span::new(file, at, at + 4), format!("at {at}")));
        let Some(mut allows) = Allows::read(file, text, &[&RULE]) else {
            return findings.map(|finding| finding.message).collect();
        };
        let mut left: Vec<String> =
            findings.filter(|finding| !allows.silence(finding)).map(|finding| finding.message).collect();
        left.extend(
            allows
                .into_findings(|_, _| true)
                .iter()
                .map(|finding| format!("{}: {}", &text[finding.span.range()], finding.message)),
        );
        left
    }

    #[test]
    fn a_directive_holds_for_its_statement() {
        let none: [&str; 0] = [];
        assert_eq!(found("-- pglint: allow drop_table because never released\ndrop table a;"), none);
        assert_eq!(found("drop table a; -- pglint: allow drop_table because x"), none);
        assert_eq!(found("drop table\n  a -- pglint: allow drop_table because x\n  cascade;"), none);
        assert_eq!(found("/* pglint: allow drop_table because x */ drop table a;"), none);
        assert_eq!(found("select 1;\ndrop table a;\n-- pglint: allow drop_table because x\ndrop table b;"), ["at 10"]);
        assert_eq!(found("-- pglint: allow-file drop_table because x\ndrop table a; drop table b;"), none);
    }

    #[test]
    fn other_tools_directives_are_read() {
        assert_eq!(found("-- squawk-ignore ban-drop-table, prefer-text\ndrop table a;"), [""; 0]);
        assert_eq!(found("-- squawk-ignore\ndrop table a;\ndrop table b;"), ["at 31"]);
        assert_eq!(found("-- squawk-ignore prefer-text\ndrop table a;"), ["at 29"]);
        assert_eq!(found("-- pgls-ignore lint/safety/banDropTable: known\ndrop table a;"), [""; 0]);
    }

    #[test]
    fn mistakes_are_found() {
        assert_eq!(found("-- pglint: allow drop_table\nselect 1;"), ["drop_table: the directive gives no reason"]);
        assert_eq!(
            found("-- pglint: allow drop_tabel because x\nselect 1;"),
            ["drop_tabel: unknown rule \"drop_tabel\""]
        );
        assert_eq!(
            found("-- pglint: allow drop_table because x\nselect 1;"),
            ["drop_table: nothing in this statement is drop_table"]
        );
        assert_eq!(
            found("select 1;\n-- pglint: allow drop_table because x"),
            ["drop_table: no statement follows this directive"]
        );
    }
}
