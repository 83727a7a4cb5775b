//! The one test binary: a trial for each example of a rule page, each project, each command, each prohibition.
//!
//! `UPDATE=1 cargo test` rewrites expected texts; look at what changed before you commit it.

mod advise;
mod advisors;
mod baseline;
mod catalog;
mod cli;
mod ddl_facts;
mod fix;
mod input;
mod labelled;
mod locks;
mod markdown;
mod pages;
mod pending;
mod plans;
mod projects;
mod refusals;
mod sarif;
mod schema;
mod support;
mod tidy;

use libtest_mimic::{Arguments, run};

fn main() {
    let arguments = Arguments::from_args();
    let trials = [
        advise::trials(),
        advisors::trials(),
        pages::trials(),
        plans::trials(),
        projects::trials(),
        refusals::trials(),
        input::trials(),
        ddl_facts::trials(),
        cli::trials(),
        locks::trials(),
        labelled::trials(),
        fix::trials(),
        baseline::trials(),
        pending::trials(),
        sarif::trials(),
        schema::trials(),
        catalog::trials(),
        tidy::trials(),
    ];
    run(&arguments, trials.into_iter().flatten().collect()).exit();
}
