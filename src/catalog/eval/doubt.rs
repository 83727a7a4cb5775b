//! What code may have touched that may have run or not.

use super::value::Value;
use super::{Evaluator, Result};
use crate::catalog::ObjectId;
use crate::catalog::replay::GAP;
use crate::source::Span;
use crate::syntax::plpgsql::{Body, CodeStatementKind, Sql};
use crate::syntax::{FunctionBody, Origin, StatementKind, parse_statements};

/// First words of statements that make or drop nothing that has a name.
const HARMLESS: &[&str] = &[
    "select",
    "insert",
    "update",
    "delete",
    "grant",
    "revoke",
    "comment",
    "notify",
    "set ",
    "reset",
    "analyze",
    "vacuum",
    "refresh",
    "lock",
    "truncate",
    "copy",
    "alter publication",
    "alter role",
    "alter default privileges",
];

impl Evaluator<'_> {
    /// A statement of code that may have run.
    pub(super) fn doubt_sql(&mut self, body: &Body, sql: Sql) -> Result<()> {
        let Ok(statement) = body.statement(sql) else { return Ok(()) };
        if let StatementKind::Insert(insert) = &statement.kind
            && let Some(table) = self.replay.find_relation(&insert.relation.name)
        {
            self.replay.note_write(table);
        }
        self.replay.doubt_effects_of(statement);
        Ok(())
    }

    /// A function that may have run.
    pub(super) fn doubt_function(&mut self, id: ObjectId) -> Result<()> {
        let object = self.replay.now().get(id).cloned();
        let body = object.as_ref().and_then(|object| object.as_routine()?.body.clone());
        let Some(FunctionBody::Text { code, .. }) = body.as_deref() else { return Ok(()) };
        let body = code.body();
        let mut pieces = Vec::new();
        let mut executes = Vec::new();
        body.walk(|statement| match &statement.kind {
            CodeStatementKind::Sql { sql, .. } => pieces.push(*sql),
            CodeStatementKind::Execute { query, .. } => executes.push(*query),
            _ => {}
        });
        pieces.into_iter().try_for_each(|sql| self.doubt_sql(&body, sql))?;
        for query in executes {
            let text = match body.expression(query).map(|expr| &expr.kind) {
                Some(crate::syntax::ExprKind::String(text)) => Value::text(text),
                _ => Value::Unknown,
            };
            if !self.doubt_text(&text) {
                self.note_unknown("the text of an EXECUTE is not known");
            }
        }
        Ok(())
    }

    /// A text that may have been executed, parts of which may not be known. Whether it could do no harm.
    pub(super) fn doubt_text(&mut self, text: &Value) -> bool {
        let parts = match text {
            Value::Text(text) => vec![Some(text.clone())],
            Value::Template(parts) => parts.to_vec(),
            _ => Vec::new(),
        };
        let start = parts.first().cloned().flatten().unwrap_or_default().trim_start().to_lowercase();
        if HARMLESS.iter().any(|words| start.starts_with(words)) {
            return true;
        }
        let filled: String = parts.iter().map(|part| part.as_deref().unwrap_or(GAP)).collect();
        let statements = parse_statements(&filled, &Origin::Elsewhere(Span::NONE));
        match statements {
            Ok(statements) if !statements.is_empty() => {
                statements.iter().for_each(|statement| self.replay.doubt_effects_of(statement));
                false
            }
            _ => {
                self.replay.doubt.everything("a statement that is made at run time is not known");
                false
            }
        }
    }
}
