//! A throw-away PostgreSQL server: made in a folder of its own, reached through a socket in it, gone at the end.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::Failed;
use postgres::{Client, Config, NoTls};
use tempfile::TempDir;

/// PostgreSQL refuses to run as root; the user and group `nobody` of Debian, and one that macOS lets stand.
const NOBODY: u32 = 65534;

/// A running server.
pub struct Server {
    folder: TempDir,
    programs: PathBuf,
    databases: AtomicUsize,
    /// Its major version.
    pub version: u8,
}

impl Server {
    /// Makes and starts one of the programs in a folder, and an empty Supabase project in it as a template.
    pub fn start(programs: &Path) -> Result<Server, Failed> {
        let folder = tempfile::Builder::new().prefix("pglint-live-").tempdir()?;
        if is_root() {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
            chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let programs = reachable(programs, folder.path())?;
        let mut server = Server { folder, programs, databases: AtomicUsize::new(0), version: 0 };
        server.run("initdb", &["-U", "supabase_admin", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"])?;
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=40 -c jit=off",
            server.folder.path().display()
        );
        let log = server.folder.path().join("log").display().to_string();
        server.run("pg_ctl", &["-s", "-w", "-l", &log, "-o", &options, "start"])?;
        let mut client = server.connect("postgres")?;
        let number: String = client.query_one("show server_version_num", &[])?.get(0);
        server.version = number.parse::<u32>().map(|number| (number / 10_000) as u8)?;
        make_template(&server, &mut client)?;
        Ok(server)
    }

    /// A database of its own that looks like an empty Supabase project, as its user `postgres`.
    pub fn supabase(&self) -> Result<Client, Failed> {
        let name = format!("project_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.connect("postgres")?.batch_execute(&format!("create database {name} template supabase"))?;
        let mut client = self.connect(&name)?;
        client.batch_execute("set session authorization postgres; set search_path to \"$user\", public, extensions")?;
        Ok(client)
    }

    fn connect(&self, database: &str) -> Result<Client, Failed> {
        let mut config = Config::new();
        config.host_path(self.folder.path()).user("supabase_admin").dbname(database);
        Ok(config.connect(NoTls)?)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), Failed> {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.folder.path().join("data")).args(arguments);
        command.env("LC_ALL", "C").env("TZ", "UTC").current_dir(self.folder.path());
        // The server that pg_ctl leaves behind would hold a pipe open.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let status = command.status()?;
        if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}").into()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is lost when it is gone already.
        let _ = self.run("pg_ctl", &["-s", "-m", "immediate", "stop"]);
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)
}

/// The programs where `nobody` can run them: here, or copied beside the data.
fn reachable(programs: &Path, folder: &Path) -> Result<PathBuf, Failed> {
    let programs = programs.canonicalize()?;
    let mut probe = Command::new(programs.join("initdb"));
    probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    if !is_root() || probe.uid(NOBODY).gid(NOBODY).status().is_ok_and(|status| status.success()) {
        return Ok(programs);
    }
    let home = programs.parent().ok_or("the programs are in no folder")?;
    let status = Command::new("cp").arg("-R").arg(home).arg(folder.join("postgresql")).status()?;
    if !status.success() {
        return Err("the server's programs cannot be copied".into());
    }
    Ok(folder.join("postgresql/bin"))
}

/// The empty Supabase project that pglint starts from, with which its answers are compared.
const SUPABASE: &str = include_str!("../../src/catalog/baseline/data/supabase.sql");

/// Extensions that PostgreSQL does not bring along: nothing that is compared here needs them.
const MISSING: &[&str] = &["supabase_vault"];

fn make_template(server: &Server, client: &mut Client) -> Result<(), Failed> {
    client.batch_execute("create database supabase")?;
    let mut client = server.connect("supabase")?;
    for statement in pg_query::split_with_parser(SUPABASE)? {
        let makes = |extension: &&str| statement.contains(&format!("create extension {extension} "));
        if MISSING.iter().any(|extension| makes(&extension)) {
            continue;
        }
        client.batch_execute(statement).map_err(|error| format!("{error:?}\n{statement}"))?;
    }
    Ok(())
}
