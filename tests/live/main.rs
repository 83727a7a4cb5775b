//! The suites that need a real PostgreSQL server: `./dev live` brings one and names it in `PGLINT_POSTGRES`.

#[path = "../support.rs"]
#[allow(dead_code)] // the default suite needs more of it
mod support;

#[path = "../catalog.rs"]
#[allow(dead_code)]
mod replayed;

#[path = "../schema.rs"]
#[allow(dead_code)]
mod schema;

#[path = "../markdown.rs"]
#[allow(dead_code)]
mod markdown;

#[path = "../pages.rs"]
#[allow(dead_code)]
mod pages;

mod capture_sql;
mod catalog;
mod fixes;
mod pre_commit;
mod row_security;
mod rows;
mod runners;
mod sent;
mod server;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, run};

use server::Server;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(programs) = std::env::var_os("PGLINT_POSTGRES") else {
        eprintln!("PGLINT_POSTGRES must name the folder of initdb and pg_ctl; ./dev live does");
        return ExitCode::from(2);
    };
    let server = match Server::start(Path::new(&programs)) {
        Ok(server) => Arc::new(server),
        Err(failed) => {
            eprintln!("no server: {}", failed.message().unwrap_or_default());
            return ExitCode::from(2);
        }
    };
    let trials = [
        row_security::trials(&server),
        capture_sql::trials(&server),
        fixes::trials(&server),
        sent::trials(&server),
        catalog::trials(&server),
        pre_commit::trials(),
    ];
    // The server stops when the last of the trials that hold it is gone.
    let conclusion = run(&arguments, trials.into_iter().flatten().collect());
    conclusion.exit_code()
}
