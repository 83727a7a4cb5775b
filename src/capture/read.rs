//! From the text of a file to the plans in it.

use crate::finding::Finding;
use crate::source::{FileId, Span};

use super::builder::Builder;
use super::json;
use super::plan::{Format, Plan};
use super::unframe::Places;

/// What a file holds.
#[derive(Default, Debug)]
pub struct Reading {
    /// The plans, in their order.
    pub plans: Vec<Plan>,
    /// What could not be read: a plan that is cut off, or a file that holds none.
    pub problems: Vec<Finding>,
}

/// The rule of the findings in [`Reading::problems`].
const RULE: &str = "unreadable_plan";

/// Reads every plan of a file.
pub fn read(file: FileId, text: &str) -> Reading {
    let mut reading = Reading::default();
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let places = Places::default();
    let mut builder = Builder::new(file, Format::Json, &places);
    match json::walk(text, start, &mut builder) {
        Ok(_) => {}
        Err(json::Error::CutOff { .. }) => reading.problems.push(cut_off(file, text, &builder)),
        Err(json::Error::Unexpected { at }) => {
            let span = Span::new(file, at, at);
            reading.problems.push(Finding::new(RULE, span, "this is no plan"));
        }
    }
    reading.plans = builder.plans;
    reading
}

/// A capture that ends before its plan does.
fn cut_off(file: FileId, text: &str, builder: &Builder<'_>) -> Finding {
    let end = text.trim_end().len() as u32;
    let mut finding = Finding::new(RULE, Span::new(file, end, end), "the plan is cut off");
    let within = builder.open_node().map_or(String::new(), |node| format!(" within its {}", node.node_type));
    finding.label(format!("the text ends here{within}"));
    finding.help("capture it again: the lines after this one are missing");
    finding
}
