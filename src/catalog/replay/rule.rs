//! Rewrite rules.

use super::trigger::RowsNamed;
use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{Dependency, Kind, NameKey, NameSpace, Object, ObjectId, Outcome, Part, RelationClass, Rule};
use crate::syntax::{CreateRule, Firing, PolicyCommand, Statement};

impl Replay {
    pub(super) fn create_rule(&mut self, create: &CreateRule) -> Effect {
        let table = self.relation(&create.relation.name)?;
        self.check_rule_fits(table, create)?;
        let scope = Scope::old_and_new(self.now(), table);
        let mut depends = Vec::new();
        if let Some(filter) = &create.filter {
            // A row that is inserted has no old version, one that is deleted no new one.
            let mut scope = scope.clone();
            scope.relations.retain(|row| match create.event {
                PolicyCommand::Insert => row.name.as_str() == "new",
                PolicyCommand::Update | PolicyCommand::All => true,
                PolicyCommand::Delete | PolicyCommand::Select => row.name.as_str() == "old",
            });
            let analysis = self.analyze(&scope, filter, &Purpose::RuleWhen)?;
            depends.extend(self.needs_of(&analysis.needs(), Part::Whole));
        }
        for action in &create.actions {
            depends.extend(self.rule_action(&scope, create, action)?);
        }
        let rule = Rule {
            table,
            event: create.event,
            instead: create.instead,
            actions: create.actions.clone().into(),
            firing: Firing::Enabled,
        };
        let mut object = Object::new(create.name.name, None, Kind::Rule(rule));
        object.span = create.name.span;
        object.depends = depends;
        let key = NameKey { space: NameSpace::Rule, parent: Some(table), name: create.name.name };
        match self.now().named(key).first().copied().filter(|_| create.replace) {
            Some(old) => self.catalog.update(old, object),
            None => {
                self.create(object)?;
            }
        }
        Ok(Outcome::Done)
    }

    fn check_rule_fits(&self, table: ObjectId, create: &CreateRule) -> Effect<()> {
        let Some(object) = self.now().get(table) else { return Ok(()) };
        let span = create.relation.name.span();
        let class = object.as_relation().map(|relation| relation.class);
        let table_or_view =
            matches!(class, Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::View));
        if !table_or_view {
            let message = format!("relation \"{}\" cannot have rules", object.name);
            return Err(self.refuse_because("42809", span, message, table, "made here"));
        }
        if create.event == PolicyCommand::Select && class != Some(RelationClass::View) {
            let message = format!("relation \"{}\" cannot have ON SELECT rules", object.name);
            // Up to 15 a table could become a view, if all else fitted.
            let sqlstate = if self.settings.version < 16 { "42P17" } else { "42809" };
            return Err(self.refuse_because(sqlstate, span, message, table, "made here"));
        }
        Ok(())
    }

    /// transformRuleStmt: which rows there are depends on the event.
    fn check_rows_of_rule(&self, create: &CreateRule, action: &Statement) -> Effect<()> {
        let mut named = RowsNamed::default();
        crate::syntax::visit::visit_statement(&action.kind, &mut named);
        let (event, row, span) = match create.event {
            PolicyCommand::Select => ("SELECT", "OLD", named.old),
            PolicyCommand::Insert => ("INSERT", "OLD", named.old),
            PolicyCommand::Delete => ("DELETE", "NEW", named.new),
            PolicyCommand::Update | PolicyCommand::All => return Ok(()),
        };
        match span {
            Some(span) => Err(self.refuse("42P17", span, format!("ON {event} rule cannot use {row}"))),
            None => Ok(()),
        }
    }

    fn rule_action(&mut self, scope: &Scope, create: &CreateRule, action: &Statement) -> Effect<Vec<Dependency>> {
        let Some(statement) = action.kind.as_data() else {
            if create.filter.is_some() {
                let message = "rules with WHERE conditions can only have SELECT, INSERT, UPDATE, or DELETE actions";
                return Err(self.refuse("42P17", action.span, message));
            }
            return Ok(Vec::new());
        };
        let analysis = self.analyze_statement(scope, statement)?;
        self.check_rows_of_rule(create, action)?;
        Ok(self.needs_of(&analysis.needs(), Part::Whole))
    }
}
