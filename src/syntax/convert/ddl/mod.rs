//! Statements other than queries, one file a family.
//!
//! A converter takes its node and a [`Cursor`] over the statement's tokens and goes through both in
//! the order of the grammar: the node says what is written, the cursor where.

mod alter_table;
mod constraint;
mod cursor;
mod data;
mod database;
mod foreign;
mod function;
mod index;
mod object;
mod operator;
mod options;
mod policy_trigger;
mod replication;
mod role_grant;
mod schema;
mod session;
mod set;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod view_sequence;

use std::ffi::c_char;

use super::*;
use crate::syntax::ffi::Literal;
use crate::syntax::*;
use cursor::Cursor;

impl Converter<'_> {
    /// A statement that is no query and takes exactly these tokens.
    pub(super) fn utility(&self, node: Node, at: Extent) -> StatementKind {
        let c = Cursor::new(&self.places, at);
        self.about_relations(node, c)
            .or_else(|| self.about_code_and_types(node, c))
            .or_else(|| self.about_objects(node, c))
            .or_else(|| self.about_access_and_session(node, c))
            .unwrap_or(StatementKind::Other { tag: node.name() })
    }

    fn about_relations(&self, node: Node, c: Cursor) -> Option<StatementKind> {
        Some(match node {
            Node::CreateStmt(stmt) => self.create_table(stmt, c),
            Node::CreateTableAsStmt(stmt) => self.create_table_as(stmt, c),
            Node::AlterTableStmt(stmt) => self.alter_table(stmt, c),
            Node::AlterTableMoveAllStmt(stmt) => self.move_all(stmt, c),
            Node::IndexStmt(stmt) => self.create_index(stmt, c),
            Node::ViewStmt(stmt) => self.create_view(stmt, c),
            Node::CreateSeqStmt(stmt) => self.create_sequence(stmt, c),
            Node::AlterSeqStmt(stmt) => self.alter_sequence(stmt, c),
            Node::CreateStatsStmt(stmt) => self.create_statistics(stmt, c),
            Node::AlterStatsStmt(stmt) => self.alter_statistics(stmt, c),
            Node::RefreshMatViewStmt(stmt) => self.refresh(stmt, c),
            Node::TruncateStmt(stmt) => self.truncate(stmt),
            Node::LockStmt(stmt) => self.lock(stmt),
            Node::ClusterStmt(stmt) => self.cluster(stmt, c),
            Node::ReindexStmt(stmt) => self.reindex(stmt, c),
            Node::VacuumStmt(stmt) => self.vacuum(stmt, c),
            Node::CopyStmt(stmt) => self.copy(stmt, c),
            Node::CreatePolicyStmt(stmt) => self.create_policy(stmt, c),
            Node::AlterPolicyStmt(stmt) => self.alter_policy(stmt, c),
            Node::CreateTrigStmt(stmt) => self.create_trigger(stmt, c),
            Node::CreateEventTrigStmt(stmt) => self.create_event_trigger(stmt, c),
            Node::AlterEventTrigStmt(stmt) => self.alter_event_trigger(stmt, c),
            Node::RuleStmt(stmt) => self.create_rule(stmt, c),
            _ => return None,
        })
    }

    fn about_code_and_types(&self, node: Node, c: Cursor) -> Option<StatementKind> {
        Some(match node {
            Node::CreateFunctionStmt(stmt) => self.create_function(stmt, c),
            Node::AlterFunctionStmt(stmt) => self.alter_function(stmt, c),
            Node::DoStmt(stmt) => self.do_block(stmt, c),
            Node::CallStmt(stmt) => self.call_statement(stmt),
            Node::ReturnStmt(stmt) => self.return_statement(stmt),
            Node::CreateEnumStmt(stmt) => self.create_enum(stmt, c),
            Node::AlterEnumStmt(stmt) => self.alter_enum(stmt, c),
            Node::CompositeTypeStmt(stmt) => self.create_composite_type(stmt, c),
            Node::CreateDomainStmt(stmt) => self.create_domain(stmt, c),
            Node::AlterDomainStmt(stmt) => self.alter_domain(stmt, c),
            Node::CreateRangeStmt(stmt) => self.create_range(stmt, c),
            Node::DefineStmt(stmt) => self.define(stmt, c),
            Node::AlterTypeStmt(stmt) => self.alter_type(stmt, c),
            Node::CreateCastStmt(stmt) => self.create_cast(stmt, c),
            Node::CreateTransformStmt(stmt) => self.create_transform(stmt, c),
            Node::CreateConversionStmt(stmt) => self.create_conversion(stmt, c),
            Node::CreateOpClassStmt(stmt) => self.create_operator_class(stmt, c),
            Node::CreateOpFamilyStmt(stmt) => self.create_operator_family(stmt, c),
            Node::AlterOpFamilyStmt(stmt) => self.alter_operator_family(stmt, c),
            Node::AlterOperatorStmt(stmt) => self.alter_operator(stmt, c),
            Node::CreatePLangStmt(stmt) => self.create_language(stmt, c),
            Node::CreateAmStmt(stmt) => self.create_access_method(stmt, c),
            Node::AlterCollationStmt(stmt) => self.alter_collation(stmt, c),
            Node::AlterTSDictionaryStmt(stmt) => self.alter_dictionary(stmt, c),
            Node::AlterTSConfigurationStmt(stmt) => self.alter_configuration(stmt, c),
            _ => return None,
        })
    }

    fn about_objects(&self, node: Node, c: Cursor) -> Option<StatementKind> {
        Some(match node {
            Node::CreateSchemaStmt(stmt) => self.create_schema(stmt, c),
            Node::CreateExtensionStmt(stmt) => self.create_extension(stmt, c),
            Node::AlterExtensionStmt(stmt) => self.alter_extension(stmt, c),
            Node::AlterExtensionContentsStmt(stmt) => self.alter_extension_contents(stmt, c),
            Node::CreateForeignTableStmt(stmt) => self.create_foreign_table(stmt, c),
            Node::CreateFdwStmt(stmt) => self.create_wrapper(stmt, c),
            Node::AlterFdwStmt(stmt) => self.alter_wrapper(stmt, c),
            Node::CreateForeignServerStmt(stmt) => self.create_server(stmt, c),
            Node::AlterForeignServerStmt(stmt) => self.alter_server(stmt, c),
            Node::CreateUserMappingStmt(stmt) => self.create_user_mapping(stmt, c),
            Node::AlterUserMappingStmt(stmt) => self.alter_user_mapping(stmt, c),
            Node::DropUserMappingStmt(stmt) => self.drop_user_mapping(stmt, c),
            Node::ImportForeignSchemaStmt(stmt) => self.import_foreign_schema(stmt, c),
            Node::CreatePublicationStmt(stmt) => self.create_publication(stmt, c),
            Node::AlterPublicationStmt(stmt) => self.alter_publication(stmt, c),
            Node::CreateSubscriptionStmt(stmt) => self.create_subscription(stmt, c),
            Node::AlterSubscriptionStmt(stmt) => self.alter_subscription(stmt, c),
            Node::DropSubscriptionStmt(stmt) => self.drop_subscription(stmt, c),
            Node::DropStmt(stmt) => self.drop(stmt, c),
            Node::RenameStmt(stmt) => self.rename(stmt, c),
            Node::AlterObjectSchemaStmt(stmt) => self.set_schema(stmt, c),
            Node::AlterOwnerStmt(stmt) => self.set_owner(stmt, c),
            Node::AlterObjectDependsStmt(stmt) => self.depends_on_extension(stmt, c),
            Node::CommentStmt(stmt) => self.comment(stmt, c),
            Node::SecLabelStmt(stmt) => self.security_label(stmt, c),
            _ => return None,
        })
    }

    fn about_access_and_session(&self, node: Node, c: Cursor) -> Option<StatementKind> {
        self.about_access(node, c).or_else(|| self.about_session(node, c))
    }

    fn about_access(&self, node: Node, c: Cursor) -> Option<StatementKind> {
        Some(match node {
            Node::GrantStmt(stmt) => StatementKind::Grant(Box::new(self.grant(stmt, c))),
            Node::GrantRoleStmt(stmt) => self.grant_role(stmt, c),
            Node::AlterDefaultPrivilegesStmt(stmt) => self.alter_default_privileges(stmt, c),
            Node::CreateRoleStmt(stmt) => self.create_role(stmt, c),
            Node::AlterRoleStmt(stmt) => self.alter_role(stmt, c),
            Node::AlterRoleSetStmt(stmt) => self.alter_role_set(stmt, c),
            Node::DropRoleStmt(stmt) => self.drop_role(stmt),
            Node::DropOwnedStmt(stmt) => self.drop_owned(stmt),
            Node::ReassignOwnedStmt(stmt) => self.reassign_owned(stmt, c),
            Node::CreatedbStmt(stmt) => self.create_database(stmt, c),
            Node::AlterDatabaseStmt(stmt) => self.alter_database(stmt, c),
            Node::AlterDatabaseSetStmt(stmt) => self.alter_database_set(stmt, c),
            Node::AlterDatabaseRefreshCollStmt(stmt) => self.refresh_collation(stmt, c),
            Node::DropdbStmt(stmt) => self.drop_database(stmt, c),
            Node::CreateTableSpaceStmt(stmt) => self.create_tablespace(stmt, c),
            Node::AlterTableSpaceOptionsStmt(stmt) => self.alter_tablespace(stmt, c),
            Node::DropTableSpaceStmt(stmt) => self.drop_tablespace(stmt, c),
            Node::AlterSystemStmt(stmt) => self.alter_system(stmt, c),
            _ => return None,
        })
    }

    fn about_session(&self, node: Node, c: Cursor) -> Option<StatementKind> {
        Some(match node {
            Node::TransactionStmt(stmt) => StatementKind::Transaction(self.transaction(stmt, c)),
            Node::VariableSetStmt(stmt) => StatementKind::Set(self.set_variable(stmt, c)),
            Node::VariableShowStmt(stmt) => StatementKind::Show { name: name_of(&stmt.name) },
            Node::DiscardStmt(stmt) => self.discard(stmt),
            Node::ConstraintsSetStmt(stmt) => self.set_constraints(stmt),
            Node::PrepareStmt(stmt) => self.prepare(stmt, c),
            Node::ExecuteStmt(stmt) => self.execute(stmt, c),
            Node::DeallocateStmt(stmt) => self.deallocate(stmt, c),
            Node::ExplainStmt(stmt) => self.explain(stmt, c),
            Node::DeclareCursorStmt(stmt) => self.declare_cursor(stmt, c),
            Node::FetchStmt(stmt) => self.fetch(stmt, c),
            Node::ClosePortalStmt(stmt) => self.close_portal(stmt, c),
            Node::ListenStmt(stmt) => self.listen(stmt, c),
            Node::UnlistenStmt(stmt) => self.unlisten(stmt, c),
            Node::NotifyStmt(stmt) => self.notify(stmt, c),
            Node::LoadStmt(stmt) => StatementKind::Load { library: text_of(&stmt.filename) },
            Node::CheckPointStmt(_) => StatementKind::Checkpoint,
            _ => return None,
        })
    }

    /// The statement of a part of this one's tokens.
    fn part(&self, node: Node, c: Cursor) -> Statement {
        let deeper = self.deeper(|| self.statement(node, c.rest()));
        deeper.unwrap_or_else(|| Statement {
            span: c.rest_span(),
            written: self.is_written(),
            kind: StatementKind::Other { tag: node.name() },
        })
    }

    /// A relation that is next, or comes after words of no interest.
    fn take_relation(&self, relation: &Ptr<raw::RangeVar>, c: &mut Cursor) -> RelationRef {
        let Some(relation) = relation.get() else {
            return RelationRef {
                span: c.here(),
                name: QualifiedName::unqualified(Ident::new("", c.here())),
                only: false,
                persistence: Persistence::Permanent,
                alias: None,
            };
        };
        self.take(self.placed_relation(relation), c)
    }

    /// What was converted at the cursor or behind it; the cursor goes on after it.
    fn take<T>(&self, placed: Placed<T>, c: &mut Cursor) -> T {
        c.seek(placed.at.end);
        placed.value
    }

    /// All relations of a list.
    fn relations(&self, list: &Ptr<raw::List>) -> Vec<RelationRef> {
        list.of::<raw::RangeVar>().map(|relation| self.relation(relation)).exact()
    }

    /// A type that is next.
    fn take_type(&self, ty: &raw::TypeName, c: &mut Cursor) -> TypeName {
        self.take(self.placed_type(ty), c)
    }
}

/// A text that is always there.
fn text_of(text: &Ptr<c_char>) -> Box<str> {
    text.str().unwrap_or_default().into()
}

/// A text that may be missing.
fn optional_text(text: &Ptr<c_char>) -> Option<Box<str>> {
    text.str().map(Box::from)
}

/// A name whose place is of no interest.
fn name_of(name: &Ptr<c_char>) -> Name {
    Name::from(name.str().unwrap_or_default())
}

fn behavior(behavior: raw::DropBehavior) -> DropBehavior {
    if behavior == raw::DROP_CASCADE { DropBehavior::Cascade } else { DropBehavior::Restrict }
}
