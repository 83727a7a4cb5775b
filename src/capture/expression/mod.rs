//! The expressions that EXPLAIN prints: `((user_id = $0) AND (status = 'open'::text))`.
//!
//! They are no SQL: sub-plans have names that no grammar knows. Those are rewritten first; then sqlparser's entry point
//! for expressions reads the rest. What it cannot read, and what is too long, is [`Expression::Opaque`].

mod convert;
mod rewrite;

use super::node::Text;

/// A printed expression. Casts are left out: EXPLAIN writes one behind nearly every constant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expression {
    /// A column, with the table's alias where the plan has several tables or is VERBOSE.
    Column {
        /// The alias.
        table: Option<Text>,
        /// The column; identifiers without quotes are in lower case already.
        name: Text,
    },
    /// A constant as printed, a string without its quotes; long ones are shortened.
    Constant(Text),
    /// `$1`: a value that is known when the plan runs.
    Parameter(Text),
    /// `SubPlan 1`, `hashed SubPlan 1`, `InitPlan 1`.
    SubPlan(Text),
    /// A function or aggregate.
    Call {
        /// Its name as printed.
        name: Text,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
    /// A value of another type: `(status)::text`; kept for columns and calls alone.
    Cast {
        /// What is cast.
        of: Box<Expression>,
        /// The type as printed.
        to: Text,
    },
    /// An operator with one or two operands; `=` with ANY, ALL has those in its name: `= ANY`.
    Operation {
        /// The operator as printed, keywords in upper case: `=`, `~~`, `@>`, `IS DISTINCT FROM`, `AT TIME ZONE`.
        operator: Text,
        /// The left operand; `None` for a prefix operator.
        left: Option<Box<Expression>>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// All of them.
    And(Vec<Expression>),
    /// One of them.
    Or(Vec<Expression>),
    /// Its opposite.
    Not(Box<Expression>),
    /// IS NULL.
    IsNull(Box<Expression>),
    /// Anything else with parts: CASE, ROW, a subscript.
    Other(Vec<Expression>),
    /// What could not be read.
    Opaque,
}

/// How long a text may be, its long constants being shortened first; the parser's time and depth grow with it.
const MAX_LEN: usize = 16 << 10;

impl Expression {
    /// Reads a printed expression.
    pub fn parse(text: &str) -> Expression {
        let rewritten = rewrite::rewrite(text);
        if rewritten.len() > MAX_LEN {
            return Expression::Opaque;
        }
        convert::parse(&rewritten)
    }

    /// The conditions that must all hold.
    pub fn conjuncts(&self) -> &[Expression] {
        match self {
            Expression::And(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    /// The parts of this expression.
    fn parts(&self) -> Vec<&Expression> {
        match self {
            Expression::Call { arguments: all, .. }
            | Expression::And(all)
            | Expression::Or(all)
            | Expression::Other(all) => all.iter().collect(),
            Expression::Operation { left, right, .. } => {
                left.as_deref().into_iter().chain(std::iter::once(&**right)).collect()
            }
            Expression::Not(of) | Expression::IsNull(of) | Expression::Cast { of, .. } => vec![of],
            _ => Vec::new(),
        }
    }

    /// This and all expressions within it, in the order in which they were printed.
    pub fn all(&self) -> Vec<&Expression> {
        let mut all = Vec::new();
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            open.extend(expression.parts().into_iter().rev());
            all.push(expression);
        }
        all
    }

    /// The columns it reads, each once, in their order.
    pub fn columns(&self) -> Vec<(Option<&str>, &str)> {
        let mut columns = Vec::new();
        for expression in self.all() {
            if let Expression::Column { table, name } = expression {
                let column = (table.as_deref(), &**name);
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        columns
    }

    /// Whether it holds a sub-plan of the kind whose name starts so: `SubPlan`, `hashed SubPlan`, `InitPlan`.
    pub fn has_sub_plan(&self, kind: &str) -> bool {
        self.all().iter().any(|one| matches!(one, Expression::SubPlan(name) if name.starts_with(kind)))
    }

    /// Whether it calls a function of this name.
    pub fn calls(&self, function: &str) -> bool {
        self.all().iter().any(|one| matches!(one, Expression::Call { name, .. } if &**name == function))
    }

    /// Whether its value is the same for all rows of the table with this alias.
    pub fn is_fixed_for(&self, alias: Option<&str>) -> bool {
        self.all().iter().all(|one| match one {
            Expression::Column { table, .. } => table.is_some() && alias.is_some() && table.as_deref() != alias,
            Expression::SubPlan(name) => name.starts_with("InitPlan"),
            Expression::Opaque | Expression::Other(_) => false,
            _ => true,
        })
    }

    /// The expression without the casts around it.
    pub fn without_casts(&self) -> &Expression {
        let mut expression = self;
        while let Expression::Cast { of, .. } = expression {
            expression = of;
        }
        expression
    }
}

/// A sort key: `created_at DESC NULLS LAST`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SortKey {
    /// What is sorted by.
    pub expression: Expression,
    /// The expression as printed.
    pub text: Text,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST or LAST where it is not the direction's own.
    pub nulls_first: Option<bool>,
}

impl SortKey {
    /// Reads a sort key.
    pub fn parse(text: &str) -> SortKey {
        let mut rest = text.trim();
        let mut nulls_first = None;
        for (suffix, first) in [(" NULLS FIRST", true), (" NULLS LAST", false)] {
            if let Some(before) = rest.strip_suffix(suffix) {
                (rest, nulls_first) = (before, Some(first));
            }
        }
        let descending = rest.ends_with(" DESC");
        rest = rest.strip_suffix(" DESC").unwrap_or(rest);
        SortKey { expression: Expression::parse(rest), text: rest.into(), descending, nulls_first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::tests::files;

    fn columns(text: &str) -> String {
        let expression = Expression::parse(text);
        let names = expression.columns().into_iter().map(|(table, name)| match table {
            Some(table) => format!("{table}.{name}"),
            None => name.to_owned(),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_are_found_whatever_stands_around_them() {
        let cases = [
            ("((user_id = $0) AND (status = 'a b'::text))", "user_id status"),
            ("(NOT (ANY (c.id = (hashed SubPlan 1).col1)))", "c.id"),
            ("((InitPlan 1).col1 = todos.user_id)", "todos.user_id"),
            ("(\"q t\".\"We\"\"ird\" = 5)", "q t.We\"ird"),
            ("(PARTIAL sum((a.b * '2'::numeric)))", "a.b"),
            ("row_number() OVER (?)", ""),
            ("EXISTS(SubPlan 3)", ""),
            ("(ROW(created_at, id) < ROW('2025-01-01'::date, 5))", "created_at id"),
            ("((data -> 'a'::text) ->> 'b'::text)", "data"),
            ("(date_trunc('day'::text, (created_at AT TIME ZONE 'UTC'::text)) = $1)", "created_at"),
            ("CASE WHEN (a > 1) THEN b ELSE NULL::integer END", "a b"),
            ("(tags && '{a,b}'::text[])", "tags"),
            ("(alternatives: SubPlan 1 or hashed SubPlan 2)", ""),
            ("((arr)[1] = 5)", "arr"),
            ("(code = 'x'::text COLLATE \"C\")", "code"),
            ("(lower(name COLLATE pg_catalog.\"de-x-icu\") = b)", "name b"),
        ];
        for (text, expected) in cases {
            assert_eq!(columns(text), expected, "{text}");
        }
    }

    #[test]
    fn nearly_every_printed_expression_is_read() {
        let mut opaque = Vec::new();
        let mut count = 0;
        for (_, text) in files("corpus", "json") {
            for plan in crate::capture::read(crate::source::FileId(0), &text).plans {
                for node in plan.nodes() {
                    // JSON_TABLE is a clause of FROM and no expression.
                    for text in node.expressions().filter(|text| !text.starts_with("JSON_TABLE(")) {
                        count += 1;
                        let key = SortKey::parse(text);
                        if key.expression.all().contains(&&Expression::Opaque) {
                            opaque.push(text.to_owned());
                        }
                    }
                }
            }
        }
        assert!(count > 3000);
        assert_eq!(opaque, [""; 0]);
    }

    #[test]
    fn long_and_deep_texts_are_opaque_and_cost_nothing() {
        let chain = format!("({})", vec!["(a = 1)"; 100_000].join(" AND "));
        assert_eq!(Expression::parse(&chain), Expression::Opaque);
        let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(Expression::parse(&deep), Expression::Opaque);
        let array = format!("(id = ANY ('{{{}}}'::integer[]))", vec!["17"; 100_000].join(","));
        assert_eq!(columns(&array), "id");
        for odd in ["", "(", "'", "a b c", "\u{0}", "(a = 1"] {
            assert_eq!(Expression::parse(odd), Expression::Opaque, "{odd}");
        }
    }

    #[test]
    fn sort_keys_have_directions() {
        let key = SortKey::parse("lower(p.name) COLLATE \"C\" DESC NULLS LAST");
        assert_eq!((key.descending, key.nulls_first), (true, Some(false)));
        assert_eq!(key.expression.columns(), [(Some("p"), "name")]);
    }
}
