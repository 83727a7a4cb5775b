//! Rows made from nothing but the schema, and who sees which of them.

use std::collections::BTreeMap;

use libtest_mimic::Failed;
use postgres::Client;

/// Who is signed in, and two others.
const PEOPLE: [&str; 3] = [
    "00000000-0000-0000-0000-000000000001",
    "00000000-0000-0000-0000-000000000002",
    "00000000-0000-0000-0000-000000000003",
];

/// Rows are tried so many times a table.
const TRIES: usize = 12;

/// Statements that each insert a row.
pub struct Rows(Vec<String>);

/// Fills all tables of the project with rows, and says how. A row that a constraint forbids is left out; keys of
/// other tables and triggers are not asked.
pub fn seed(client: &mut Client) -> Result<Rows, Failed> {
    let columns = client.query(COLUMNS, &[])?;
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in &columns {
        let column = Column { name: row.get(1), ty: row.get(2), class: row.get(3), words: row.get(4) };
        tables.entry(row.get(0)).or_default().push(column);
    }
    let mut rows = Rows(Vec::new());
    for (table, columns) in &tables {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        for nth in 0..TRIES {
            let values: Vec<String> = columns.iter().enumerate().map(|(at, column)| column.value(nth, at)).collect();
            rows.0.push(format!(
                "insert into {table} ({}) overriding system value values ({})",
                names.join(", "),
                values.join(", ")
            ));
        }
    }
    rows.insert(client)?;
    Ok(rows)
}

impl Rows {
    /// Inserts them as far as they go in.
    pub fn insert(&self, client: &mut Client) -> Result<(), Failed> {
        client.batch_execute("reset all; set session_replication_role to replica")?;
        for row in &self.0 {
            // What a constraint forbids is no row of this schema.
            let _ = client.batch_execute(row);
        }
        client.batch_execute("reset session_replication_role")?;
        Ok(())
    }
}

/// Table, column, type, its class, and words that a text of the column may have to be: those of the table's checks and
/// policies, or the labels of an enum.
const COLUMNS: &str = r#"
select c.oid::regclass::text, quote_ident(a.attname), format_type(a.atttypid, null),
       case when t.typcategory = 'A' then 'array' when b.typname = 'uuid' then 'uuid'
            when b.typcategory = 'B' then 'bool' when b.typcategory = 'N' then 'number'
            when b.typname in ('json', 'jsonb') then 'json' when t.typtype = 'e' then 'word'
            when b.typcategory = 'S' then 'word' when b.typcategory = 'D' then 'time' else 'other' end,
       case when t.typtype = 'e' then array(select enumlabel::text from pg_enum where enumtypid = t.oid order by enumsortorder)
            else array(select distinct m[1] from (
              select pg_get_constraintdef(k.oid) as text from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
              union all select concat(pg_get_expr(p.polqual, p.polrelid), ' ', pg_get_expr(p.polwithcheck, p.polrelid))
                from pg_policy p where p.polrelid = c.oid) texts, regexp_matches(text, '''([^'']{1,40})''', 'g') m order by 1)
       end
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
join pg_type t on t.oid = a.atttypid
join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
where c.relkind = 'r' and c.oid >= 16384 and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  and n.nspname not in ('storage', 'realtime', 'vault', 'supabase_functions', 'supabase_migrations', 'extensions')
  and (n.nspname <> 'auth' or c.relname = 'users' and a.attname in ('id', 'email', 'is_sso_user', 'is_anonymous'))
order by 1, a.attnum
"#;

struct Column {
    name: String,
    ty: String,
    class: String,
    words: Vec<String>,
}

impl Column {
    /// The value of the `nth` row in the column at `at`, so that the columns of a row do not go in step.
    fn value(&self, nth: usize, at: usize) -> String {
        let mixed = nth + at * 5 + nth / 3 * at;
        let text = match self.class.as_str() {
            "uuid" => PEOPLE[mixed % PEOPLE.len()].to_owned(),
            "bool" => mixed.is_multiple_of(2).to_string(),
            "number" => (nth + 1).to_string(),
            "json" => r#"{"role": "admin"}"#.to_owned(),
            "array" => "{}".to_owned(),
            "time" => format!("20{}-01-0{}", 20 + mixed % 10, 1 + nth % 9),
            "word" => match self.words.len() {
                0 => format!("word{}", mixed % 4),
                many => self.words[mixed % many].clone(),
            },
            _ => return "null".to_owned(),
        };
        // A key of people that is kept as text.
        let text = if self.class == "word" && self.words.is_empty() && mixed.is_multiple_of(3) {
            PEOPLE[0].to_owned()
        } else {
            text
        };
        format!("'{}'::{}", text.replace('\'', "''"), self.ty)
    }
}

/// Which rows each role may read, change and delete, or the error it gets.
pub struct Seen(BTreeMap<(String, &'static str, &'static str), String>);

impl Seen {
    pub fn expect_same(&self, after: &Seen) -> Result<(), Failed> {
        let changed: Vec<String> = self
            .0
            .iter()
            .filter(|(key, rows)| after.0.get(key) != Some(rows))
            .map(|(key, rows)| format!("{key:?}: {rows} before, {:?} after", after.0.get(key)))
            .collect();
        if changed.is_empty() { Ok(()) } else { Err(format!("other rows are seen: {changed:#?}").into()) }
    }
}

/// Asks as each role; nothing is changed. A row is told by its number among all rows of its table: where it lies hangs
/// on the transactions that the history was run in.
pub fn visible(client: &mut Client) -> Result<Seen, Failed> {
    let tables = client.query(TABLES, &[])?;
    let mut seen = Seen(BTreeMap::new());
    for row in &tables {
        let (table, column, owner): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let places = client.query(&format!("select ctid::text as place from only {table} order by ctid"), &[])?;
        let places: Vec<String> = places.iter().map(|row| row.get(0)).collect();
        let numbered = |rows: String| -> String {
            let number =
                |place| places.iter().position(|it| it == place).map_or(String::from(place), |at| at.to_string());
            rows.split(' ').map(number).collect::<Vec<_>>().join(" ")
        };
        let list = "coalesce(string_agg(ctid::text, ' ' order by ctid), '')";
        let statements = [
            ("select", format!("select {list} from only {table}")),
            (
                "update",
                format!(
                    "with it as (update only {table} set {column} = {column} returning ctid) select count(*)::text from it"
                ),
            ),
            ("delete", format!("with it as (delete from only {table} returning ctid) select {list} from it")),
        ];
        for role in ["anon", "authenticated", "owner"] {
            for (command, sql) in &statements {
                let rows = ask(client, if role == "owner" { &owner } else { role }, sql)?;
                seen.0.insert((table.clone(), role, *command), numbered(rows));
            }
        }
    }
    Ok(seen)
}

const TABLES: &str = r#"
select c.oid::regclass::text, quote_ident((select attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
         and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a' order by attnum limit 1)), pg_get_userbyid(c.relowner)::text
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.oid >= 16384 and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'supabase_functions', 'supabase_migrations', 'extensions')
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a')
order by 1
"#;

fn ask(client: &mut Client, role: &str, sql: &str) -> Result<String, Failed> {
    let claims = format!(
        r#"{{"sub": "{}", "role": "{role}", "email": "me@example.com", "user_metadata": {{"role": "admin"}}, "app_metadata": {{"role": "admin"}}}}"#,
        PEOPLE[0]
    );
    let signed_in = if role == "anon" { String::new() } else { claims };
    client.batch_execute(&format!(
        "begin; set local session_replication_role to replica; set local role \"{role}\"; set local request.jwt.claims to '{signed_in}';"
    ))?;
    let answer = client.query_one(sql, &[]).map(|row| row.get::<_, String>(0));
    let answer = answer.unwrap_or_else(|error| error.code().map_or("no answer", |code| code.code()).to_owned());
    client.batch_execute("rollback")?;
    Ok(answer)
}
