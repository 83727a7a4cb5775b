//! `pglint locks`: a migration in its three forms.

use libtest_mimic::{Failed, Trial};

use crate::support::{self, pglint};

const SETUP: &str = "\
create table public.accounts (id bigint primary key);
create table public.orders (id bigint primary key, account_id bigint);
create type public.mood as enum ('ok');
";
const CHANGE: &str = "\
begin;
alter table orders add constraint orders_account_fk foreign key (account_id) references accounts;
do $$ begin execute 'alter table accounts add column note text'; end $$;
commit;
create index concurrently orders_account_idx on orders (account_id);
drop table missing;
alter tabel orders;
";

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 3] = [("human", human), ("json", json), ("markdown", markdown)];
    trials.into_iter().map(|(name, run)| Trial::test(format!("locks {name}"), run)).collect()
}

fn run(format: &str) -> String {
    let folder = support::folder(&[("1_setup.sql", SETUP.as_bytes()), ("2_change.sql", CHANGE.as_bytes())]);
    pglint(folder.path(), &["locks", "--postgres", "17", "--format", format, "2_change.sql"]).stdout
}

fn human() -> Result<(), Failed> {
    let expected = "\
2_change.sql
1  begin
2  alter table orders add constraint orders_account_fk foreign …
     SHARE ROW EXCLUSIVE    public.accounts
     SHARE ROW EXCLUSIVE    public.orders
     reads all of public.orders
     validates orders_account_fk
3  do $$ begin execute 'alter table accounts add column note te…
     ACCESS EXCLUSIVE       public.accounts
4  commit
   at its end the transaction holds
     ACCESS EXCLUSIVE       public.accounts
     SHARE ROW EXCLUSIVE    public.orders
5  create index concurrently orders_account_idx on orders (acco…
     SHARE UPDATE EXCLUSIVE public.orders
     builds public.orders_account_idx
     reads all of public.orders
     outside of transactions only
6  drop table missing
     refused: 42P01
7  alter tabel orders
     refused: 42601
";
    support::expect_same("the table", expected, &run("human"))
}

fn json() -> Result<(), Failed> {
    let found: serde_json::Value = serde_json::from_str(&run("json"))?;
    let key = &found[1];
    let mode = |relation: &str, mode: &str| serde_json::json!({ "relation": relation, "mode": mode });
    let locks = [mode("public.accounts", "ShareRowExclusiveLock"), mode("public.orders", "ShareRowExclusiveLock")];
    let expected = [
        (&key["line"], serde_json::json!(2)),
        (&key["locks"], serde_json::json!(locks)),
        (&key["validates"], serde_json::json!(["orders_account_fk"])),
        (&key["scans"], serde_json::json!(["public.orders"])),
        (&key["in_transaction"], serde_json::json!(true)),
        (&key["refused"], serde_json::Value::Null),
        (&found[3]["ends_transaction"], serde_json::json!(true)),
        (&found[4]["in_transaction"], serde_json::json!(false)),
        (&found[5]["refused"], serde_json::json!("42P01")),
        (&found[6]["refused"], serde_json::json!("42601")),
    ];
    match expected.iter().find(|(found, expected)| *found != expected) {
        Some((found, expected)) => Err(format!("{found} where {expected} was expected").into()),
        None => Ok(()),
    }
}

fn markdown() -> Result<(), Failed> {
    let found = run("markdown");
    let line = "| 3 | `do $$ begin execute 'alter table accounts add column note te…` | ACCESS EXCLUSIVE `public.accounts` |  |";
    if found.contains(line) { Ok(()) } else { Err(format!("{line} is not in\n{found}").into()) }
}
