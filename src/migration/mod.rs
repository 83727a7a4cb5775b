//! Writing a new migration as the project's runner wants it.
//!
//! [`draft`] takes statements with the reason for each and says which files to write with which text: their names go
//! on as those in the folder do, marks and opt-outs are the runner's, and what may not run in a transaction is set
//! apart where the runner has a way. Nothing is written to disk here.

mod cover;
mod layout;
mod statement;
mod version;

use std::path::PathBuf;

use jiff::Timestamp;

use crate::catalog::CatalogAt;
use crate::project::{Facts, Project, Runner};
use crate::rule::OptOut;
use crate::source::Sources;

pub(crate) use cover::{covering, index_made_by};
pub use layout::one_line;
pub(crate) use statement::moves_or_drops;
pub(crate) use version::Parts;

use statement::Prepared;

/// One statement of a new migration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The statement; a semicolon at its end is added where there is none.
    pub sql: String,
    /// Why it is there: lines of a comment above it, without dashes.
    pub comment: Vec<String>,
    /// Of two steps that set the same thing the one of the later round stays, and of one round the first.
    pub round: usize,
}

/// What a new migration is written for.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The history that it continues.
    pub project: &'a Project,
    /// The texts of that history.
    pub sources: &'a Sources,
    /// The catalog after the last migration, for names that are free.
    pub catalog: CatalogAt<'a>,
}

/// A file to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DraftFile {
    /// Where it goes.
    pub path: PathBuf,
    /// Its whole text.
    pub text: String,
    /// The text that is there now, for a file that is changed (drizzle's journal).
    pub replaces: Option<String>,
    /// It is run on the way up, so pglint reads it as a migration.
    pub is_up: bool,
}

/// A new migration, not written yet.
#[derive(Clone, Default, Debug)]
pub struct Draft {
    /// Its files, in the order they are run.
    pub files: Vec<DraftFile>,
    /// What the reader must know besides.
    pub notes: Vec<String>,
    /// How many steps were left out because an earlier one sets the same thing differently.
    pub left_out: usize,
}

/// Words for the name of a migration whose maker says none.
pub const DEFAULT_NAME: &str = "pglint_fixes";

/// Drafts the files that hold `steps`, called `name` where the runner's names have room for words.
///
/// The statements keep their order. Equal ones become one with all their reasons; an index without a name gets the
/// server's own, so that it can be made `IF NOT EXISTS`. An index is built `CONCURRENTLY` where the runner has a way to
/// run a whole file outside of a transaction, after one that an earlier try may have left invalid is dropped, or where
/// it is the only statement; a step that says the word itself is given a file of its own where that is the only way, and
/// loses it where there is none.
pub fn draft(target: &Target<'_>, name: &str, steps: &[Step], now: Timestamp) -> Draft {
    let (mut prepared, left_out) = statement::prepare(steps, target.catalog);
    let mut notes = Vec::new();
    settle_concurrency(target, &mut prepared, &mut notes);
    if matches!(outside(&target.project.facts), Outside::Beside | Outside::File) {
        prepared = prepared.into_iter().flat_map(Prepared::made_anew).collect();
    }
    let mut draft = Draft { files: Vec::new(), notes, left_out };
    for (nth, group) in groups(outside(&target.project.facts), prepared).iter().enumerate() {
        layout::write(target, name, group, now, nth, &mut draft);
    }
    draft
}

/// What a runner can do with a statement that the server refuses in a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outside {
    /// It runs beside the others.
    Beside,
    /// A file can opt out of the transaction, and its statements are sent one by one.
    File,
    /// A file can hold one such statement and nothing else, since it is sent as one string.
    Alone,
    /// Every file is run in a transaction.
    Never,
}

fn outside(facts: &Facts) -> Outside {
    match (facts.opt_out, facts.runner) {
        (OptOut::Free, _) => Outside::Beside,
        (_, Runner::Goose | Runner::SqlMigrate | Runner::Flyway) => Outside::File,
        // A Supabase CLI that is told by its version, not by the file.
        (OptOut::Never, _) | (_, Runner::Supabase) => Outside::Never,
        _ => Outside::Alone,
    }
}

/// Decides for each index how it is built.
fn settle_concurrency(target: &Target<'_>, prepared: &mut [Prepared], notes: &mut Vec<String>) {
    let facts = &target.project.facts;
    let (runner, outside) = (facts.runner, outside(facts));
    let is_alone = prepared.len() == 1;
    for one in prepared.iter_mut().filter(|one| one.is_about_index()) {
        let possible = one.may_be_concurrent(target.catalog);
        match outside {
            Outside::Beside | Outside::File => one.set_concurrently(possible),
            // Several would need a file each.
            Outside::Alone if is_alone => one.set_concurrently(possible),
            Outside::Alone => {}
            Outside::Never => one.set_concurrently(false),
        }
    }
    if runner == Runner::Supabase && prepared.iter().any(|one| one.outside) {
        notes.push("CREATE INDEX CONCURRENTLY in a migration needs the Supabase CLI 2.109 or later".to_owned());
    }
    if outside == Outside::Alone && prepared.iter().any(|one| one.builds_index() && !one.outside) {
        notes.push(format!(
            "{} sends a file as one string, in which no index can be built concurrently beside other statements: \
             writes to its table wait; --rule with one rule, or a file by hand for each index, avoids that",
            runner.name()
        ));
    }
    if outside == Outside::Never && prepared.iter().any(Prepared::builds_index) {
        notes.push(format!(
            "{} runs each migration in a transaction, where no index can be built concurrently: writes to its table \
             wait; on a large table build it by hand first, and the migration finds it there",
            runner.name()
        ));
    }
}

/// The statements of each file.
fn groups(outside: Outside, prepared: Vec<Prepared>) -> Vec<Vec<Prepared>> {
    if outside == Outside::Beside {
        return if prepared.is_empty() { Vec::new() } else { vec![prepared] };
    }
    let (apart, together): (Vec<_>, Vec<_>) = prepared.into_iter().partition(|one| one.outside);
    let mut groups = Vec::new();
    if !together.is_empty() {
        groups.push(together);
    }
    if outside == Outside::Alone {
        groups.extend(apart.into_iter().map(|one| vec![one]));
    } else if !apart.is_empty() {
        groups.push(apart);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{Linted, Progress, lint};
    use crate::project::Request;

    const TABLE: &str = "create table t (a bigint primary key, b bigint, c bigint);\n";

    /// What is drafted for a folder of files: the steps may make an index and set something.
    fn drafted(files: &[(&str, &str)], steps: &[Step]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let request = Request { base: folder.path().to_owned(), paths: vec![".".into()], ..Request::default() };
        let linted: Linted = lint(&request, &[], &Progress::default());
        let draft = draft(&linted.target(0), DEFAULT_NAME, steps, "2026-11-20T19:05:09Z".parse().unwrap());
        let shown = draft.files.iter().map(|file| {
            let name = file.path.strip_prefix(folder.path()).unwrap().to_string_lossy().replace('\\', "/");
            format!("{name}\n{}", file.text)
        });
        shown.collect()
    }

    fn step(sql: &str, comment: &str) -> Step {
        Step { sql: sql.to_owned(), comment: vec![comment.to_owned()], round: 0 }
    }

    fn steps() -> [Step; 2] {
        [
            step("create index on public.t (b)", "because of b"),
            step("alter table t enable row level security;", "because of t"),
        ]
    }

    #[test]
    fn supabase_takes_one_file() {
        let files = drafted(&[("supabase/migrations/20260101000000_a.sql", TABLE)], &steps());
        assert_eq!(
            files,
            ["supabase/migrations/20261120190509_pglint_fixes.sql\n-- because of b\n\
              drop index concurrently if exists public.t_b_idx;\n\n\
              create index concurrently t_b_idx on public.t (b);\n\n-- because of t\n\
              alter table t enable row level security;\n"]
        );
    }

    #[test]
    fn psql_builds_beside_the_others() {
        let files = drafted(&[("migrations/007.sql", TABLE)], &steps());
        assert_eq!(
            files,
            ["migrations/008.sql\n-- because of b\ndrop index concurrently if exists public.t_b_idx;\n\n\
              create index concurrently t_b_idx on public.t (b);\n\n\
              -- because of t\nalter table t enable row level security;\n"]
        );
    }

    #[test]
    fn goose_takes_two_files_with_their_way_back() {
        let files = drafted(&[("db/00001_a.sql", &format!("-- +goose Up\n{TABLE}"))], &steps());
        assert_eq!(
            files,
            [
                "db/00002_pglint_fixes.sql\n-- +goose Up\n-- because of t\nalter table t enable row level security;\n\n\
                 -- +goose Down\nalter table t disable row level security;\n",
                "db/00003_pglint_fixes_2.sql\n-- +goose NO TRANSACTION\n-- +goose Up\n-- because of b\n\
                 drop index concurrently if exists public.t_b_idx;\n\n\
                 create index concurrently t_b_idx on public.t (b);\n\n-- +goose Down\n\
                 drop index concurrently if exists public.t_b_idx;\n",
            ]
        );
    }

    #[test]
    fn what_says_concurrently_gets_a_file_of_its_own() {
        let steps = [step("create index concurrently on t (b)", "b"), step("create index on t (c)", "c")];
        let files = drafted(&[("prisma/migrations/20260101000000_a/migration.sql", TABLE)], &steps);
        assert_eq!(
            files,
            [
                "prisma/migrations/20261120190509_pglint_fixes/migration.sql\n-- c\n\
                 create index if not exists t_c_idx on t (c);\n",
                "prisma/migrations/20261120190510_pglint_fixes_2/migration.sql\n-- b\n\
                 create index concurrently t_b_idx on t (b);\n",
            ]
        );
        let files = drafted(&[("migrations/2026-01-01-000000_a/up.sql", TABLE)], &steps[..1]);
        assert_eq!(
            files,
            [
                "migrations/2026-11-20-190509_pglint_fixes/up.sql\n-- b\ncreate index concurrently t_b_idx on t (b);\n",
                "migrations/2026-11-20-190509_pglint_fixes/down.sql\ndrop index concurrently if exists t_b_idx;\n",
                "migrations/2026-11-20-190509_pglint_fixes/metadata.toml\nrun_in_transaction = false\n",
            ]
        );
    }

    #[test]
    fn pairs_flyway_and_marks() {
        let rls = &steps()[1..];
        let pair = [("migrations/000001_a.up.sql", TABLE), ("migrations/000001_a.down.sql", "drop table t;")];
        assert_eq!(
            drafted(&pair, rls),
            [
                "migrations/000002_pglint_fixes.down.sql\nalter table t disable row level security;\n",
                "migrations/000002_pglint_fixes.up.sql\n-- because of t\nalter table t enable row level security;\n",
            ]
        );
        let flyway = [("db/migration/V1.9__a.sql", TABLE), ("db/migration/R__views.sql", "select 1;")];
        assert_eq!(
            drafted(&flyway, &steps()[..1]),
            [
                "db/migration/V1.10__pglint_fixes.sql.conf\nexecuteInTransaction=false\n",
                "db/migration/V1.10__pglint_fixes.sql\n-- because of b\n\
                 drop index concurrently if exists public.t_b_idx;\n\n\
                 create index concurrently t_b_idx on public.t (b);\n",
            ]
        );
        let dbmate = [("db/migrations/20260101000000_a.sql", &*format!("-- migrate:up\n{TABLE}\n-- migrate:down\n"))];
        assert_eq!(
            drafted(&dbmate, rls),
            ["db/migrations/20261120190509_pglint_fixes.sql\n-- migrate:up\n-- because of t\n\
              alter table t enable row level security;\n\n-- migrate:down\nalter table t disable row level security;\n"]
        );
    }

    #[test]
    fn drizzle_is_told_of_it() {
        let journal = "{\n  \"version\": \"7\",\n  \"dialect\": \"postgresql\",\n  \"entries\": [\n    {\n      \"idx\": 0,\n      \"version\": \"7\",\n      \"when\": 1700000000000,\n      \"tag\": \"0000_a\",\n      \"breakpoints\": true\n    }\n  ]\n}";
        let files = drafted(&[("drizzle/0000_a.sql", TABLE), ("drizzle/meta/_journal.json", journal)], &steps());
        assert!(files[0].contains("\"idx\": 1,\n      \"version\": \"7\",\n      \"when\": 1795201509000,\n      \"tag\": \"0001_pglint_fixes\""), "{}", files[0]);
        assert!(files[0].ends_with("    }\n  ]\n}"), "{}", files[0]);
        assert_eq!(
            files[1],
            "drizzle/0001_pglint_fixes.sql\n-- because of b\ncreate index if not exists t_b_idx on public.t (b);\n\
             --> statement-breakpoint\n-- because of t\nalter table t enable row level security;\n"
        );
    }

    #[test]
    fn equal_covered_and_contradicting_steps_are_merged() {
        let steps = [
            step("create index on t (b)", "one"),
            step("create index on t (b, c);", "two"),
            step("create index on t (b);", "three"),
            step("alter policy p on t using (true)", "four"),
            step("alter policy p on t using (false)", "five"),
            step("alter policy p on t to authenticated", "six"),
        ];
        let files = drafted(&[("supabase/migrations/20260101000000_a.sql", TABLE)], &steps);
        assert_eq!(
            files,
            ["supabase/migrations/20261120190509_pglint_fixes.sql\n-- two\n-- one\n-- three\n\
              drop index concurrently if exists t_b_c_idx;\n\n\
              create index concurrently t_b_c_idx on t (b, c);\n\n-- four\nalter policy p on t using (true);\n\n\
              -- six\nalter policy p on t to authenticated;\n"]
        );
    }
}
