//! Row security policies.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::analyze::{ExprAnalysis, Purpose, Scope};
use crate::catalog::{Dependency, Kind, Object, ObjectId, Outcome, Part, Policy};
use crate::syntax::{AlterPolicy, CreatePolicy, Expr, ObjectKind, PolicyCommand, RelationRef, RoleSpec};

impl Replay {
    pub(super) fn create_policy(&mut self, create: &CreatePolicy) -> Effect {
        self.check_policy_clauses(create.command, create.using.as_ref(), create.check.as_ref())?;
        let roles = self.policy_roles(&create.roles)?;
        let table = self.table_of_policy(&create.relation)?;
        let mut depends = Vec::new();
        let (using, using_resolved) = self.policy_expression(table, create.using.as_ref(), &mut depends)?;
        let (check, check_resolved) = self.policy_expression(table, create.check.as_ref(), &mut depends)?;
        let (permissive, command) = (create.permissive, create.command);
        let policy = Policy { table, permissive, command, roles, using, check, using_resolved, check_resolved };
        let mut object = Object::new(create.name.name, None, Kind::Policy(policy));
        object.span = create.name.span;
        object.depends = depends;
        self.create(object)?;
        Ok(Outcome::Done)
    }

    fn check_policy_clauses(&self, command: PolicyCommand, using: Option<&Expr>, check: Option<&Expr>) -> Effect<()> {
        match (command, using, check) {
            (PolicyCommand::Select | PolicyCommand::Delete, _, Some(check)) => {
                Err(self.refuse("42601", check.span, "WITH CHECK cannot be applied to SELECT or DELETE"))
            }
            (PolicyCommand::Insert, Some(using), _) => {
                Err(self.refuse("42601", using.span, "only WITH CHECK expression allowed for INSERT"))
            }
            _ => Ok(()),
        }
    }

    fn table_of_policy(&mut self, relation: &RelationRef) -> Effect<ObjectId> {
        let table = self.relation(&relation.name)?;
        self.check_relation_kind(table, ObjectKind::Table, &relation.name)?;
        Ok(table)
    }

    /// Empty for PUBLIC, which takes in all others.
    fn policy_roles(&mut self, written: &[RoleSpec]) -> Effect<Vec<ObjectId>> {
        let mut roles = Vec::with_capacity(written.len());
        for role in written {
            match self.role(role)? {
                Some(role) => roles.push(role),
                None => return Ok(Vec::new()),
            }
        }
        Ok(roles)
    }

    fn policy_expression(
        &mut self,
        table: ObjectId,
        expr: Option<&Expr>,
        depends: &mut Vec<Dependency>,
    ) -> Effect<(Option<Arc<Expr>>, Option<Arc<ExprAnalysis>>)> {
        let Some(expr) = expr else { return Ok((None, None)) };
        let scope = Scope::of(self.now(), table);
        let analysis = self.analyze(&scope, expr, &Purpose::Policy)?;
        depends.extend(self.needs_of(&analysis.needs(), Part::Whole));
        Ok((Some(Arc::new(expr.clone())), Some(Arc::new(analysis))))
    }

    pub(super) fn alter_policy(&mut self, alter: &AlterPolicy) -> Effect {
        let table = self.table_of_policy(&alter.relation)?;
        let roles = match &alter.roles {
            Some(roles) => Some(self.policy_roles(roles)?),
            None => None,
        };
        // The conditions are analyzed before the policy is looked up.
        let mut depends = Vec::new();
        let using = self.policy_expression(table, alter.using.as_ref(), &mut depends)?;
        let check = self.policy_expression(table, alter.check.as_ref(), &mut depends)?;
        let id = self.part_of_relation(ObjectKind::Policy, table, alter.name)?;
        let Some(mut policy) = self.now().get(id).and_then(|object| object.as_policy()).cloned() else {
            return Ok(Outcome::Done);
        };
        self.check_policy_clauses(policy.command, alter.using.as_ref(), alter.check.as_ref())?;
        if let Some(roles) = roles {
            policy.roles = roles;
        }
        let using = (&mut policy.using, &mut policy.using_resolved, using);
        let check = (&mut policy.check, &mut policy.check_resolved, check);
        for (kept, resolved, new) in [using, check] {
            if new.0.is_some() {
                (*kept, *resolved) = new;
            } else if let Some(resolved) = resolved {
                // It means what it meant when it was written, whatever was renamed since.
                depends.extend(self.needs_of(&resolved.needs(), Part::Whole));
            }
        }
        self.catalog.modify(id, |object| {
            object.kind = Kind::Policy(policy);
            object.depends = depends;
        });
        Ok(Outcome::Done)
    }
}
