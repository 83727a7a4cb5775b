//! A VOLATILE function in a condition is called for each row, and keeps an index from being used. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conditions, is_fixed};
use crate::rule::syntax::Volatility;
use crate::rule::tree::{Call, Expr, Node};
use crate::rule::walk::{Part, Walk};
use crate::rule::{Check, FunctionId, Place, QueryContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    // Of policies rls_helper_not_stable speaks.
    if !context.place.is_lasting() || context.place == Place::Policy {
        return;
    }
    for block in context.blocks() {
        for condition in conditions(block) {
            let Some((_, left, right, _)) = comparison(condition) else { continue };
            for (own, value) in [(left, right), (right, left)] {
                let Some(column) = context.column(block, own).filter(|_| is_fixed(value)) else { continue };
                if let (Some(call), Some(index)) = (volatile_call(context, value), context.index_on(column)) {
                    let finding = report.at(call.name_span, format!("{}() is called for each row", call.name));
                    finding.label("it is VOLATILE: its answer may change between two rows");
                    finding.also(index.span(), format!("so that {} cannot be searched", index.name()));
                    finding.help(match call.function {
                        Some(FunctionId::Object(_)) => {
                            "declare it STABLE where it only reads, or ask it once: (select …)"
                        }
                        _ => "ask it once: (select …)",
                    });
                }
            }
        }
    }
}

/// A call of a volatile function.
fn volatile_call<'e>(context: &QueryContext<'_>, value: &'e Expr) -> Option<&'e Call> {
    let mut walk = Walk::expr(value, &[]);
    while let Some(place) = walk.next() {
        let Part::Expr(part) = place.part else { continue };
        match &part.node {
            // A sub-select that does not depend on the row runs once.
            Node::Sublink(_) => walk.skip_children(),
            Node::Call(call) => {
                let volatile = call.function.and_then(|function| context.volatility(function));
                if volatile == Some(Volatility::Volatile) {
                    return Some(&**call);
                }
            }
            _ => {}
        }
    }
    None
}
