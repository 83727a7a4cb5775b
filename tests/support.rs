//! What several kinds of trials need.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Failed;
use pglint::lint::{Linted, Progress, lint};
use pglint::project::Request;
use pglint::report::{self, Format, Outcome, Style};
use pglint::rules;

/// The folder of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The command that was built for this run.
pub const BINARY: &str = env!("CARGO_BIN_EXE_pglint");

/// What a command said.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    /// `None` where a signal ended it.
    pub status: Option<i32>,
}

/// Runs pglint in a folder.
pub fn pglint(folder: &Path, arguments: &[&str]) -> Ran {
    pglint_with_input(folder, arguments, b"")
}

/// Runs pglint in a folder and feeds it.
pub fn pglint_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    pglint_with(folder, arguments, input, &[])
}

/// Runs pglint in a folder, feeds it and sets variables.
pub fn pglint_with(folder: &Path, arguments: &[&str], input: &[u8], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(folder);
    ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GITHUB_BASE_REF"].iter().for_each(|name| {
        command.env_remove(name);
    });
    command.envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command was built");
    // Whoever does not read its input may be gone already.
    let _ = child.stdin.take().expect("it is piped").write_all(input);
    let output = child.wait_with_output().expect("it ends");
    Ran {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: output.status.code(),
    }
}

/// Whether expected texts are to be rewritten.
pub fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// A folder with these files in it, gone when it goes out of scope.
pub fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("pglint-").tempdir().expect("a folder for temporary files");
    for (name, bytes) in files {
        write(&folder.path().join(name), bytes);
    }
    folder
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a writable folder");
    fs::write(path, bytes).expect("a writable file");
}

/// Lints paths below `base` with all rules.
pub fn lint_paths(base: &Path, paths: &[&str], config: Option<PathBuf>) -> Linted {
    let paths = paths.iter().map(PathBuf::from).collect();
    let base = base.canonicalize().expect("the folder exists");
    let request = Request { base, paths, config, ..Request::default() };
    lint(&request, &rules::all(), &Progress::default())
}

/// The human report of these findings.
pub fn rendered(linted: &Linted) -> String {
    in_format(linted, Format::Human)
}

/// The report in a format.
pub fn in_format(linted: &Linted, format: Format) -> String {
    let rules = rules::all();
    let outcome = Outcome {
        sources: &linted.sources,
        findings: &linted.findings,
        advice: &linted.advice,
        rules: &rules,
        scope: linted.scope,
    };
    let mut out = Vec::new();
    report::write(format, &outcome, Style::default(), &mut out).expect("memory takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Fails with both texts where they differ.
pub fn expect_same(what: &str, expected: &str, found: &str) -> Result<(), Failed> {
    if expected.trim_end() == found.trim_end() {
        return Ok(());
    }
    Err(format!("{what} differs (UPDATE=1 rewrites it)\n--- expected\n{expected}\n--- found\n{found}").into())
}

/// The SQL files of a folder, by name.
pub fn sql_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    files
}
