//! Syntax that the project's server does not know yet: the files are read with the newest grammar.

use super::{Effect, Replay};
use crate::source::Span;
use crate::syntax::{
    AlterConstraint, ColumnDefinition, Constraint, ConstraintKind, DomainAction, ForeignKey, Key, Merge, MergeMatch,
    PublicationObject, Statement, StatementKind, TableAction, TableActionKind as Action, TableElement,
};

/// A construct, with the first major version that has it.
struct Newer {
    since: u8,
    span: Span,
    what: &'static str,
}

impl Replay {
    /// Refuses what the server's own grammar would refuse (42601).
    pub(super) fn check_grammar(&self, statement: &Statement) -> Effect<()> {
        let version = self.settings.version;
        // Nothing here is newer than the newest.
        if version >= crate::catalog::baseline::NEWEST {
            return Ok(());
        }
        let mut found = Vec::new();
        constructs(statement, &mut found);
        match found.into_iter().find(|construct| construct.since > version) {
            Some(Newer { since, span, what }) => {
                let message = format!("{what} is not known to PostgreSQL {version}");
                Err(self.refuse("42601", span, message).help(format!("it came with PostgreSQL {since}")))
            }
            None => Ok(()),
        }
    }
}

fn constructs(statement: &Statement, found: &mut Vec<Newer>) {
    let span = statement.span;
    let mut add = |since: u8, what: &'static str| found.push(Newer { since, span, what });
    match &statement.kind {
        StatementKind::CreateTable(create) => {
            for element in &create.elements {
                match element {
                    TableElement::Column(column) => of_column(column, found),
                    TableElement::Constraint(constraint) => of_constraint(constraint, found),
                    TableElement::Like { .. } => {}
                }
            }
        }
        StatementKind::AlterTable(alter) => alter.actions.iter().for_each(|action| of_action(action, found)),
        StatementKind::CreateIndex(index) if index.nulls_not_distinct => add(15, "NULLS NOT DISTINCT"),
        StatementKind::AlterDomain(alter) => {
            if let DomainAction::AddConstraint(constraint) = &alter.action
                && matches!(constraint.kind, ConstraintKind::NotNull { .. })
            {
                add(17, "ADD NOT NULL to a domain");
            }
        }
        StatementKind::GrantRole(grant) => {
            let newer = |name: &str| matches!(name, "inherit" | "set");
            if grant.options.iter().any(|option| newer(option.name.as_str())) {
                add(16, "this option of GRANT");
            }
        }
        StatementKind::Merge(merge) => of_merge(merge, span, found),
        StatementKind::CreatePublication(create) => of_publication(&create.objects, found),
        StatementKind::AlterPublication(alter) => of_publication(&alter.objects, found),
        StatementKind::CreateStatistics(create) if create.name.is_none() => add(16, "CREATE STATISTICS without a name"),
        StatementKind::Vacuum { vacuum, options, relations } => {
            let newer = |name: &str| matches!(name, "only_database_stats" | "skip_database_stats" | "process_main");
            let option = options.iter().find(|option| *vacuum && newer(option.name.as_str()));
            found.extend(option.map(|option| Newer { since: 16, span: option.span, what: "this option of VACUUM" }));
            let only = relations.iter().find(|it| it.relation.only);
            found.extend(only.map(|it| Newer {
                since: 18,
                span: it.relation.span,
                what: "ONLY in VACUUM and ANALYZE",
            }));
        }
        _ => {}
    }
}

fn of_column(column: &ColumnDefinition, found: &mut Vec<Newer>) {
    if column.storage.is_some() {
        found.push(Newer { since: 16, span: column.span, what: "STORAGE of a new column" });
    }
    column.constraints.iter().for_each(|constraint| of_constraint(constraint, found));
}

fn of_constraint(constraint: &Constraint, found: &mut Vec<Newer>) {
    let mut add = |since: u8, what: &'static str| found.push(Newer { since, span: constraint.span, what });
    match &constraint.kind {
        ConstraintKind::Generated { stored: false, .. } => add(18, "a virtual generated column"),
        ConstraintKind::NotNull { column: Some(_) } => add(18, "NOT NULL as a constraint of the table"),
        ConstraintKind::Unique { nulls_not_distinct: true, .. } => add(15, "NULLS NOT DISTINCT"),
        ConstraintKind::Unique { key, .. } | ConstraintKind::Primary(key) if without_overlaps(key) => {
            add(18, "WITHOUT OVERLAPS");
        }
        ConstraintKind::ForeignKey(key) => of_foreign_key(key, constraint.span, found),
        _ => {}
    }
    if !constraint.enforced {
        found.push(Newer { since: 18, span: constraint.span, what: "NOT ENFORCED" });
    }
}

fn without_overlaps(key: &Key) -> bool {
    key.without_overlaps
}

fn of_foreign_key(key: &ForeignKey, span: Span, found: &mut Vec<Newer>) {
    if key.with_period {
        found.push(Newer { since: 18, span, what: "PERIOD in a foreign key" });
    }
    if !key.delete_columns.is_empty() {
        found.push(Newer { since: 15, span, what: "ON DELETE SET with a list of columns" });
    }
}

fn of_action(action: &TableAction, found: &mut Vec<Newer>) {
    let mut add = |since: u8, what: &'static str| found.push(Newer { since, span: action.span, what });
    match &action.kind {
        Action::AddColumn { column, .. } => of_column(column, found),
        Action::AddConstraint(constraint) => of_constraint(constraint, found),
        Action::SetExpression { .. } => add(17, "SET EXPRESSION"),
        Action::SetAccessMethod { method: None } => add(17, "SET ACCESS METHOD DEFAULT"),
        Action::SetAccessMethod { .. } => add(15, "SET ACCESS METHOD"),
        Action::SetStorage { storage, .. } if storage.as_str() == "default" => add(16, "SET STORAGE DEFAULT"),
        Action::SetStatistics { target: None, .. } => add(17, "SET STATISTICS DEFAULT"),
        Action::AlterConstraint(alter) if is_newer(alter) => add(18, "this form of ALTER CONSTRAINT"),
        _ => {}
    }
}

fn is_newer(alter: &AlterConstraint) -> bool {
    alter.enforced.is_some() || alter.inherit.is_some()
}

fn of_merge(merge: &Merge, span: Span, found: &mut Vec<Newer>) {
    let mut add = |since: u8, what: &'static str| found.push(Newer { since, span, what });
    add(15, "MERGE");
    if !merge.returning.is_empty() {
        add(17, "RETURNING of MERGE");
    }
    if merge.arms.iter().any(|arm| arm.matched == MergeMatch::NotMatchedBySource) {
        add(17, "WHEN NOT MATCHED BY SOURCE");
    }
}

fn of_publication(objects: &[PublicationObject], found: &mut Vec<Newer>) {
    for object in objects {
        match object {
            PublicationObject::Table { relation, columns, filter } if !columns.is_empty() || filter.is_some() => {
                found.push(Newer { since: 15, span: relation.span, what: "a column list or filter of a publication" });
            }
            PublicationObject::TablesInSchema(schema) => {
                found.push(Newer { since: 15, span: schema.span, what: "TABLES IN SCHEMA" });
            }
            _ => {}
        }
    }
}
