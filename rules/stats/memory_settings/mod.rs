//! Settings of memory that do not fit what the server does. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, shorten, size};
use crate::rule::stats::{Kind, Row};
use crate::rule::{Check, Finding, Level, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check), level: Some(Level::At(Severity::Info)));

/// kB of shared_buffers on a server that nobody has settled: 128 MB.
const USUAL_BUFFERS: f64 = 131_072.0;
/// How many times larger than shared_buffers the tables must be for that to matter.
const TIMES: f64 = 4.0;
/// kB of temporary files a call from which on a statement is in want of memory.
const LEAST_SPILL: f64 = 8192.0;
/// kB of work_mem above which a setting for one statement is no advice any more.
const MOST_WORK_MEM: f64 = 1_048_576.0;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    let kb = |name: &str| context.statistics.setting_number(name);
    let tables: f64 = context.statistics.of(Kind::Sizes).filter_map(|row| row.number("relpages")).sum::<f64>() * 8.0;
    if let Some(buffers) = kb("shared_buffers").filter(|kb| *kb <= USUAL_BUFFERS && tables > kb * TIMES) {
        let message = format!("shared_buffers is {} for {} of tables and indexes", size(buffers), size(tables));
        let finding = at(context, report, "shared_buffers", message);
        finding.label("as it is on a server that nobody has settled");
        finding.help("a quarter of the memory is usual; it takes effect with a restart");
    }
    if let (Some(work), Some(connections), Some(cache)) =
        (kb("work_mem"), kb("max_connections"), kb("effective_cache_size"))
    {
        let all = work * connections;
        if all > cache * 2.0 {
            let message = format!("work_mem of {} in {} connections is {}", size(work), count(connections), size(all));
            let finding = at(context, report, "work_mem", message);
            finding.label(format!("the system has about {} for its cache", size(cache)));
            finding.help(
                "each sort and hash of each connection may take it: set it for the roles or statements that need it",
            );
        }
    }
    if let (Some(buffers), Some(cache)) = (kb("shared_buffers"), kb("effective_cache_size"))
        && cache < buffers
    {
        let message = format!("effective_cache_size is {}, less than shared_buffers", size(cache));
        let finding = at(context, report, "effective_cache_size", message);
        finding.label(format!("shared_buffers is {}", size(buffers)));
        finding.help("the planner takes indexes to be read from disk: half to three quarters of the memory is usual");
    }
    if let Some(work) = kb("work_mem") {
        context
            .statements()
            .iter()
            .for_each(|statement| spills(context, report, (statement.row, statement.query), work));
    }
}

/// A statement that writes temporary files at each call.
fn spills(context: &StatsContext<'_>, report: &mut Report, (row, query): (&Row, &str), work: f64) {
    let (Some(blocks), Some(calls)) = (row.number("temp_blks_written"), row.number("calls")) else { return };
    let each = blocks * 8.0 / calls.max(1.0);
    if each < LEAST_SPILL {
        return;
    }
    let text = &context.sources.file(row.span.file).text;
    let finding = report.at(row.place(text), format!("writes {} of temporary files each call", size(each)));
    finding.label(format!("work_mem is {}", size(work))).note(shorten(query, 300));
    // In memory a sort takes two to three times what it takes on disk.
    let wanted = (each * 3.0 / 1024.0).ceil().max(1.0);
    match wanted * 1024.0 <= MOST_WORK_MEM {
        true => {
            finding.help(format!("for this statement alone: set local work_mem = '{wanted}MB'; or read fewer rows"))
        }
        false => finding.help("no work_mem holds that: read fewer rows, or have an index give the order"),
    };
}

fn at<'r>(context: &StatsContext<'_>, report: &'r mut Report, setting: &str, message: String) -> &'r mut Finding {
    let row = context.statistics.setting(setting).expect("it was read a moment ago");
    let text = &context.sources.file(row.span.file).text;
    report.at(row.place(text), message)
}
