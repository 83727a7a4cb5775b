//! Inputs of any size.

/// Kinds of text.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Rows of one table, an INSERT each.
    Inserts,
    /// CREATE TABLE, CREATE INDEX, foreign keys and policies.
    Tables,
    /// Queries over one table.
    Queries,
}

impl Shape {
    pub const ALL: [Shape; 3] = [Shape::Inserts, Shape::Tables, Shape::Queries];

    pub fn name(self) -> &'static str {
        match self {
            Shape::Inserts => "INSERTs",
            Shape::Tables => "tables, indexes, policies",
            Shape::Queries => "queries",
        }
    }

    /// A file of this many bytes, and a few more.
    pub fn text(self, bytes: usize) -> String {
        let mut text = String::from("create table item (id bigint primary key, owner uuid, name text not null);\n");
        let mut number = 0;
        while text.len() < bytes {
            text.push_str(&self.piece(number));
            number += 1;
        }
        text
    }

    /// One of the pieces that a text is made of.
    pub fn piece(self, number: usize) -> String {
        match self {
            Shape::Inserts => format!("insert into item (id, name) values ({number}, 'the name of item {number}');\n"),
            Shape::Tables => format!(
                "create table t{number} (\n  id bigint generated always as identity primary key,\n  \
                 owner uuid not null,\n  item_id bigint references item (id),\n  title text default 'none' check (title <> ''),\n  \
                 created_at timestamptz not null default now()\n);\n\
                 create index t{number}_owner on t{number} (owner);\n\
                 alter table t{number} enable row level security;\n\
                 create policy t{number}_read on t{number} for select using (owner = auth.uid());\n"
            ),
            Shape::Queries => format!(
                "select i.id, count(*) filter (where i.name like 'a%') as some\nfrom item i join item j on j.id = i.id + {number}\n\
                 where i.owner is not null and i.name in ('a', 'b', 'c')\ngroup by i.id order by 2 desc limit 10;\n"
            ),
        }
    }
}

/// A captured plan with this many joins, about 1.7 kB each.
pub fn plan(joins: usize) -> String {
    let cost = r#""Startup Cost": 0.42, "Total Cost": 1234.56, "Plan Rows": 100, "Plan Width": 48"#;
    let actual = r#""Actual Startup Time": 0.012, "Actual Total Time": 1.345, "Actual Rows": 97, "Actual Loops": 1"#;
    let buffers = r#""Shared Hit Blocks": 12, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0, "Local Read Blocks": 0, "Temp Read Blocks": 0, "Temp Written Blocks": 0"#;
    let common = format!(r#""Parallel Aware": false, "Async Capable": false, {cost}, {actual}, {buffers}"#);
    let scan = |number: usize| {
        format!(
            r#"{{"Node Type": "Seq Scan", "Parent Relationship": "Inner", "Relation Name": "t{number}", "Alias": "t{number}", {common}, "Filter": "((owner = 'a'::text) AND (id > {number}))", "Rows Removed by Filter": 3}}"#
        )
    };
    let mut node = scan(0).replace("Inner", "Outer");
    for number in 1..=joins {
        node = format!(
            r#"{{"Node Type": "Nested Loop", "Parent Relationship": "Outer", "Join Type": "Inner", {common}, "Join Filter": "(t{number}.id = t0.id)", "Plans": [{node}, {}]}}"#,
            scan(number)
        );
    }
    let node = node.replacen(r#""Parent Relationship": "Outer", "#, "", 1);
    format!(r#"{{"Plan": {node}, "Planning Time": 0.21, "Execution Time": 2.5}}"#)
}
