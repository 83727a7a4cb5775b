//! What the triggers of a written table do.

use super::Work;
use crate::catalog::{ObjectId, Routine, Trigger};
use crate::syntax::plpgsql::{Body, CodeStatement, CodeStatementKind, RaiseLevel};
use crate::syntax::{Firing, FunctionBody, Name, StatementKind};

impl Work<'_> {
    /// What the functions of the triggers run in any case: neither behind a condition nor after one that may return.
    pub(super) fn fire_triggers(&mut self, kind: &StatementKind) {
        let name = match kind {
            StatementKind::Insert(insert) => &insert.relation.name,
            StatementKind::Update(update) => &update.relation.name,
            StatementKind::Delete(delete) => &delete.relation.name,
            _ => return,
        };
        let Some(table) = self.written_table(name) else { return };
        let fired = self.before.triggers(table).filter(|trigger| self.fires(table, trigger.is, kind));
        let functions: Vec<ObjectId> = fired.filter_map(|trigger| trigger.is.function).collect();
        functions.into_iter().for_each(|function| self.run_function(function));
    }

    /// Whether a statement certainly fires a trigger, if there is a row for it.
    fn fires(&self, table: ObjectId, trigger: &Trigger, kind: &StatementKind) -> bool {
        let enabled = matches!(trigger.firing, Firing::Enabled | Firing::Always);
        let at_once = !trigger.initially_deferred && trigger.when.is_none();
        enabled
            && at_once
            && match kind {
                StatementKind::Insert(_) => trigger.events.insert,
                StatementKind::Delete(_) => trigger.events.delete,
                StatementKind::Update(update) => {
                    let columns = self.before.column_names(table, &trigger.columns);
                    let is_set = |name: &Name| update.set.iter().any(|it| it.column.name.name == *name);
                    trigger.events.update && (columns.is_empty() || columns.iter().any(is_set))
                }
                _ => false,
            }
    }

    fn run_function(&mut self, id: ObjectId) {
        let Some(routine) = self.follow(id) else { return };
        let Some(FunctionBody::Text { code, .. }) = routine.body.as_deref() else { return };
        if routine.language.as_str() != "plpgsql" {
            return;
        }
        let body = code.body();
        if body.error.is_none() && !body.templated {
            self.within(&routine, |work| work.run_code(&body, &body.statements));
        }
    }

    /// Runs statements up to the first one after which the code may be left; whether it goes on after them.
    fn run_code(&mut self, body: &Body, statements: &[CodeStatement]) -> bool {
        statements.iter().all(|statement| match &statement.kind {
            CodeStatementKind::Block(block) => self.run_code(body, &block.statements),
            CodeStatementKind::Sql { sql, .. } | CodeStatementKind::Perform(sql) => {
                if let Ok(statement) = body.statement(*sql) {
                    self.statement(&statement.kind);
                }
                true
            }
            _ => !may_leave(statement),
        })
    }

    /// With the search_path that a routine sets for itself.
    pub(super) fn within<T>(&mut self, routine: &Routine, run: impl FnOnce(&mut Self) -> T) -> T {
        let own = routine.settings.iter().find(|(name, _)| name.as_str() == "search_path");
        let Some((_, path)) = own else { return run(self) };
        let schemas = path.split(',').map(|name| Name::from(name.trim().trim_matches(['"', '\''])));
        let path = schemas.filter_map(|name| self.before.schema(name)).collect();
        let outer = std::mem::replace(&mut self.path, path);
        let done = run(self);
        self.path = outer;
        done
    }
}

/// Whether the code may end in a statement, or go on elsewhere.
fn may_leave(statement: &CodeStatement) -> bool {
    let mut leaves = false;
    statement.walk(&mut |inner| {
        leaves |= match &inner.kind {
            CodeStatementKind::Return(_) | CodeStatementKind::Exit { .. } | CodeStatementKind::Unknown => true,
            CodeStatementKind::Raise(raise) => raise.level == RaiseLevel::Exception,
            _ => false,
        }
    });
    leaves
}
