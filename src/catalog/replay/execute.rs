//! From a statement to the method that carries it out.

use super::{Effect, Replay};
use crate::syntax::{DropBehavior, Statement, StatementKind};

impl Replay {
    /// Carries out one statement.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::Transaction(transaction) => self.transaction(transaction, statement.span),
            StatementKind::Set(set) => self.set(set),
            StatementKind::Drop(drop) => self.drop(drop),
            StatementKind::Rename(rename) => self.rename(rename),
            StatementKind::SetSchema { object, if_exists, schema } => self.set_schema(object, *if_exists, *schema),
            StatementKind::SetOwner { object, owner } => self.set_owner(object, owner),
            StatementKind::CreateTable(create) => self.create_table(create, None),
            StatementKind::CreateForeignTable(create) => self.create_foreign_table(create),
            StatementKind::CreateTableAs(create) => self.create_table_as(create),
            StatementKind::CreateView(create) => self.create_view(create),
            StatementKind::CreateIndex(create) => self.create_index(create, statement.span),
            StatementKind::CreateSequence(create) => self.create_sequence(create),
            StatementKind::AlterSequence(alter) => self.alter_sequence(alter),
            StatementKind::CreateStatistics(create) => self.create_statistics(create),
            StatementKind::AlterStatistics { name, if_exists, target } => {
                self.alter_statistics(name, *if_exists, *target)
            }
            StatementKind::AlterTable(alter) => self.alter_table(alter),
            StatementKind::RefreshMaterializedView { relation, concurrently, with_data } => {
                self.refresh(relation, *concurrently, *with_data)
            }
            StatementKind::Truncate { relations, behavior, .. } => {
                self.truncate(relations, *behavior == DropBehavior::Cascade)
            }
            StatementKind::Lock { relations, .. } => self.lock(relations, statement.span),
            StatementKind::Cluster { relation, index, .. } => self.cluster(relation.as_deref(), *index, statement.span),
            StatementKind::Reindex(reindex) => self.reindex(reindex, statement.span),
            StatementKind::Vacuum { vacuum, relations, .. } => self.vacuum(*vacuum, relations, statement.span),
            StatementKind::MoveAllInTablespace { kind, from, owned_by, to } => {
                self.move_all(*kind, *from, owned_by, *to)
            }
            StatementKind::SetConstraints { constraints, deferred } => self.set_constraints(constraints, *deferred),
            StatementKind::DeclareCursor { name, query } => self.declare_cursor(*name, query),
            StatementKind::Fetch { cursor, .. } => self.cursor(*cursor),
            StatementKind::ClosePortal { name } => self.close_cursor(*name),
            StatementKind::Prepare { name, statement, .. } => self.prepare(*name, statement),
            StatementKind::Execute { name, .. } => self.run_prepared(*name).map(|_| crate::catalog::Outcome::Done),
            StatementKind::Deallocate { name } => self.deallocate(*name),
            StatementKind::Do(block) => self.run_block(block),
            StatementKind::Call(call) => self.run_call(call),
            _ => match self.execute_data(statement) {
                Some(effect) => effect,
                None => self.execute_other(statement),
            },
        }
    }
}
