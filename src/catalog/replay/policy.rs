//! Row security policies.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::analyze::{Environment, Purpose, Scope, expression};
use crate::catalog::{Dependency, Kind, Object, ObjectId, Outcome, Part, Policy};
use crate::syntax::{AlterPolicy, CreatePolicy, Expr, ObjectKind, PolicyCommand, RelationRef, RoleSpec};

impl Replay {
    pub(super) fn create_policy(&mut self, create: &CreatePolicy) -> Effect {
        self.check_policy_clauses(create.command, create.using.as_ref(), create.check.as_ref())?;
        let roles = self.policy_roles(&create.roles)?;
        let table = self.table_of_policy(&create.relation)?;
        let mut depends = Vec::new();
        let using = self.policy_expression(table, create.using.as_ref(), &mut depends)?;
        let check = self.policy_expression(table, create.check.as_ref(), &mut depends)?;
        let policy = Policy { table, permissive: create.permissive, command: create.command, roles, using, check };
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
    ) -> Effect<Option<Arc<Expr>>> {
        let Some(expr) = expr else { return Ok(None) };
        let scope = Scope::of(self.now(), table);
        let analysis = self.analyze(&scope, expr, &Purpose::Policy)?;
        depends.extend(self.needs_of(&analysis.needs(), Part::Whole));
        Ok(Some(Arc::new(expr.clone())))
    }

    pub(super) fn alter_policy(&mut self, alter: &AlterPolicy) -> Effect {
        let table = self.table_of_policy(&alter.relation)?;
        let roles = match &alter.roles {
            Some(roles) => Some(self.policy_roles(roles)?),
            None => None,
        };
        let id = self.part_of_relation(ObjectKind::Policy, table, alter.name)?;
        let Some(mut policy) = self.now().get(id).and_then(|object| object.as_policy()).cloned() else {
            return Ok(Outcome::Done);
        };
        self.check_policy_clauses(policy.command, alter.using.as_ref(), alter.check.as_ref())?;
        if let Some(roles) = roles {
            policy.roles = roles;
        }
        let mut depends = Vec::new();
        for (kept, new) in [(&mut policy.using, &alter.using), (&mut policy.check, &alter.check)] {
            match (new, &kept) {
                (Some(_), _) => *kept = self.policy_expression(table, new.as_ref(), &mut depends)?,
                (None, Some(kept)) => depends.extend(self.needs_of_kept(id, table, kept)),
                (None, None) => {}
            }
        }
        self.catalog.modify(id, |object| {
            object.kind = Kind::Policy(policy);
            object.depends = depends;
        });
        Ok(Outcome::Done)
    }

    /// What an expression that stays needs. It means what it meant when it was written, whatever was renamed since.
    fn needs_of_kept(&self, policy: ObjectId, table: ObjectId, expr: &Arc<Expr>) -> Vec<Dependency> {
        let catalog = self.catalog();
        let holds = |object: &Arc<Object>| {
            let policy = object.as_policy();
            policy.is_some_and(|it| it.using.iter().chain(&it.check).any(|held| Arc::ptr_eq(held, expr)))
        };
        let written = catalog.history(policy).find(|(_, object)| object.is_some_and(holds));
        let Some((statement, _)) = written else { return Vec::new() };
        let then = catalog.after(statement);
        let path = catalog.statement(statement).map(|executed| executed.search_path.to_vec()).unwrap_or_default();
        let environment = Environment::new(then, &path, self.settings.version);
        let analysis = expression(environment, &Scope::of(then, table), expr, &Purpose::Policy);
        analysis.map(|analysis| self.needs_of(&analysis.needs(), Part::Whole)).unwrap_or_default()
    }
}
