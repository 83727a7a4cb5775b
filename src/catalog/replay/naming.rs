//! The names that the server gives to what is made without one (`makeObjectName`, `ChooseRelationName`,
//! `ChooseConstraintName`, `ChooseIndexName` of its sources).

use super::Replay;
use crate::catalog::{NameKey, NameSpace, ObjectId};
use crate::syntax::{Expr, ExprKind, LONGEST_NAME, Name, SqlValue, SubqueryKind, clip};

/// `name1_name2_label`, shortened to 63 bytes at the cost of the longer name.
pub(crate) fn make_object_name(name1: &str, name2: Option<&str>, label: &str) -> String {
    let second = name2.unwrap_or("");
    let overhead = usize::from(name2.is_some()) + label.len() + 1;
    let available = LONGEST_NAME.saturating_sub(overhead);
    let (mut length1, mut length2) = (name1.len(), second.len());
    while length1 + length2 > available {
        if length1 > length2 { length1 -= 1 } else { length2 -= 1 }
    }
    let mut name = clip(name1, length1).to_owned();
    if name2.is_some() {
        name.push('_');
        name.push_str(clip(second, length2));
    }
    name.push('_');
    name.push_str(label);
    name
}

/// Column names joined by `_`, up to where a name is long enough anyway.
pub(crate) fn join_names(names: &[Name]) -> String {
    let mut joined = String::new();
    for name in names {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(name);
        if joined.len() > LONGEST_NAME {
            break;
        }
    }
    joined
}

/// The columns of an index have names of their own: equal ones get a number.
pub(crate) fn distinct_column_names(names: &[Name]) -> Vec<Name> {
    let mut distinct: Vec<Name> = Vec::with_capacity(names.len());
    for &name in names {
        let mut candidate = name;
        let mut number = 1;
        while distinct.contains(&candidate) {
            let suffix = number.to_string();
            candidate = Name::from(&format!("{}{suffix}", clip(&name, LONGEST_NAME - suffix.len())));
            number += 1;
        }
        distinct.push(candidate);
    }
    distinct
}

impl Replay {
    /// A free name for a relation, and with `constraint` for a constraint of the schema too.
    pub(crate) fn choose_relation_name(
        &self,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        schema: ObjectId,
        constraint: bool,
    ) -> Name {
        first_free(name1, name2, label, |name| {
            let key = NameKey { space: NameSpace::Relation, parent: Some(schema), name };
            self.now().named(key).is_empty() && !(constraint && self.constraint_name_used(schema, name))
        })
    }

    /// A name that no constraint of the schema has, nor any of `others`.
    pub(crate) fn choose_constraint_name(
        &self,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        schema: ObjectId,
        others: &[Name],
    ) -> Name {
        first_free(name1, name2, label, |name| !others.contains(&name) && !self.constraint_name_used(schema, name))
    }

    fn constraint_name_used(&self, schema: ObjectId, name: Name) -> bool {
        let now = self.now();
        let lives = |id: &ObjectId| {
            let of = now.get(*id).filter(|object| object.name == name).and_then(|object| object.attached_to());
            of.and_then(|of| now.get(of)).is_some_and(|of| of.schema == Some(schema))
        };
        self.constraint_names.get(&name).is_some_and(|ids| ids.iter().any(lives))
    }
}

pub(crate) fn first_free(name1: &str, name2: Option<&str>, label: &str, free: impl Fn(Name) -> bool) -> Name {
    let mut numbered = label.to_owned();
    let mut pass = 0;
    loop {
        let name = Name::from(&make_object_name(name1, name2, &numbered));
        if free(name) {
            return name;
        }
        pass += 1;
        numbered = format!("{label}{pass}");
    }
}

/// The name that an expression has as a column (`FigureColname`); `None` where it is `?column?`.
pub(crate) fn figure_column_name(expr: &Expr) -> Option<Name> {
    figure(expr).map(|(name, _)| name)
}

/// The name, and whether it is better than that of a cast around it.
fn figure(expr: &Expr) -> Option<(Name, bool)> {
    let strong = |name: Name| Some((name, true));
    let word = |word: &str| Some((Name::from(word), true));
    match &expr.kind {
        ExprKind::Column(column) => column.column().and_then(|ident| strong(ident.name)),
        ExprKind::Indirection(indirection) => {
            let field = indirection.path.iter().rev().find_map(|step| match step {
                crate::syntax::Accessor::Field(ident) => Some(ident.name),
                _ => None,
            });
            field.map_or_else(|| figure(&indirection.base), strong)
        }
        ExprKind::Call(call) => strong(call.function.name.name),
        ExprKind::NullIf(_) => word("nullif"),
        ExprKind::Cast(cast) => match figure(&cast.expr) {
            Some((name, true)) => strong(name),
            _ => Some((cast.ty.name(), false)),
        },
        ExprKind::Collate(collate) => figure(&collate.expr),
        ExprKind::Grouping(_) => word("grouping"),
        ExprKind::Subquery(subquery) => match subquery.kind {
            SubqueryKind::Exists => word("exists"),
            SubqueryKind::Array => word("array"),
            SubqueryKind::Scalar => first_target_name(&subquery.query),
            SubqueryKind::Any { .. } | SubqueryKind::All { .. } => None,
        },
        ExprKind::Case(case) => match case.otherwise.as_ref().and_then(figure) {
            Some((name, true)) => strong(name),
            _ => Some((Name::from("case"), false)),
        },
        ExprKind::Array(_) => word("array"),
        ExprKind::Row(_) => word("row"),
        ExprKind::Coalesce(_) => word("coalesce"),
        ExprKind::Greatest(_) => word("greatest"),
        ExprKind::Least(_) => word("least"),
        ExprKind::SqlValue(value) => word(sql_value_name(*value)),
        ExprKind::Constructor(constructor) => word(constructor.keyword),
        _ => None,
    }
}

fn first_target_name(query: &crate::syntax::Query) -> Option<(Name, bool)> {
    match &query.body {
        crate::syntax::QueryBody::Select(select) => {
            let target = select.targets.first()?;
            target.alias.map_or_else(|| figure(&target.expr), |alias| Some((alias.name, true)))
        }
        _ => None,
    }
}

fn sql_value_name(value: SqlValue) -> &'static str {
    match value {
        SqlValue::CurrentDate => "current_date",
        SqlValue::CurrentTime => "current_time",
        SqlValue::CurrentTimestamp => "current_timestamp",
        SqlValue::LocalTime => "localtime",
        SqlValue::LocalTimestamp => "localtimestamp",
        SqlValue::CurrentRole => "current_role",
        SqlValue::CurrentUser => "current_user",
        SqlValue::User => "user",
        SqlValue::SessionUser => "session_user",
        SqlValue::CurrentCatalog => "current_catalog",
        SqlValue::CurrentSchema => "current_schema",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_name_is_shortened_first() {
        assert_eq!(make_object_name("t", Some("a"), "fkey"), "t_a_fkey");
        assert_eq!(make_object_name("t", None, "pkey"), "t_pkey");
        let name = make_object_name(&"x".repeat(60), Some("column"), "idx");
        assert_eq!(name, format!("{}_column_idx", "x".repeat(52)));
        assert_eq!(name.len(), 63);
        let both = make_object_name(&"x".repeat(63), Some(&"y".repeat(63)), "key");
        assert_eq!(both, format!("{}_{}_key", "x".repeat(29), "y".repeat(29)));
    }

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(make_object_name(&"é".repeat(40), None, "pkey"), format!("{}_pkey", "é".repeat(29)));
    }

    #[test]
    fn equal_index_columns_are_numbered() {
        let names = ["expr", "a", "expr", "expr"].map(Name::from);
        assert_eq!(distinct_column_names(&names), ["expr", "a", "expr1", "expr2"].map(Name::from));
    }
}
