//! What functions in SQL read and write: when they are made, and when they are called.

use super::Work;
use super::data::Locks;
use crate::catalog::{NameKey, NameSpace, ObjectId, RelationClass, Routine};
use crate::syntax::visit::visit_statement;
use crate::syntax::{FunctionBody, LockMode, QualifiedName, StatementKind};

/// How many functions of one statement are followed, each once.
const FUNCTIONS: usize = 50;

impl Work<'_> {
    /// The code of a function in SQL is analysed and its views are expanded when it is made; nothing is planned.
    pub(super) fn function_body(&mut self) {
        let made = self.after.catalog().changed_in(self.statement);
        let made: Vec<Routine> = made.filter_map(|id| self.after.get(id)?.as_routine().cloned()).collect();
        for routine in &made {
            if self.is_polymorphic(routine) {
                continue;
            }
            if let Some(FunctionBody::Return(expr)) = routine.body.as_deref() {
                self.expression(expr);
            }
            for kind in statements(routine) {
                let mut locks = Locks::default();
                visit_statement(&kind, &mut locks);
                for (relation, mode) in locks.taken {
                    if let Some(id) = self.find(&relation.name) {
                        self.lock(id, mode);
                        self.lock_shown(id);
                    }
                }
            }
        }
    }

    fn is_polymorphic(&self, routine: &Routine) -> bool {
        routine.inputs().any(|it| self.after.get(it.ty.id).is_some_and(|ty| ty.name.as_str().starts_with("any")))
    }

    /// The relations behind a view, but not what is below them.
    fn lock_shown(&mut self, view: ObjectId) {
        let mut waiting = vec![view];
        let mut seen = Vec::new();
        while let Some(at) = waiting.pop() {
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            let query = self.relation(at).filter(|it| it.class == RelationClass::View).and_then(|it| it.query.clone());
            for (shown, _) in query.iter().flat_map(|query| &query.reads) {
                self.lock(*shown, LockMode::AccessShare);
                waiting.push(*shown);
            }
        }
    }

    /// A call of a function in SQL does what its code does. Where the name alone does not tell which one, nothing is
    /// said.
    pub(super) fn call(&mut self, name: &QualifiedName) {
        let Some(routine) = self.routine(name).and_then(|id| self.follow(id)) else { return };
        if let Some(FunctionBody::Return(expr)) = routine.body.as_deref() {
            self.run_expression(expr);
        }
        self.within(&routine, |work| {
            for kind in statements(&routine) {
                work.statement(&kind);
            }
        });
    }

    /// A function whose code is followed now; `None` where it has been, or where it is enough.
    pub(super) fn follow(&mut self, id: ObjectId) -> Option<Routine> {
        let routine = self.before.get(id).and_then(|object| object.as_routine()).cloned()?;
        if self.calls.contains(&id) || self.calls.len() >= FUNCTIONS {
            return None;
        }
        self.calls.push(id);
        Some(routine)
    }

    fn routine(&self, name: &QualifiedName) -> Option<ObjectId> {
        let schemas = match &name.schema {
            Some(schema) => vec![self.before.schema(schema.name)?],
            None => self.path.to_vec(),
        };
        let named = |schema: ObjectId| {
            let key = NameKey { space: NameSpace::Routine, parent: Some(schema), name: name.name.name };
            self.before.named(key).to_vec()
        };
        match schemas.into_iter().flat_map(named).collect::<Vec<_>>()[..] {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// The statements of a function in SQL.
fn statements(routine: &Routine) -> Vec<StatementKind> {
    if routine.language.as_str() != "sql" {
        return Vec::new();
    }
    match routine.body.as_deref() {
        Some(FunctionBody::Atomic(statements)) => statements.iter().map(|it| it.kind.clone()).collect(),
        Some(FunctionBody::Text { code, .. }) => match &*code.statements() {
            Ok(statements) => statements.iter().map(|it| it.kind.clone()).collect(),
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}
