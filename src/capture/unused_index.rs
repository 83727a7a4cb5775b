//! Why an index that is there was not used.

use crate::catalog::{Column, Found, Index, IndexColumn, Key as IndexKey, ObjectId, Relation, RelationClass};
use crate::finding::Finding;
use crate::rule::PlanContext;
use crate::source::Span;

use super::expression::{Expression, SortKey};
use super::figures::percent;
use super::node::NodeType;
use super::plan::NodeRef;

/// An index of the scanned table that was not used.
pub struct Unused {
    /// Where it was made.
    pub span: Span,
    /// With its name and what it lacks: `orders_state_idx is on (state): customer_id is not its first column`.
    pub why: String,
    /// What makes this index serve, where another one is not needed.
    pub help: Option<String>,
    rank: u8,
}

/// How many are told.
const MAX_TOLD: usize = 2;
/// Part of the rows (0 to 1) from which on reading them by an index is dear.
const MANY_ROWS: f64 = 0.02;

/// The indexes of a scan's table that have to do with its conditions and were not used, the nearest ones first.
pub fn unused_indexes(context: &PlanContext<'_>, node: NodeRef<'_>, printed: &[&str]) -> Vec<Unused> {
    let Some((table, relation)) = context.table(node) else { return Vec::new() };
    let alias = node.get().alias.as_deref();
    let parsed: Vec<Expression> = printed.iter().map(|text| Expression::parse(text)).collect();
    let conjuncts: Vec<&Expression> = parsed.iter().flat_map(Expression::conjuncts).collect();
    let tests: Vec<Test<'_>> = conjuncts.iter().filter_map(|one| Test::of(one, alias)).collect();
    let collated = printed.iter().any(|text| text.contains(" COLLATE "));
    let used = super::context::index_conditions(node);
    let known: Vec<String> = conjuncts.iter().map(|one| canonical(one)).collect();
    let scan = Scan { context, node, table, relation, tests, known, collated };
    let indexes = context.catalog.indexes(table).filter(|index| !used.names.contains(&index.name().as_str()));
    let mut found: Vec<Unused> = indexes.filter_map(|index| scan.why_not(index)).collect();
    found.sort_by_key(|unused| unused.rank);
    found.truncate(MAX_TOLD);
    found
}

/// Tells of the indexes that were not used; whether one of them would do, so that no other is needed.
pub fn tell_unused(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>, printed: &[&str]) -> bool {
    let unused = unused_indexes(context, node, printed);
    for one in &unused {
        finding.also(one.span, one.why.clone());
    }
    let help = unused.into_iter().find_map(|one| one.help);
    let would_do = help.is_some();
    if let Some(help) = help {
        finding.help(help);
    }
    would_do
}

struct Scan<'c, 'a, 'e> {
    context: &'c PlanContext<'a>,
    node: NodeRef<'c>,
    table: ObjectId,
    relation: &'c Relation,
    tests: Vec<Test<'e>>,
    /// All that is known of a row that is kept.
    known: Vec<String>,
    collated: bool,
}

/// What a condition tests.
enum Test<'e> {
    /// A column as it is.
    Column { name: &'e str, operator: &'e str, value: Option<&'e Expression> },
    /// A column turned into another type.
    Cast { name: &'e str, to: &'e str },
    /// Something computed from columns.
    Computed { columns: Vec<&'e str>, of: &'e Expression },
    /// One of several.
    Or { columns: Vec<&'e str> },
}

impl<'e> Test<'e> {
    fn of(expression: &'e Expression, alias: Option<&str>) -> Option<Test<'e>> {
        let is = |of: &'e Expression| match bare(of) {
            Expression::Column { name, .. } => Some(Test::Column { name, operator: "is", value: None }),
            _ => None,
        };
        match expression {
            Expression::Column { .. } => is(expression),
            Expression::IsNull(of) => is(of),
            Expression::Not(of) => match &**of {
                Expression::IsNull(of) => is(of),
                of => is(of),
            },
            Expression::Or(_) => {
                let columns: Vec<&str> = expression.columns().into_iter().map(|(_, name)| name).collect();
                (columns.len() > 1).then_some(Test::Or { columns })
            }
            Expression::Operation { operator, left: Some(left), right } => {
                if right.is_fixed_for(alias) && !left.columns().is_empty() {
                    return Some(Test::operand(left, operator, right));
                }
                let turned = left.is_fixed_for(alias) && !right.columns().is_empty();
                turned.then(|| Test::operand(right, commuted(operator), left))
            }
            _ => None,
        }
    }

    fn operand(side: &'e Expression, operator: &'e str, value: &'e Expression) -> Test<'e> {
        match bare(side) {
            Expression::Column { name, .. } => Test::Column { name, operator, value: Some(value) },
            Expression::Cast { of, to } if matches!(**of, Expression::Column { .. }) => match &**of {
                Expression::Column { name, .. } => Test::Cast { name, to },
                _ => Test::Computed { columns: names(side), of: side },
            },
            _ => Test::Computed { columns: names(side), of: side },
        }
    }

    fn columns(&self) -> Vec<&'e str> {
        match self {
            Test::Column { name, .. } | Test::Cast { name, .. } => vec![name],
            Test::Computed { columns, .. } | Test::Or { columns } => columns.clone(),
        }
    }
}

fn names(expression: &Expression) -> Vec<&str> {
    expression.columns().into_iter().map(|(_, name)| name).collect()
}

/// A varchar column is printed as one that is cast to text, and is found by its index all the same.
fn bare(expression: &Expression) -> &Expression {
    match expression {
        Expression::Cast { of, to } if &**to == "text" && matches!(**of, Expression::Column { .. }) => of,
        other => other,
    }
}

fn commuted(operator: &str) -> &str {
    match operator {
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        other => other,
    }
}

impl Scan<'_, '_, '_> {
    fn why_not(&self, index: Found<'_, Index>) -> Option<Unused> {
        let name = index.name();
        let first = index.is.keys.first()?;
        let lead = self.key_text(first);
        let on = format!("{name} is on ({})", self.keys_text(index.is));
        let unused = |rank: u8, why: String, help: Option<String>| {
            Some(Unused { span: index.span(), why: format!("{on}: {why}"), help, rank })
        };
        let found_by = self.tests.iter().find_map(|test| self.of_lead(test, index, first));
        let touched = found_by.is_some() || self.tests.iter().any(|test| self.touches(test, index.is));
        let partitioned = self.relation.class == RelationClass::PartitionedTable;
        if touched && !index.is.valid && !partitioned {
            let help = format!("{name} is not valid: reindex index concurrently {name};");
            return unused(0, "it is not valid, its concurrent build failed".to_owned(), Some(help));
        }
        if let Some((why, help)) = found_by {
            return unused(1, why, help);
        }
        touched.then_some(())?;
        let tested = self.tested_key(index.is)?;
        match tested.1 {
            true => unused(3, format!("{} is in it only to be returned", tested.0), None),
            false => unused(2, format!("its first column is {lead}, which is not tested"), None),
        }
    }

    /// Why a test of the index's first key does not find by it.
    fn of_lead(
        &self,
        test: &Test<'_>,
        index: Found<'_, Index>,
        first: &IndexColumn,
    ) -> Option<(String, Option<String>)> {
        match &first.key {
            IndexKey::Column(number) => {
                let column = self.relation.column_number(*number)?;
                self.of_column(test, index, first, column)
            }
            IndexKey::Expr(expr) => {
                let text = self.text(expr.span)?;
                let key = canonical(&Expression::parse(&text));
                match test {
                    Test::Computed { of, .. } if canonical(of) == key => Some(self.usable(index)),
                    Test::Column { name, .. }
                        if Expression::parse(&text).columns().iter().any(|(_, of)| of == name) =>
                    {
                        Some((format!("the condition tests {name} itself"), None))
                    }
                    _ => None,
                }
            }
        }
    }

    fn of_column(
        &self,
        test: &Test<'_>,
        index: Found<'_, Index>,
        first: &IndexColumn,
        column: &Column,
    ) -> Option<(String, Option<String>)> {
        let own = column.name.as_str();
        match test {
            Test::Column { name, operator, value } if *name == own => {
                Some(match unserved(index.is, first, operator, *value) {
                    Some(why) => (why, None),
                    None => match (&first.collation, self.collated) {
                        (Some(collation), false) => {
                            let help =
                                format!("compare {own} collate \"{collation}\", so that {} serves", index.name());
                            (format!("its collation is \"{collation}\", the condition's is the column's"), Some(help))
                        }
                        (None, true) => {
                            let help = format!("compare {own} in its own collation, so that {} serves", index.name());
                            ("the condition asks for another collation".to_owned(), Some(help))
                        }
                        _ => self.usable(index),
                    },
                })
            }
            Test::Cast { name, to } if *name == own => {
                let ty = column.ty.as_ref().map(|ty| self.context.catalog.column_type(ty)).unwrap_or_default();
                let help = match *to {
                    "date" => {
                        format!("compare {own} itself, {own} >= … and {own} < …, so that {} serves", index.name())
                    }
                    _ => format!("compare {own} with a value of type {ty}, so that {} serves", index.name()),
                };
                Some((format!("the condition compares {own}, which is {ty}, as {to}"), Some(help)))
            }
            Test::Computed { columns, of } if columns.contains(&own) => Some(self.computed(index, own, of)),
            Test::Or { columns } if columns.contains(&own) => {
                Some((format!("the other side of OR does not test {own}; each side needs an index"), None))
            }
            _ => None,
        }
    }

    fn computed(&self, index: Found<'_, Index>, own: &str, of: &Expression) -> (String, Option<String>) {
        let text = canonical(of);
        let extracts = of.all().iter().any(|one| {
            matches!(one, Expression::Operation { operator, .. } if matches!(&**operator, "->>" | "->" | "#>>" | "#>"))
        });
        if index.is.access_method.as_str() == "gin" && extracts {
            let help = format!("ask for the key with {own} @> '{{…}}', so that {} serves", index.name());
            return (format!("it serves @>, and the condition tests {text}"), Some(help));
        }
        (format!("the condition tests {text}, not {own} itself"), None)
    }

    /// An index that finds by the condition: it is partial, or the planner thought it dearer.
    fn usable(&self, index: Found<'_, Index>) -> (String, Option<String>) {
        if let Some(predicate) = &index.is.predicate {
            let text = self.text(predicate.span).unwrap_or_default();
            let parsed = Expression::parse(&text);
            let wanted: Vec<String> = parsed.conjuncts().iter().map(canonical).collect();
            if !wanted.iter().all(|one| self.implies(one)) {
                return (format!("it is partial, and the condition does not say {text}"), None);
            }
        }
        let tested = self.tests.iter().filter(|test| matches!(test, Test::Column { .. }));
        let in_index = |test: &&Test<'_>| self.touches(test, index.is);
        let (inside, all) = (tested.clone().filter(in_index).count(), tested.count());
        if inside < all {
            return ("it finds by a part of the condition alone".to_owned(), None);
        }
        let kept = self.node.total_rows().zip(self.node.total_rows_removed_by_filter());
        let share = kept.filter(|(kept, removed)| kept + removed > 0.0).map(|(kept, removed)| kept / (kept + removed));
        match share.filter(|share| *share >= MANY_ROWS) {
            Some(share) => {
                let why = format!("{} of the rows are wanted, which it would fetch one by one", percent(share));
                (why, Some(format!("{} would not help: the condition keeps too many rows", index.name())))
            }
            None => {
                let name = index.name();
                let table = self.context.catalog.sql_name(self.table);
                let help = format!("{name} was not used: the planner thought it dearer; analyze {table};");
                ("it finds by this condition".to_owned(), Some(help))
            }
        }
    }

    /// Whether the conditions say what a part of a predicate says.
    fn implies(&self, wanted: &str) -> bool {
        let not_null = wanted.strip_prefix("not(null(").and_then(|rest| rest.strip_suffix("))"));
        // Any comparison of a column is false for NULL.
        let compared = |column: &str| {
            self.tests
                .iter()
                .any(|test| matches!(test, Test::Column { name, operator, .. } if *name == column && *operator != "is"))
        };
        self.known.iter().any(|known| known == wanted) || not_null.is_some_and(compared)
    }

    fn touches(&self, test: &Test<'_>, index: &Index) -> bool {
        let columns = test.columns();
        let keys = index.keys.iter().filter_map(|key| match key.key {
            IndexKey::Column(number) => Some(number),
            IndexKey::Expr(_) => None,
        });
        let mut numbers = keys.chain(index.include.iter().copied());
        numbers.any(|number| {
            self.relation.column_number(number).is_some_and(|column| columns.contains(&column.name.as_str()))
        })
    }

    /// A column of the index that is tested, and whether it is in it only by INCLUDE.
    fn tested_key(&self, index: &Index) -> Option<(String, bool)> {
        let is_tested = |number: i16| {
            let column = self.relation.column_number(number)?;
            let tested = self.tests.iter().any(|test| test.columns().contains(&column.name.as_str()));
            tested.then(|| column.name.as_str().to_owned())
        };
        let key = index.keys.iter().find_map(|key| match key.key {
            IndexKey::Column(number) => is_tested(number),
            IndexKey::Expr(_) => None,
        });
        let included = || index.include.iter().find_map(|number| is_tested(*number));
        key.map(|name| (name, false)).or_else(|| included().map(|name| (name, true)))
    }

    fn keys_text(&self, index: &Index) -> String {
        index.keys.iter().map(|key| self.key_text(key)).collect::<Vec<_>>().join(", ")
    }

    fn key_text(&self, key: &IndexColumn) -> String {
        match &key.key {
            IndexKey::Column(number) => self.context.catalog.column_name(self.table, *number).to_string(),
            IndexKey::Expr(expr) => self.text(expr.span).unwrap_or_else(|| "an expression".to_owned()),
        }
    }

    /// The text of a part of a migration, on one line.
    fn text(&self, span: Span) -> Option<String> {
        let text = (!span.is_none()).then(|| self.context.sources.slice(span))?;
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Why an index on a column does not serve an operator; `None` where it does.
fn unserved(index: &Index, key: &IndexColumn, operator: &str, value: Option<&Expression>) -> Option<String> {
    let class = key.operator_class.as_ref().map(|class| class.as_str()).unwrap_or("");
    let method = index.access_method.as_str();
    let by_pattern = class.ends_with("pattern_ops");
    let trigrams = class.ends_with("trgm_ops");
    let c_collation = key.collation.as_ref().is_some_and(|collation| matches!(collation.as_str(), "C" | "POSIX"));
    let starts_open = value.is_some_and(
        |value| matches!(value.without_casts(), Expression::Constant(pattern) if pattern.starts_with(['%', '_'])),
    );
    match (method, operator) {
        (_, "<>" | "!~~" | "!~~*" | "!~" | "!~*") => Some(format!("no index finds what is not so ({operator})")),
        ("btree", "~~") if starts_open => Some("a b-tree cannot find by a pattern that starts with %".to_owned()),
        ("btree", "~~") if !by_pattern && !c_collation => {
            Some("LIKE needs text_pattern_ops or the collation \"C\", it has neither".to_owned())
        }
        ("btree", "~~*") => Some("a b-tree does not serve ILIKE; gin with gin_trgm_ops does".to_owned()),
        ("btree", "~" | "~*") => {
            Some("a b-tree does not serve regular expressions; gin with gin_trgm_ops does".to_owned())
        }
        ("btree", "<" | "<=" | ">" | ">=") if by_pattern => {
            Some(format!("its operator class {class} serves = and LIKE, not {operator}"))
        }
        ("btree", "@>" | "<@" | "&&" | "@@" | "?" | "?|" | "?&") => Some(format!("a b-tree does not serve {operator}")),
        ("hash", operator) if operator != "=" && operator != "= ANY" => {
            Some(format!("hash serves = alone, not {operator}"))
        }
        ("gin", "?" | "?|" | "?&") if class == "jsonb_path_ops" => {
            Some(format!("its operator class jsonb_path_ops does not serve {operator}"))
        }
        ("gin", "~~" | "~~*" | "~" | "~*") if !trigrams => {
            Some(format!("its operator class does not serve {operator}"))
        }
        ("gin", "=" | "= ANY" | "<" | "<=" | ">" | ">=") if class.is_empty() => {
            Some(format!("gin does not serve {operator} of a column"))
        }
        _ => None,
    }
}

/// An expression without the table's names, so that what is printed and what was written can be compared.
fn canonical(expression: &Expression) -> String {
    match bare(expression) {
        Expression::Column { name, .. } => name.to_string(),
        Expression::Constant(text) => text.to_string(),
        Expression::Parameter(text) | Expression::SubPlan(text) => text.to_string(),
        Expression::Call { name, arguments } => {
            format!("{}({})", name.to_lowercase(), arguments.iter().map(canonical).collect::<Vec<_>>().join(", "))
        }
        Expression::Cast { of, to } => format!("{}::{to}", canonical(of)),
        Expression::Operation { operator, left, right } => {
            let left = left.as_deref().map(canonical).unwrap_or_default();
            match (&**operator, canonical(right)) {
                ("=" | "IS", right) if right.eq_ignore_ascii_case("true") => left,
                ("=" | "IS", right) if right.eq_ignore_ascii_case("false") => format!("not({left})"),
                (operator, right) => format!("{left} {operator} {right}").trim_start().to_owned(),
            }
        }
        Expression::And(all) => all.iter().map(canonical).collect::<Vec<_>>().join(" and "),
        Expression::Or(all) => all.iter().map(canonical).collect::<Vec<_>>().join(" or "),
        Expression::Not(of) => format!("not({})", canonical(of)),
        Expression::IsNull(of) => format!("null({})", canonical(of)),
        Expression::Other(all) => format!("({})", all.iter().map(canonical).collect::<Vec<_>>().join(", ")),
        Expression::Opaque => "?".to_owned(),
    }
}

/// Tells of an index on what a Sort of a whole table sorts by; whether one gives that very order, so that no other is
/// needed.
pub fn tell_unused_order(context: &PlanContext<'_>, finding: &mut Finding, sort: NodeRef<'_>) -> bool {
    let Some(scan) = sort.outer().filter(|input| input.node_type == NodeType::SeqScan) else { return false };
    let Some((table, relation)) = context.table(scan) else { return false };
    let mut wanted: Vec<(i16, bool, bool)> = Vec::new();
    for key in &sort.get().sort_key {
        let key = SortKey::parse(key);
        let Expression::Column { name, .. } = bare(&key.expression) else { return false };
        let Some(column) = relation.columns.iter().find(|column| column.name.as_str() == &**name) else { return false };
        wanted.push((column.number, key.descending, key.nulls_first.unwrap_or(key.descending)));
    }
    for index in context.catalog.indexes(table).filter(|index| index.is.access_method.as_str() == "btree") {
        let Some(keys) = index.is.keys.get(..wanted.len()) else { continue };
        let same_columns = keys
            .iter()
            .zip(&wanted)
            .all(|(key, (number, ..))| matches!(key.key, IndexKey::Column(own) if own == *number));
        if !same_columns || index.is.predicate.is_some() {
            continue;
        }
        let name = index.name();
        let in_direction = |backward: bool| {
            keys.iter().zip(&wanted).all(|(key, (_, descending, nulls_first))| {
                (key.descending != backward) == *descending && (key.nulls_first != backward) == *nulls_first
            })
        };
        if !index.is.valid {
            finding.also(index.span(), format!("{name} is not valid, its concurrent build failed"));
            finding.help(format!("reindex index concurrently {name};"));
            return true;
        }
        if in_direction(false) || in_direction(true) {
            finding.also(index.span(), format!("{name} gives this order; the planner thought sorting cheaper"));
            return true;
        }
        let nulls_alone = [false, true].into_iter().any(|backward| {
            keys.iter().zip(&wanted).all(|(key, (_, descending, _))| (key.descending != backward) == *descending)
        });
        let what =
            if nulls_alone { "it has NULLs at the other end" } else { "it mixes ascending and descending otherwise" };
        finding.also(index.span(), format!("{name} does not give this order: {what}"));
    }
    false
}
