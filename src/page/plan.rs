//! One plan: its statement, its figures, its chart, its tree.

use std::fmt::Write as _;

use crate::capture::figures::{count, plural, shorten, size, time};
use crate::capture::{NodeId, Plan};
use crate::finding::Finding;
use crate::lint::{Judged, JudgedPlan};
use crate::source::Sources;

use super::{Escaped, finding, flame, severity, tree};

/// A plan with its place on the page.
pub struct Numbered<'a> {
    /// From 1.
    pub number: usize,
    /// What it is called.
    pub name: String,
    /// The plan and its findings.
    pub judged: &'a JudgedPlan,
}

/// All plans, numbered.
pub fn numbered(judged: &Judged) -> Vec<Numbered<'_>> {
    let mut plans = Vec::new();
    for capture in &judged.captures {
        let file = &judged.rest.sources.file(capture.file).name;
        for (at, plan) in capture.plans.iter().enumerate() {
            let name = if capture.plans.len() == 1 { file.clone() } else { format!("{file}#{}", at + 1) };
            plans.push(Numbered { number: plans.len() + 1, name, judged: plan });
        }
    }
    plans
}

/// The plan's line in the table of contents.
pub fn contents_line(plan: &Numbered<'_>, page: &mut String) {
    let worst = plan.judged.findings.iter().map(|finding| finding.severity).max();
    let findings = match worst {
        Some(worst) => {
            let count = plural(plan.judged.findings.len() as f64, "finding");
            format!(" <span class=\"badge {}\">{count}</span>", severity(worst))
        }
        None => String::new(),
    };
    let time = plan.judged.plan.total_time().map(time).unwrap_or_default();
    let _ = writeln!(
        page,
        "<li><a href=\"#plan{}\">{}</a> <span class=\"figure\">{time}</span>{findings}</li>",
        plan.number,
        Escaped(&plan.name)
    );
}

/// Writes the plan's section.
pub fn write(sources: &Sources, plan: &Numbered<'_>, page: &mut String) {
    let (number, judged) = (plan.number, plan.judged);
    let _ = writeln!(
        page,
        "<section class=\"plan\" id=\"plan{number}\" aria-labelledby=\"title{number}\" tabindex=\"-1\">\n\
         <h2 id=\"title{number}\">{}</h2>",
        Escaped(&plan.name)
    );
    if let Some(query) = &judged.plan.query {
        let _ = writeln!(
            page,
            "<details class=\"query\"><summary>{}</summary><pre>{}</pre></details>",
            Escaped(&shorten(&query.text.split_whitespace().collect::<Vec<_>>().join(" "), 140)),
            Escaped(&query.text)
        );
    }
    figures(&judged.plan, page);
    let beside = beside_nodes(&judged.plan, &judged.findings);
    for one in beside.iter().filter(|(node, _)| node.is_none()) {
        finding(sources, one.1, page);
    }
    flame::write(plan, page);
    tree::write(sources, plan, &beside, page);
    page.push_str("</section>\n");
}

fn figures(plan: &Plan, page: &mut String) {
    let mut all: Vec<(&str, String)> = Vec::new();
    all.extend(plan.total_time().map(|ms| ("time", time(ms))));
    all.extend(plan.planning_time.map(|ms| ("planning", time(ms))));
    let triggers = plan.trigger_time();
    all.extend((triggers > 0.0).then(|| ("triggers", time(triggers))));
    all.extend(plan.jit.as_ref().and_then(|jit| jit.total_time).map(|ms| ("just-in-time compilation", time(ms))));
    if let Some(buffers) = plan.root().get().buffers.as_deref().filter(|_| plan.is_analyzed()) {
        all.push(("pages", count(buffers.touched() as f64)));
        all.push(("not cached", count((buffers.shared_read + buffers.local_read) as f64)));
        if buffers.temp_written > 0 {
            all.push(("temporary", size(buffers.temp_written as f64 * 8.0)));
        }
    }
    all.extend(plan.root().total_rows().map(|rows| ("rows", count(rows))));
    all.extend(plan.root().total_cost.map(|cost| ("estimated cost", count(cost))));
    page.push_str("<dl class=\"figures\">");
    for (name, value) in all {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n");
}

/// Each finding with the node that it is about; none for what is about the whole.
pub type Beside<'a> = Vec<(Option<NodeId>, &'a Finding)>;

fn beside_nodes<'a>(plan: &Plan, findings: &'a [Finding]) -> Beside<'a> {
    let node_of = |finding: &Finding| {
        let around = |node: &crate::capture::NodeRef<'_>| {
            let span = node.get().span;
            span.start <= finding.span.start && finding.span.end <= span.end
        };
        // The innermost: nodes come before those below them. What is about the whole marks all of the plan.
        let innermost = plan.nodes().rev().find(around);
        innermost.filter(|_| finding.span != plan.span).map(|node| node.id())
    };
    findings.iter().map(|finding| (node_of(finding), finding)).collect()
}
