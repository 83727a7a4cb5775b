//! `pglint fix`: what is written, what is left alone, and that a second look finds nothing.

use std::fs;

use libtest_mimic::{Failed, Trial};

use crate::support::{self, Ran, pglint};

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 19] = [
        ("edits files until nothing is left", edits),
        ("safe and unsafe", safety),
        ("a diff changes nothing", diff),
        ("byte order mark and line endings stay", encoding),
        ("other encodings are left alone", other_encodings),
        ("only what was named is edited", only_named),
        ("one rule", one_rule),
        ("no index on a table in use", table_in_use),
        ("a fix that would break a statement keeps no other back", one_that_breaks),
        ("no edit of code that makes a statement", code),
        ("one index for keys of the same columns", one_index),
        ("all at once, also where one brings what another mends", all_at_once),
        ("a new migration", new_migration),
        ("a new migration mends what it brings to light", brought_to_light),
        ("a new migration tries nothing in vain", in_vain),
        ("a new migration can run twice", twice),
        ("a new migration names things as they are called once it has moved them", moved),
        ("a new migration builds nothing for a key that it drops", dropped),
        ("a new migration with the runner's names", new_migrations_by_runner),
    ];
    trials.into_iter().map(|(name, run)| Trial::test(format!("fix {name}"), run)).collect()
}

fn ensure(holds: bool, what: &str, ran: &Ran) -> Result<(), Failed> {
    if holds {
        return Ok(());
    }
    Err(format!("{what}\nstatus {:?}\n{}{}", ran.status, ran.stdout, ran.stderr).into())
}

/// An unindexed key (safe), a table open to the API (unsafe), a policy that asks for every row (safe).
const PROJECT: &[(&str, &[u8])] = &[(
    "supabase/migrations/20260101000000_a.sql",
    b"create table public.a (id bigint primary key, b bigint references public.a (id), owner uuid unique);
create table public.c (id bigint primary key, owner uuid);
alter table public.a enable row level security;
create policy p on public.a for select to authenticated using (auth.uid() = owner);
",
)];
const FILE: &str = "supabase/migrations/20260101000000_a.sql";

fn edits() -> Result<(), Failed> {
    let folder = support::folder(PROJECT);
    let ran = pglint(folder.path(), &["fix", "supabase"]);
    ensure(ran.status == Some(0) && ran.stderr.starts_with("fixed 2 findings in 1 file\n"), "it fixes", &ran)?;
    ensure(ran.stderr.contains("1 more needs a look: --unsafe makes it"), "what is left is said", &ran)?;
    let text = fs::read_to_string(folder.path().join(FILE))?;
    ensure(text.contains("using ((select auth.uid()) = owner)"), &text, &ran)?;
    ensure(text.contains("create index on public.a (b);"), &text, &ran)?;
    let again = pglint(folder.path(), &["fix", "supabase"]);
    ensure(again.stderr.starts_with("nothing to fix"), "a second time there is nothing", &again)?;
    let lint = pglint(folder.path(), &["--format", "short", "supabase"]);
    ensure(lint.stdout.lines().count() == 1, "the rest is found as before", &lint)
}

fn safety() -> Result<(), Failed> {
    let folder = support::folder(PROJECT);
    let ran = pglint(folder.path(), &["fix", "--unsafe", "supabase"]);
    ensure(ran.stderr.starts_with("fixed 3 findings"), "unsafe ones too", &ran)?;
    let lint = pglint(folder.path(), &["--quiet", "supabase"]);
    ensure(lint.stdout.is_empty() && lint.status == Some(0), "the result is clean", &lint)
}

fn diff() -> Result<(), Failed> {
    let folder = support::folder(PROJECT);
    let ran = pglint(folder.path(), &["fix", "--diff", "supabase"]);
    ensure(ran.status == Some(1), "something would change", &ran)?;
    let expected = format!(
        "--- a/{FILE}\n+++ b/{FILE}\n@@ -1,4 +1,6 @@\n create table public.a (id bigint primary key, b bigint \
         references public.a (id), owner uuid unique);\n+\n+create index on public.a (b);\n create table public.c"
    );
    ensure(ran.stdout.starts_with(&expected), "a unified diff", &ran)?;
    ensure(fs::read(folder.path().join(FILE))? == PROJECT[0].1, "nothing is written", &ran)?;
    let migration = pglint(folder.path(), &["fix", "--new-migration", "--diff", "supabase"]);
    ensure(migration.stdout.starts_with("--- /dev/null\n+++ b/supabase/migrations/"), "a new file", &migration)?;
    let files = fs::read_dir(folder.path().join("supabase/migrations"))?.count();
    ensure(files == 1 && migration.status == Some(1), "none is written", &migration)
}

fn encoding() -> Result<(), Failed> {
    let text = String::from_utf8_lossy(PROJECT[0].1).replace('\n', "\r\n");
    let folder = support::folder(&[(FILE, format!("\u{feff}{text}").as_bytes())]);
    let ran = pglint(folder.path(), &["fix", "--unsafe", "."]);
    let fixed = fs::read_to_string(folder.path().join(FILE))?;
    ensure(fixed.starts_with("\u{feff}create table"), "the mark stays", &ran)?;
    let lone = fixed.replace("\r\n", "").contains(['\r', '\n']);
    ensure(!lone && fixed.contains("\r\n\r\ncreate index on public.a (b);\r\n"), "the endings stay", &ran)
}

fn other_encodings() -> Result<(), Failed> {
    let latin = [PROJECT[0].1, b"-- caf\xe9\n"].concat();
    let folder = support::folder(&[(FILE, &latin)]);
    let ran = pglint(folder.path(), &["fix", "."]);
    ensure(fs::read(folder.path().join(FILE))? == latin, "it is not rewritten", &ran)?;
    ensure(ran.stderr.contains("need a new migration"), "but can be mended by a migration", &ran)
}

fn only_named() -> Result<(), Failed> {
    let second = "supabase/migrations/20260102000000_b.sql";
    let text = b"create table public.d (id bigint primary key, a bigint references public.a (id));
alter table public.d enable row level security;\n";
    let folder = support::folder(&[PROJECT[0], (second, text)]);
    let ran = pglint(folder.path(), &["fix", second]);
    ensure(ran.stderr.starts_with("fixed 1 finding in 1 file"), "one file", &ran)?;
    ensure(fs::read(folder.path().join(FILE))? == PROJECT[0].1, "the other stays", &ran)
}

fn one_rule() -> Result<(), Failed> {
    let folder = support::folder(PROJECT);
    let ran = pglint(folder.path(), &["fix", "--rule", "splinter/0003", "."]);
    ensure(ran.stderr.starts_with("fixed 1 finding in 1 file"), "by another tool's name", &ran)?;
    let wrong = pglint(folder.path(), &["fix", "--rule", "auth_rls_initplam", "."]);
    let meant = wrong.stderr.contains("did you mean auth_rls_initplan?");
    ensure(wrong.status == Some(2) && meant, "a wrong name is corrected", &wrong)
}

/// In the transaction that adds the key to an old table the index would be built while writers wait.
fn table_in_use() -> Result<(), Failed> {
    let old = b"-- +goose Up\ncreate table t (id bigint primary key);\ncreate table u (id bigint primary key);\n";
    let new = b"-- +goose Up\nalter table t add column u_id bigint references u (id);\n";
    let folder = support::folder(&[("sql/00001_a.sql", old), ("sql/00002_b.sql", new)]);
    let ran = pglint(folder.path(), &["fix", "."]);
    ensure(fs::read(folder.path().join("sql/00002_b.sql"))? == new, "the file stays", &ran)?;
    ensure(ran.stderr.contains("new migration"), "a new migration mends it", &ran)
}

fn new_migration() -> Result<(), Failed> {
    let folder = support::folder(PROJECT);
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "--name", "tidy_up", "."]);
    ensure(ran.stderr.starts_with("fixed 3 findings in 1 file\n"), "it is written", &ran)?;
    ensure(fs::read(folder.path().join(FILE))? == PROJECT[0].1, "the applied file stays", &ran)?;
    let lint = pglint(folder.path(), &["--format", "short", "."]);
    ensure(lint.stdout.is_empty(), "history and migration are clean", &lint)?;
    let name = ran.stderr.lines().nth(1).unwrap_or_default().trim();
    let text = fs::read_to_string(folder.path().join(name))?;
    let expected = format!(
        "-- unindexed_foreign_keys: foreign key a_b_fkey has no index ({FILE}:1)\n\
         drop index concurrently if exists public.a_b_idx;\n\n\
         create index concurrently a_b_idx on public.a (b);\n\n"
    );
    ensure(text.starts_with(&expected) && name.ends_with("_tidy_up.sql"), &text, &ran)?;
    let again = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "."]);
    ensure(again.stderr == "nothing to fix\n", "a second time there is nothing", &again)
}

/// The folder of each runner, what the new files are called, and a line that must be in the last of them.
fn new_migrations_by_runner() -> Result<(), Failed> {
    let table = "create table t (id bigint primary key, parent bigint references t (id));\n";
    let goose = format!("-- +goose Up\n{table}\n-- +goose Down\ndrop table t;\n");
    let dbmate = format!("-- migrate:up\n{table}\n-- migrate:down\ndrop table t;\n");
    let sql_migrate = format!("-- +migrate Up\n{table}\n-- +migrate Down\ndrop table t;\n");
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "sql/009_a.sql",
            table,
            "010_pglint_fixes.sql",
            "create index concurrently t_parent_idx on public.t (parent);",
        ),
        ("db/00009_a.sql", &goose, "00010_pglint_fixes.sql", "-- +goose NO TRANSACTION"),
        ("db/migrations/7_a.sql", &dbmate, "8_pglint_fixes.sql", "-- migrate:up transaction:false"),
        ("migrations/7-a.sql", &sql_migrate, "8-pglint-fixes.sql", "-- +migrate Up notransaction"),
        ("prisma/migrations/0_init/migration.sql", table, "1_pglint_fixes/migration.sql", "create index concurrently"),
        ("migrations/000001_a.up.sql", table, "000002_pglint_fixes.up.sql", "create index concurrently"),
        ("db/migration/V2.9__a.sql", table, "V2.10__pglint_fixes.sql", "create index concurrently"),
    ];
    for (file, text, new, line) in cases {
        let folder = support::folder(&[(file, text.as_bytes())]);
        let ran = pglint(folder.path(), &["fix", "--new-migration", "."]);
        let root = folder.path().join(file.split('/').next().unwrap_or_default());
        let found = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok);
        let written = found.map(|entry| entry.into_path()).find(|path| path.to_string_lossy().ends_with(new));
        let written = written.ok_or_else(|| format!("{new} is not there\n{}{}", ran.stdout, ran.stderr))?;
        let written = fs::read_to_string(written)?;
        ensure(written.contains(line), &format!("{new} holds {line}:\n{written}"), &ran)?;
        let lint = pglint(folder.path(), &["--format", "short", "."]);
        ensure(!lint.stdout.contains("unindexed_foreign_keys"), &format!("{new} mends it"), &lint)?;
        ensure(!lint.stdout.contains("error"), &format!("{new} is not refused"), &lint)?;
    }
    Ok(())
}

/// What a later file counts on is not there any more with one of the fixes; the others are made.
fn one_that_breaks() -> Result<(), Failed> {
    let later = b"create index p_a_idx on public.p (a);\n";
    let files: &[(&str, &[u8])] = &[
        (
            "supabase/migrations/20260101000000_a.sql",
            b"create table public.a (id bigint primary key);
create table public.p (a bigint references public.a (id), b bigint);
create table public.q (id bigint primary key, a bigint references public.a (id));
alter table public.a enable row level security;
alter table public.p enable row level security;
alter table public.q enable row level security;
",
        ),
        ("supabase/migrations/20260102000000_b.sql", later),
        ("supabase/migrations/20260103000000_c.sql", b"drop index public.p_a_idx;\n"),
    ];
    let folder = support::folder(files);
    let ran = pglint(folder.path(), &["fix", "--rule", "unindexed_foreign_keys", "."]);
    ensure(ran.status == Some(0) && ran.stderr.starts_with("fixed 1 finding in 1 file\n"), "the other is made", &ran)?;
    ensure(ran.stderr.contains("1 more needs other means"), "the one left is told", &ran)?;
    let text = fs::read_to_string(folder.path().join("supabase/migrations/20260101000000_a.sql"))?;
    ensure(text.contains("create index on public.q (a);") && !text.contains("create index on public.p"), &text, &ran)
}

/// What EXECUTE is given is not the text of a policy: it is mended by ALTER POLICY.
fn code() -> Result<(), Failed> {
    let text = b"create table public.a (id bigint primary key, owner uuid unique);
alter table public.a enable row level security;
do $$ begin
  execute format('create policy %I on public.a for select to authenticated using (auth.uid() = owner)', 'own');
end $$;
";
    let folder = support::folder(&[(FILE, text)]);
    let ran = pglint(folder.path(), &["fix", "--unsafe", "."]);
    ensure(ran.stderr.starts_with("nothing to fix\n1 more needs a new migration"), "no edit", &ran)?;
    ensure(fs::read(folder.path().join(FILE))? == text, "the file stays", &ran)?;
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--diff", "."]);
    let mended = "+alter policy own on public.a using ((select auth.uid()) = owner);";
    ensure(ran.stdout.contains(mended), "a statement mends it", &ran)
}

fn one_index() -> Result<(), Failed> {
    let text = b"create table public.a (id bigint, b bigint, primary key (id, b), unique (id));
create table public.c (id bigint primary key, x bigint references public.a (id), y bigint, foreign key (x, y) references public.a, constraint again foreign key (x) references public.a (id));
alter table public.a enable row level security;
alter table public.c enable row level security;
";
    for (arguments, index) in [
        (&["fix", "--diff", "."][..], "+create index on public.c (x, y);"),
        (&["fix", "--diff", "--new-migration", "."], "+create index concurrently c_x_y_idx on public.c (x, y);"),
    ] {
        let folder = support::folder(&[(FILE, text)]);
        let ran = pglint(folder.path(), arguments);
        let made = ran.stdout.lines().filter(|line| line.starts_with("+create index")).collect::<Vec<_>>();
        ensure(made == [index], "one index serves all", &ran)?;
    }
    Ok(())
}

/// A policy sleeps until row security is on.
fn brought_to_light() -> Result<(), Failed> {
    let text = b"create table public.a (id bigint primary key, owner uuid unique);
create policy own on public.a for select to authenticated using (auth.uid() = owner);
";
    let folder = support::folder(&[(FILE, text)]);
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "."]);
    let name = ran.stderr.lines().nth(1).unwrap_or_default().trim();
    let written = fs::read_to_string(folder.path().join(name))?;
    let mends = format!(
        "enable row level security;\n\n-- auth_rls_initplan: policy \"own\" calls auth.uid() for every row ({FILE}:2)\n\
         alter policy own on public.a using ((select auth.uid()) = owner);\n"
    );
    ensure(written.ends_with(&mends), &written, &ran)?;
    let again = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "."]);
    ensure(again.stderr == "nothing to fix\n", "a second time there is nothing", &again)
}

/// The role has the right through another one, so that to revoke it from the role does nothing.
fn in_vain() -> Result<(), Failed> {
    let text = b"create role caller;
grant caller to anon;
create function public.f() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on function public.f() from public, anon, authenticated;
grant execute on function public.f() to caller;
";
    let folder = support::folder(&[(FILE, text)]);
    let rule = ["--rule", "anon_security_definer_function_executable"];
    let lint = pglint(folder.path(), &["--format", "short", "."]);
    ensure(lint.stdout.contains(rule[1]), "it is found", &lint)?;
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", rule[0], rule[1], "."]);
    let told = "nothing to fix\n1 more needs other means: its fix does not work there\n";
    ensure(ran.stderr == told && ran.status == Some(0), "nothing is written", &ran)
}

fn twice() -> Result<(), Failed> {
    let text = b"create table public.a (id bigint primary key, phone text unique references auth.users (phone));
alter table public.a enable row level security;
";
    let folder = support::folder(&[(FILE, text)]);
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "--diff", "."]);
    let drop = "+-- fkey_to_auth_unique: foreign key a_phone_fkey holds auth.users (phone) fast";
    ensure(ran.stdout.contains(drop), "the reason stands above the statement", &ran)?;
    ensure(ran.stdout.contains("\n+alter table public.a drop constraint if exists a_phone_fkey;"), "guarded", &ran)
}

/// The index that a key asks for is one more that keeps writers waiting, like the one that is there.
fn all_at_once() -> Result<(), Failed> {
    let old = b"create table t (id bigint primary key);\ncreate table u (id bigint primary key, t_id bigint, n int);\n";
    let new = b"alter table u add foreign key (t_id) references t (id) not valid;\ncreate index on u (n);\n";
    let folder = support::folder(&[("sql/001_a.sql", old), ("sql/002_b.sql", new)]);
    pglint(folder.path(), &["fix", "."]);
    let text = fs::read_to_string(folder.path().join("sql/002_b.sql"))?;
    let again = pglint(folder.path(), &["fix", "--diff", "."]);
    ensure(text.matches("create index concurrently on").count() == 2, &text, &again)?;
    ensure(again.stderr.starts_with("nothing to fix"), "a second time there is nothing", &again)
}

/// What is found about the function is told once its type has moved, as a second run of the migration finds it.
fn moved() -> Result<(), Failed> {
    let text = b"create extension citext;
create function public.rename(name citext) returns void language sql security definer set search_path = ''
  as $$ select 1 $$;
";
    let folder = support::folder(&[(FILE, text)]);
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "--diff", "."]);
    let moves = ran.stdout.find("+alter extension citext set schema extensions;");
    let revokes = ran.stdout.find("+revoke execute on function public.rename(extensions.citext) from");
    ensure(moves.is_some() && moves < revokes, "it moves first", &ran)
}

/// A key to a unique constraint of the platform goes, and needs no index any more.
fn dropped() -> Result<(), Failed> {
    let text = b"create table public.a (id bigint primary key, phone text references auth.users (phone));
alter table public.a enable row level security;
";
    let folder = support::folder(&[(FILE, text)]);
    let safe = pglint(folder.path(), &["fix", "--new-migration", "--diff", "."]);
    ensure(safe.stdout.contains("create index"), "while it stays it needs one", &safe)?;
    let ran = pglint(folder.path(), &["fix", "--new-migration", "--unsafe", "--diff", "."]);
    ensure(ran.stdout.contains("drop constraint") && !ran.stdout.contains("create index"), "no index", &ran)
}
