//! Rows of `storage.buckets`: the one table of the platform whose rows rules ask about.

use std::sync::Arc;

use super::Replay;
use crate::catalog::{Bucket, Kind, NameKey, NameSpace, Object, ObjectId, Tag};
use crate::syntax::{
    Assignment, ConflictUpdate, Delete, Expr, ExprKind, Ident, Insert, Name, Query, QueryBody, RelationRef,
    StatementKind, Update,
};

/// What an expression says of a row, where it can be known.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Value {
    Null,
    Bool(bool),
    Text(Arc<str>),
}

/// The columns that a bucket is told by.
struct Row {
    id: Option<Value>,
    /// `None`: not written.
    public: Option<Option<Value>>,
}

impl Replay {
    /// Follows a statement that writes rows of `storage.buckets`.
    pub(super) fn follow_buckets(&mut self, statement: &StatementKind) {
        match statement {
            StatementKind::Insert(insert) if self.is_buckets(&insert.relation) => self.insert_buckets(insert),
            StatementKind::Update(update) if self.is_buckets(&update.relation) => self.update_buckets(update),
            StatementKind::Delete(delete) if self.is_buckets(&delete.relation) => self.delete_buckets(delete),
            _ => {}
        }
    }

    fn is_buckets(&self, relation: &RelationRef) -> bool {
        let Some(object) = self.find_relation(&relation.name).and_then(|id| self.now().get(id)) else { return false };
        let storage = object.schema.and_then(|schema| self.now().get(schema));
        object.name.as_str() == "buckets" && storage.is_some_and(|schema| schema.name.as_str() == "storage")
    }

    // --- INSERT -----------------------------------------------------------------------------------

    fn insert_buckets(&mut self, insert: &Insert) {
        let columns: Vec<Name> = match &insert.columns[..] {
            [] => self.bucket_columns(&insert.relation),
            written => written.iter().map(|column| column.name.name).collect(),
        };
        let Some(rows) = insert.source.as_ref().and_then(rows_of) else { return };
        for row in rows {
            let at = |word: &str| {
                let place = columns.iter().position(|column| column.as_str() == word)?;
                row.get(place).copied()
            };
            let row = Row { id: at("id").and_then(value_of), public: at("public").map(value_of) };
            let update = insert.on_conflict.as_ref().map(|conflict| conflict.update.as_ref());
            self.insert_bucket(&row, update);
        }
    }

    fn bucket_columns(&self, relation: &RelationRef) -> Vec<Name> {
        let object = self.find_relation(&relation.name).and_then(|id| self.now().get(id));
        let columns = object.and_then(|object| object.as_relation()).map(|relation| &relation.columns);
        columns.into_iter().flatten().map(|column| column.name).collect()
    }

    /// `conflict`: `Some(None)` for DO NOTHING.
    fn insert_bucket(&mut self, row: &Row, conflict: Option<Option<&ConflictUpdate>>) {
        let Some(Value::Text(id)) = &row.id else { return };
        let name = Name::from(id);
        let Some(known) = self.bucket(name) else {
            let bucket = Bucket { public: public_of(row) };
            self.add(Object::new(name, None, Kind::Bucket(bucket)));
            return;
        };
        // Without ON CONFLICT the server refuses the row, and nothing changes.
        let Some(Some(update)) = conflict else { return };
        for assignment in &update.set {
            if assignment.column.name.as_str() == "public" {
                let new = match excluded(&assignment.value) {
                    Some(column) if column.as_str() == "public" => public_of(row),
                    Some(_) => None,
                    None => as_bool(value_of(&assignment.value)),
                };
                self.set_public(known, new);
            }
        }
    }

    fn bucket(&self, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Other(Tag::Bucket), parent: None, name };
        self.now().named(key).first().copied()
    }

    fn set_public(&mut self, id: ObjectId, public: Option<bool>) {
        self.catalog.modify(id, |object| object.kind = Kind::Bucket(Bucket { public }));
    }

    // --- UPDATE and DELETE ------------------------------------------------------------------------

    fn update_buckets(&mut self, update: &Update) {
        let Some(public) = update.set.iter().find(|assignment| sets_public(assignment)) else { return };
        let new = as_bool(value_of(&public.value));
        for (id, certain) in self.buckets_meant(update.filter.as_ref()) {
            self.set_public(id, new.filter(|_| certain));
        }
    }

    fn delete_buckets(&mut self, delete: &Delete) {
        for (id, certain) in self.buckets_meant(delete.filter.as_ref()) {
            if certain {
                self.erase(id);
            } else {
                self.set_public(id, None);
            }
        }
    }

    /// The buckets that a condition chooses, and those that it may choose.
    fn buckets_meant(&self, filter: Option<&Expr>) -> Vec<(ObjectId, bool)> {
        let buckets = self.now().of_kind(Tag::Bucket);
        let meant =
            buckets.filter_map(|(id, object)| match filter.map_or(Some(true), |filter| chooses(filter, object)) {
                Some(true) => Some((id, true)),
                Some(false) => None,
                None => Some((id, false)),
            });
        meant.collect()
    }
}

fn sets_public(assignment: &Assignment) -> bool {
    assignment.column.name.as_str() == "public"
}

/// What a new row has: the column's default is false, a null stays one, which is not public.
fn public_of(row: &Row) -> Option<bool> {
    match &row.public {
        None => Some(false),
        Some(value) => as_bool(value.clone()),
    }
}

fn as_bool(value: Option<Value>) -> Option<bool> {
    match value? {
        Value::Bool(value) => Some(value),
        Value::Null => Some(false),
        Value::Text(text) => match &*text.to_ascii_lowercase() {
            "t" | "true" | "on" | "yes" | "1" => Some(true),
            "f" | "false" | "off" | "no" | "0" => Some(false),
            _ => None,
        },
    }
}

/// The rows of VALUES, or the one of a SELECT of constants.
fn rows_of(query: &Query) -> Option<Vec<Vec<&Expr>>> {
    match &query.body {
        QueryBody::Values(values) => Some(values.rows.iter().map(|row| row.iter().collect()).collect()),
        QueryBody::Select(select) if select.from.is_empty() && select.filter.is_none() => {
            Some(vec![select.targets.iter().map(|target| &target.expr).collect()])
        }
        // `SELECT … WHERE NOT EXISTS (…)` adds the row where it is not there yet, and else changes nothing.
        QueryBody::Select(select) if select.from.is_empty() && select.filter.as_ref().is_some_and(is_not_exists) => {
            Some(vec![select.targets.iter().map(|target| &target.expr).collect()])
        }
        _ => None,
    }
}

fn is_not_exists(expr: &Expr) -> bool {
    let ExprKind::Not(inner) = &expr.kind else { return false };
    matches!(&inner.kind, ExprKind::Subquery(subquery) if matches!(subquery.kind, crate::syntax::SubqueryKind::Exists))
}

fn value_of(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Null => Some(Value::Null),
        ExprKind::Bool(value) => Some(Value::Bool(*value)),
        ExprKind::String(text) => Some(Value::Text(Arc::from(&**text))),
        ExprKind::Default => Some(Value::Bool(false)),
        ExprKind::Cast(cast) => value_of(&cast.expr),
        _ => None,
    }
}

/// `excluded.column`.
fn excluded(expr: &Expr) -> Option<Name> {
    let ExprKind::Column(column) = &expr.kind else { return None };
    let qualifier = column.qualifier()?;
    (qualifier.as_str() == "excluded").then(|| column.column().map(|column: Ident| column.name))?
}

/// Whether a condition holds for a bucket; `None` where that cannot be known.
fn chooses(filter: &Expr, bucket: &Object) -> Option<bool> {
    match &filter.kind {
        ExprKind::Bool(value) => Some(*value),
        ExprKind::And(parts) => all(parts.iter().map(|part| chooses(part, bucket))),
        ExprKind::Or(parts) => all(parts.iter().map(|part| chooses(part, bucket).map(|it| !it))).map(|it| !it),
        ExprKind::Not(part) => chooses(part, bucket).map(|it| !it),
        ExprKind::Operator(operation) => {
            let left = operation.left.as_ref()?;
            let equal = is_id(left, &operation.right).or_else(|| is_id(&operation.right, left))?;
            match operation.operator.name.as_str() {
                "=" => Some(*equal == *bucket.name.as_str()),
                "<>" | "!=" => Some(*equal != *bucket.name.as_str()),
                _ => None,
            }
        }
        ExprKind::In(list) => {
            let found = list.list.iter().map(|value| Some(*is_id(&list.expr, value)? == *bucket.name.as_str()));
            let none = all(found.map(|it| it.map(|it| !it)))?;
            Some(none == list.negated)
        }
        _ => None,
    }
}

/// The text that the column `id` (or `name`, which is mostly the same) is compared with.
fn is_id(column: &Expr, value: &Expr) -> Option<Arc<str>> {
    let ExprKind::Column(column) = &column.kind else { return None };
    let Some(Value::Text(text)) = value_of(value) else { return None };
    matches!(column.column()?.as_str(), "id" | "name").then_some(text)
}

/// Whether all hold; one that does not decides, one that is not known spoils it.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}
