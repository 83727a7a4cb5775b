//! What rules about statements ask of a deployment: who waits, for what, and how else it could be done.

use super::{
    CatalogAt, Constraint, Expr, ExprKind, Finding, Fix, Found, HeldLock, Ident, LockMode, Name, ObjectId, OptOut,
    Persistence, Relation, RelationClass, Report, Severity, Span, StatementContext, StatementKind, TableAction,
    quote_identifier,
};
use crate::syntax::{AlterTable, QualifiedName, Volatility};

/// An action of ALTER TABLE on a table that was in use before this deployment.
#[derive(Clone, Copy)]
pub struct Action<'a> {
    /// Its place among the actions of the statement.
    pub at: usize,
    /// The table.
    pub table: ObjectId,
    /// What is written.
    pub written: &'a TableAction,
}

impl<'a> StatementContext<'a> {
    /// The relation, index or sequence of this name, as the statement finds it.
    pub fn find(&self, name: &QualifiedName) -> Option<ObjectId> {
        self.before.relation_along(&self.executed.search_path, name)
    }

    /// The actions of an ALTER TABLE that ran, on a table that others use already.
    pub fn actions(&self) -> impl Iterator<Item = Action<'a>> + use<'a> {
        let alter = self.altered();
        alter.into_iter().flat_map(|(table, alter)| {
            alter.actions.iter().enumerate().map(move |(at, written)| Action { at, table, written })
        })
    }

    /// The ALTER TABLE, where it ran and others use the table already.
    pub fn altered(&self) -> Option<(ObjectId, &'a AlterTable)> {
        let table = self.altered?;
        let StatementKind::AlterTable(alter) = self.kind() else { return None };
        Some((table, alter))
    }

    /// With the table that it alters.
    pub(crate) fn with_altered(self) -> StatementContext<'a> {
        let StatementKind::AlterTable(alter) = self.kind() else { return self };
        let altered = self.find(&alter.relation.name).filter(|&table| self.ran() && self.is_in_use(table));
        StatementContext { altered, ..self }
    }

    /// The tables in use that the statement locks at least this strongly, without indexes and sequences.
    pub fn tables_locked(&self, at_least: LockMode) -> Vec<(ObjectId, LockMode)> {
        let is_table = |id: ObjectId| self.before.get(id).is_some_and(|object| object.as_relation().is_some());
        self.locked(at_least).filter(|&(id, _)| is_table(id)).collect()
    }

    /// The tables of a list that others use already.
    pub fn in_use(&self, tables: &[ObjectId]) -> Vec<ObjectId> {
        tables.iter().copied().filter(|&id| self.is_in_use(id)).collect()
    }

    /// Whether a relation is partitioned.
    pub fn is_partitioned(&self, id: ObjectId) -> bool {
        self.before.relation(id).is_some_and(|it| it.is.class == RelationClass::PartitionedTable)
    }

    /// What waits while the statement holds its lock on a table: `every read and write of orders waits`.
    pub fn who_waits(&self, table: ObjectId) -> String {
        who_waits(&self.name(table), self.effects.lock(table).unwrap_or(LockMode::AccessExclusive))
    }

    /// The names of several relations, for a message.
    pub fn names(&self, ids: &[ObjectId]) -> String {
        listed(&ids.iter().map(|&id| self.name(id)).collect::<Vec<_>>())
    }

    /// The name of a relation as SQL.
    pub fn sql_name(&self, id: ObjectId) -> String {
        let at = if self.before.get(id).is_some() { self.before } else { self.after };
        at.sql_name(id)
    }

    /// A name for the index that is to become a constraint of this name, as SQL: its own, or one beside it where an
    /// index that is still there has that.
    pub fn index_name_for(&self, table: ObjectId, constraint: Name) -> String {
        let schema = self.before.get(table).and_then(|object| object.schema);
        let taken = schema.is_some_and(|schema| self.before.relation_in(schema, constraint).is_some());
        if taken { new_name(&[constraint.as_str(), "new"]) } else { quote_identifier(&constraint).into_owned() }
    }

    /// The constraint of this name that a table has before the statement.
    pub fn constraint(&self, table: ObjectId, name: Name) -> Option<Found<'a, Constraint>> {
        self.before.constraints(table).find(|constraint| constraint.name() == name)
    }

    /// The constraints that the statement made, on tables that others use already.
    pub fn new_constraints(&self) -> Vec<Found<'a, Constraint>> {
        let (before, after) = (self.before, self.after);
        let made = self.changed.iter().filter_map(|&id| Some((id, after.get(id)?.as_constraint()?.of)));
        made.filter(|&(id, _)| before.get(id).is_none())
            .map(|(_, of)| of)
            .filter(|&of| self.is_in_use(of))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .flat_map(|of| after.constraints(of))
            .filter(|constraint| before.get(constraint.id).is_none())
            .collect()
    }

    /// How often an expression must be computed; `None` where it is not known.
    pub fn volatility(&self, expr: &Expr) -> Option<Volatility> {
        use crate::catalog::analyze::{Environment, Purpose, Scope, expression};
        let environment = Environment::new(self.after, &self.executed.search_path, self.facts.server_version);
        expression(environment, &Scope::empty(), expr, &Purpose::Value).ok()?.volatility(environment)
    }

    /// Whether an object is a temporary relation.
    pub fn is_temporary(&self, id: ObjectId) -> bool {
        let at = if self.before.get(id).is_some() { self.before } else { self.after };
        at.get(id).and_then(|object| object.as_relation()).is_some_and(|it| it.persistence == Persistence::Temporary)
    }

    /// Starts the finding that others wait for a table while the statement works on all of it.
    pub fn closed<'r>(&self, report: &'r mut Report, span: Span, table: ObjectId, work: &str) -> &'r mut Finding {
        let mode = self.effects.lock(table).unwrap_or(LockMode::AccessExclusive);
        let finding = report.at(span, format!("{} while {work}", self.who_waits(table)));
        finding.subject(self.name(table)).label(format!("takes {} and reads all of it", lock_words(mode)));
        self.weigh(finding, table);
        finding
    }

    /// Whether a statement before this one in the same file took all rows away.
    pub fn was_emptied(&self, table: ObjectId) -> bool {
        let name = |relation: &crate::syntax::RelationRef| self.find(&relation.name) == Some(table);
        let before = self.file_statements().take_while(|it| it.id < self.executed.id);
        before.filter(|it| !it.rolled_back).any(|it| match &it.statement.kind {
            StatementKind::Truncate { relations, .. } => relations.iter().any(name),
            StatementKind::Delete(delete) => {
                delete.filter.is_none() && delete.using.is_empty() && name(&delete.relation)
            }
            _ => false,
        })
    }

    /// The type of a column before the statement and after it, as the server prints them.
    pub fn types(&self, table: ObjectId, column: Name) -> Option<(String, String)> {
        let ty = |catalog: CatalogAt<'_>| {
            Some(catalog.column_type(catalog.relation(table)?.is.column(column)?.ty.as_ref()?))
        };
        Some((ty(self.before)?, ty(self.after)?))
    }

    /// Whether the same file added a column: nobody has used it yet.
    pub fn is_new_column(&self, table: ObjectId, column: Name) -> bool {
        let file = self.executed.file;
        let Some(first) = self.file_statements().next() else { return false };
        let at_start = self.before.catalog().before(first.id);
        let number = self.before.relation(table).and_then(|it| Some(it.is.column(column)?.number));
        let was_there = number.is_some_and(|number| at_start.column(table, number).is_some());
        first.file == file && !was_there
    }

    /// Whether a condition leaves no row out: none, TRUE, or a constant that is compared with itself.
    pub fn lets_all_through(&self, filter: Option<&Expr>) -> bool {
        let constant = |expr: &Expr| matches!(expr.kind, ExprKind::Integer(_) | ExprKind::String(_));
        match filter.map(|filter| &filter.kind) {
            None | Some(ExprKind::Bool(true)) => true,
            Some(ExprKind::Operator(operation)) => {
                let left = operation.left.as_ref();
                let same = left.is_some_and(|left| left.kind == operation.right.kind && constant(left));
                same && operation.operator.name.as_str() == "="
            }
            _ => false,
        }
    }

    /// The table of an UPDATE or DELETE on a table in use that nothing keeps to a few rows, and what happens to them.
    pub fn changes_many_rows(&self) -> Option<(ObjectId, &'static str)> {
        let (relation, filter, joined, word) = match self.kind() {
            StatementKind::Update(it) => (&it.relation, &it.filter, !it.from.is_empty(), "changed"),
            StatementKind::Delete(it) => (&it.relation, &it.filter, !it.using.is_empty(), "deleted"),
            _ => return None,
        };
        let table = self.find(&relation.name).filter(|&table| self.is_in_use(table))?;
        let all = self.lets_all_through(filter.as_ref());
        let keeps = !all && filter.as_ref().is_some_and(keeps_to_few);
        (!joined && !keeps).then_some((table, word))
    }

    /// The catalog when the last statement of the file is done.
    pub fn at_end_of_file(&self) -> CatalogAt<'a> {
        let last = self.file_statements().last().map_or(self.executed.id, |last| last.id);
        self.before.catalog().after(last)
    }

    // --- transactions -----------------------------------------------------------------------------

    /// The other statements of its file, from the first.
    pub fn file_statements(&self) -> std::slice::Iter<'a, crate::catalog::Executed> {
        self.before.catalog().statements_beside(self.executed.id).iter()
    }

    /// Whether its file holds no other statement.
    pub fn is_alone(&self) -> bool {
        self.file_statements().filter(|it| it.within.is_none()).take(2).count() == 1
    }

    /// The locks of its transaction on relations in use that are at least this strong.
    pub fn held_before(&self, at_least: LockMode) -> impl Iterator<Item = &'a HeldLock> + use<'_, 'a> {
        self.held.iter().filter(move |held| held.mode >= at_least && self.is_in_use(held.relation))
    }

    /// How to run a statement that no transaction may hold.
    pub fn how_to_leave_transaction(&self) -> String {
        match self.facts.opt_out {
            OptOut::Free => "outside of BEGIN and COMMIT".to_owned(),
            OptOut::TopLine(line) => format!("in a file of its own that starts with `{line}`"),
            OptOut::Mark { mark, words } => format!("in a file of its own with `{mark}{words}`"),
            OptOut::OwnFile => "in a file of its own, which is sent without a transaction".to_owned(),
            OptOut::Setting(setting) => format!("in a file of its own, outside of the transaction: {setting}"),
            OptOut::Never => "outside of these migrations, whose runner always opens a transaction".to_owned(),
        }
    }

    /// Adds to a fix what takes the file out of its transaction; `None` where that needs more than an edit.
    pub fn outside_transaction(&self, fix: Fix) -> Option<Fix> {
        if self.executed.within.is_some() {
            return None;
        }
        let wrapped = self.executed.in_transaction_block;
        match self.facts.opt_out {
            OptOut::Free if self.has_block() => None,
            OptOut::Free => Some(fix),
            _ if !self.is_alone() => None,
            _ if !wrapped => Some(fix),
            OptOut::OwnFile => Some(fix),
            OptOut::TopLine(line) => {
                let start = Span::new(self.executed.statement.span.file, 0, 0);
                Some(fix.insert_before(start, format!("{line}\n")))
            }
            OptOut::Mark { mark, words } => {
                let file = self.executed.statement.span.file;
                let at = self.sources.file(file).text.find(mark)? as u32 + mark.len() as u32;
                Some(fix.insert_before(Span::new(file, at, at), words))
            }
            OptOut::Setting(_) | OptOut::Never => None,
        }
    }

    /// Whether the file opens a block itself, before this statement.
    fn has_block(&self) -> bool {
        use crate::syntax::Transaction;
        let before = self.file_statements().take_while(|it| it.id < self.executed.id);
        let opens = |kind: &StatementKind| match kind {
            StatementKind::Transaction(Transaction::Begin { .. }) => Some(true),
            StatementKind::Transaction(Transaction::Commit { .. } | Transaction::Rollback { .. }) => Some(false),
            _ => None,
        };
        before.filter_map(|it| opens(&it.statement.kind)).last().unwrap_or(false)
    }

    /// Whether a statement of the file before this one set a lock_timeout.
    pub fn has_lock_timeout(&self) -> bool {
        use crate::syntax::SetValue;
        let before = self.file_statements().take_while(|it| it.id < self.executed.id);
        before.filter(|it| !it.rolled_back).any(|it| match &it.statement.kind {
            StatementKind::Set(set) if set.name.as_str() == "lock_timeout" => {
                matches!(&set.value, SetValue::To(values) if values.first().is_some_and(|value| &*value.text != "0"))
            }
            StatementKind::Select(_) => {
                let text = self.sources.slice(it.statement.span);
                text.contains("set_config") && text.contains("lock_timeout")
            }
            _ => false,
        })
    }

    // --- sizes ------------------------------------------------------------------------------------

    /// Lets the size of the table decide how much a finding matters whose cost grows with it.
    pub fn weigh(&self, finding: &mut Finding, table: ObjectId) {
        match self.facts.sizes.of(&self.before.qualified_name(table)) {
            Some(size) if size.is_small() => {
                finding.severity(Severity::Info).note(format!("{} is small: {size}", self.name(table)));
            }
            Some(size) => {
                finding.note(format!("{} holds {size}", self.name(table)));
            }
            None => {
                let name = self.name(table);
                finding.note(format!("the size of {name} is not known here; [tables] in pglint.toml can tell it"));
            }
        }
    }
}

/// Whether a condition names its rows: by a value, a list, a range or a query of its own. What only asks for NULL, for a
/// boolean or for something else than a value may hold for most of the table.
fn keeps_to_few(filter: &Expr) -> bool {
    match &filter.kind {
        ExprKind::And(parts) => parts.iter().any(keeps_to_few),
        ExprKind::Or(parts) => parts.iter().all(keeps_to_few),
        ExprKind::Operator(operation) => !matches!(operation.operator.name.as_str(), "<>" | "!="),
        ExprKind::In(list) => !list.negated,
        ExprKind::Like(like) => !like.negated,
        ExprKind::Between(between) => !between.negated,
        ExprKind::Bool(value) => !value,
        ExprKind::NullTest(_) | ExprKind::BooleanTest(_) | ExprKind::Not(_) | ExprKind::Column(_) => false,
        ExprKind::Distinct(comparison) => comparison.negated,
        _ => true,
    }
}

impl Found<'_, Constraint> {
    /// The part of the statement that asks for it.
    pub fn place(&self, context: &StatementContext<'_>) -> Span {
        let span = self.span();
        if span.is_none() { context.executed.statement.span } else { span }
    }
}

impl CatalogAt<'_> {
    /// What an index is over, as SQL; `…` stands for an expression.
    pub fn index_columns(self, index: ObjectId) -> String {
        let Some(is) = self.get(index).and_then(|object| object.as_index()) else { return String::new() };
        let key = |key: &super::IndexColumn| match key.key {
            super::Key::Column(number) => quote_identifier(&self.column_name(is.table, number)).into_owned(),
            super::Key::Expr(_) => "…".to_owned(),
        };
        is.keys.iter().map(key).collect::<Vec<_>>().join(", ")
    }
}

/// What waits while a lock is held: `every write to orders waits`.
pub fn who_waits(table: &str, mode: LockMode) -> String {
    match mode {
        LockMode::AccessExclusive => format!("every read and write of {table} waits"),
        LockMode::Share | LockMode::ShareRowExclusive | LockMode::Exclusive => format!("every write to {table} waits"),
        _ => format!("vacuum and other changes of {table} wait"),
    }
}

/// The mode in the words of LOCK TABLE.
pub fn lock_words(mode: LockMode) -> &'static str {
    match mode {
        LockMode::AccessShare => "ACCESS SHARE",
        LockMode::RowShare => "ROW SHARE",
        LockMode::RowExclusive => "ROW EXCLUSIVE",
        LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
        LockMode::Share => "SHARE",
        LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
        LockMode::Exclusive => "EXCLUSIVE",
        LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
    }
}

/// `a`, `a and b`, `a, b and c`, `a, b and 3 more`.
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

/// A name for a new object in SQL: cut to what the server keeps.
pub fn new_name(parts: &[&str]) -> String {
    let mut name = parts.join("_");
    while name.len() > 63 {
        name.pop();
    }
    quote_identifier(&name).into_owned()
}

/// An identifier as SQL.
pub fn sql_ident(ident: Ident) -> String {
    quote_identifier(ident.as_str()).into_owned()
}

/// The columns of a relation that are read by number, as SQL.
pub fn sql_columns(catalog: CatalogAt<'_>, relation: ObjectId, numbers: &[i16]) -> String {
    let names = catalog.column_names(relation, numbers);
    names.iter().map(|name| quote_identifier(name).into_owned()).collect::<Vec<_>>().join(", ")
}

/// Whether a relation keeps rows of its own.
pub fn holds_rows(relation: &Relation) -> bool {
    matches!(relation.class, RelationClass::Table | RelationClass::MaterializedView)
}
