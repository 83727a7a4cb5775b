//! A table whose blocks are too seldom in the cache. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent, size};
use crate::rule::stats::Kind;
use crate::rule::{Check, Level, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check), level: Some(Level::At(Severity::Info)));

/// kB of shared_buffers on a server that nobody has settled: 128 MB.
const USUAL_BUFFERS: f64 = 131_072.0;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::TableBlocks) {
        let (Some(read), Some(hit)) = (row.number("heap_blks_read"), row.number("heap_blks_hit")) else { continue };
        let ratio = hit / (read + hit).max(1.0);
        if read + hit < context.settings.blocks || ratio >= context.settings.cache_hit_ratio {
            continue;
        }
        let text = &context.sources.file(row.span.file).text;
        let message = format!("{} of the blocks of {} were in the cache", percent(ratio), row.subject());
        let finding = report.at(row.place(text), message);
        finding.label(format!("{} were not", count(read))).subject(row.subject());
        match context.statistics.setting_number("shared_buffers") {
            Some(buffers) if buffers <= USUAL_BUFFERS => {
                finding.help(format!("shared_buffers is {}: a quarter of the memory is usual", size(buffers)));
            }
            _ => {
                finding.help("see whether whole scans read it (seq_scanned_table), before giving shared_buffers more");
            }
        }
    }
}
