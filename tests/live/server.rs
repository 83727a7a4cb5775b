//! A throw-away PostgreSQL server: made in a folder of its own, reached through a socket in it, gone at the end.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
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
    /// Held by whoever works in a database of its own.
    alone: Mutex<()>,
    /// Its major version.
    pub version: u8,
}

impl Server {
    /// A server with an empty Supabase project in it as a template.
    pub fn start(programs: &Path) -> Result<Server, Failed> {
        let server = Server::bare(programs)?;
        make_template(&server, &mut server.connect("postgres")?)?;
        Ok(server)
    }

    /// Makes and starts one of the programs in a folder.
    pub fn bare(programs: &Path) -> Result<Server, Failed> {
        let folder = tempfile::Builder::new().prefix("pglint-live-").tempdir()?;
        if is_root() {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
            chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let programs = reachable(programs, folder.path())?;
        let mut server = Server { folder, programs, databases: AtomicUsize::new(0), alone: Mutex::new(()), version: 0 };
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

    /// A database of its own for as long as `work` takes; it and the roles that were made meanwhile are gone then.
    pub fn scratch<T>(&self, work: impl FnOnce(&mut Client) -> Result<T, Failed>) -> Result<T, Failed> {
        self.database("template supabase", "postgres", work)
    }

    /// An empty database in the same way, as a superuser whose settings are the server's own.
    pub fn plain<T>(&self, work: impl FnOnce(&mut Client) -> Result<T, Failed>) -> Result<T, Failed> {
        self.database("template template0 owner postgres", "supabase_admin", work)
    }

    fn database<T>(
        &self,
        options: &str,
        user: &str,
        work: impl FnOnce(&mut Client) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        // Roles are the whole server's: one at a time.
        let _alone = self.alone.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut outside = self.connect("template1")?;
        let roles = |client: &mut Client| -> Result<Vec<String>, Failed> {
            let rows = client.query("select quote_ident(rolname) from pg_roles", &[])?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        };
        let before = roles(&mut outside)?;
        outside.batch_execute(&format!("create database scratch {options}"))?;
        let mut config = Config::new();
        config.host_path(self.folder.path()).user(user).dbname("scratch");
        let mut client = config.connect(NoTls)?;
        let result = work(&mut client);
        drop(client);
        outside.batch_execute("drop database scratch with (force)")?;
        for role in roles(&mut outside)?.iter().filter(|role| !before.contains(role)) {
            outside.batch_execute(&format!("drop owned by {role}; drop role {role}"))?;
        }
        result
    }

    /// A session of the superuser.
    pub fn connect(&self, database: &str) -> Result<Client, Failed> {
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

fn make_template(server: &Server, client: &mut Client) -> Result<(), Failed> {
    client.batch_execute("create database supabase")?;
    let mut client = server.connect("supabase")?;
    let available = client.query("select name::text from pg_available_extensions", &[])?;
    let available: Vec<String> = available.iter().map(|row| row.get(0)).collect();
    for statement in pg_query::split_with_parser(SUPABASE)? {
        // What PostgreSQL does not bring along is not needed by what is compared here.
        let extension = statement.split_once("create extension ").and_then(|(_, rest)| rest.split_whitespace().next());
        if extension.is_some_and(|name| !available.iter().any(|it| it == name.trim_matches(['"', ';']))) {
            continue;
        }
        client.batch_execute(statement).map_err(|error| format!("{error:?}\n{statement}"))?;
    }
    Ok(())
}
