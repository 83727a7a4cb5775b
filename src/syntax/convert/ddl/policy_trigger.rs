//! Policies, triggers, event triggers, rules.

use super::*;

/// Bits of `CreateTrigStmt.timing` and `.events` (`catalog/pg_trigger.h`).
mod trigger_type {
    pub(super) const BEFORE: i16 = 1 << 1;
    pub(super) const INSERT: i16 = 1 << 2;
    pub(super) const DELETE: i16 = 1 << 3;
    pub(super) const UPDATE: i16 = 1 << 4;
    pub(super) const TRUNCATE: i16 = 1 << 5;
    pub(super) const INSTEAD: i16 = 1 << 6;
}

impl Converter<'_> {
    pub(super) fn create_policy(&self, stmt: &raw::CreatePolicyStmt, mut c: Cursor) -> StatementKind {
        let whole = c.rest_span();
        c.eat("create policy");
        let name = c.name(&stmt.policy_name);
        let roles = stmt.roles.of().map(|role| self.role_or(role, whole)).exact();
        c.eat("on");
        StatementKind::CreatePolicy(Box::new(CreatePolicy {
            name,
            relation: self.take_relation(&stmt.table, &mut c),
            permissive: stmt.permissive,
            command: match stmt.cmd_name.str() {
                Some("select") => PolicyCommand::Select,
                Some("insert") => PolicyCommand::Insert,
                Some("update") => PolicyCommand::Update,
                Some("delete") => PolicyCommand::Delete,
                _ => PolicyCommand::All,
            },
            roles,
            using: self.optional_expr(&stmt.qual),
            check: self.optional_expr(&stmt.with_check),
        }))
    }

    pub(super) fn alter_policy(&self, stmt: &raw::AlterPolicyStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter policy");
        let name = c.name(&stmt.policy_name);
        c.eat("on");
        StatementKind::AlterPolicy(Box::new(AlterPolicy {
            name,
            relation: self.take_relation(&stmt.table, &mut c),
            roles: (!stmt.roles.is_empty()).then(|| self.roles(&stmt.roles)),
            using: self.optional_expr(&stmt.qual),
            check: self.optional_expr(&stmt.with_check),
        }))
    }

    pub(super) fn create_trigger(&self, stmt: &raw::CreateTrigStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["create or replace", "create"]);
        c.eat("constraint");
        c.eat("trigger");
        let name = c.name(&stmt.trigname);
        let columns = self.trigger_columns(stmt, &mut c);
        c.skip_to(&["on"]);
        let relation = self.take_relation(&stmt.relation, &mut c);
        let from = stmt.constrrel.get().map(|_| self.take_relation(&stmt.constrrel, &mut c));
        let transition_tables = self.transition_tables(stmt, &mut c);
        c.skip_to(&["execute"]);
        c.eat("execute");
        c.eat_any(&["function", "procedure"]);
        StatementKind::CreateTrigger(Box::new(CreateTrigger {
            name,
            replace: stmt.replace,
            constraint: stmt.isconstraint,
            relation,
            timing: match stmt.timing {
                trigger_type::BEFORE => TriggerTiming::Before,
                trigger_type::INSTEAD => TriggerTiming::InsteadOf,
                _ => TriggerTiming::After,
            },
            events: trigger_events(stmt.events),
            columns,
            for_each_row: stmt.row,
            when: self.optional_expr(&stmt.whenClause),
            function: c.qualified(&stmt.funcname),
            args: stmt.args.strings().map(Box::from).exact(),
            transition_tables,
            deferrable: stmt.deferrable,
            initially_deferred: stmt.initdeferred,
            from,
        }))
    }

    /// The columns of `UPDATE OF a, b OR …`.
    fn trigger_columns(&self, stmt: &raw::CreateTrigStmt, c: &mut Cursor) -> Vec<Ident> {
        if stmt.columns.is_empty() {
            return Vec::new();
        }
        c.skip_to(&["update"]);
        c.eat("update of");
        let columns = stmt.columns.strings().map(|column| {
            c.eat_kind(TokenKind::Comma);
            c.ident(column)
        });
        columns.exact()
    }

    /// `REFERENCING OLD TABLE AS name NEW TABLE AS name`.
    fn transition_tables(&self, stmt: &raw::CreateTrigStmt, c: &mut Cursor) -> Vec<(Ident, bool)> {
        if !stmt.transitionRels.is_empty() {
            c.skip_to(&["referencing"]);
            c.eat("referencing");
        }
        let tables = stmt.transitionRels.of::<raw::TriggerTransition>().map(|table| {
            c.eat_any(&["old", "new"]);
            c.eat_any(&["table", "row"]);
            c.eat("as");
            (c.name(&table.name), table.isNew)
        });
        tables.exact()
    }

    pub(super) fn create_event_trigger(&self, stmt: &raw::CreateEventTrigStmt, mut c: Cursor) -> StatementKind {
        c.eat("create event trigger");
        let name = c.name(&stmt.trigname);
        c.skip_to(&["execute"]);
        c.eat("execute");
        c.eat_any(&["function", "procedure"]);
        let conditions =
            stmt.whenclause.of::<raw::DefElem>().filter(|condition| condition.defname.str() == Some("tag"));
        let tags = conditions.filter_map(|condition| match condition.arg.node() {
            Some(Node::List(tags)) => Some(tags),
            _ => None,
        });
        StatementKind::CreateEventTrigger(Box::new(CreateEventTrigger {
            name,
            event: name_of(&stmt.eventname),
            tags: tags.flat_map(raw::List::strings).map(Box::from).exact(),
            function: c.qualified(&stmt.funcname),
        }))
    }

    pub(super) fn alter_event_trigger(&self, stmt: &raw::AlterEventTrigStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter event trigger");
        let firing = match stmt.tgenabled as u8 {
            raw::TRIGGER_FIRES_ALWAYS => Firing::Always,
            raw::TRIGGER_FIRES_ON_REPLICA => Firing::Replica,
            raw::TRIGGER_DISABLED => Firing::Disabled,
            _ => Firing::Enabled,
        };
        StatementKind::AlterEventTrigger { name: c.name(&stmt.trigname), firing }
    }

    pub(super) fn create_rule(&self, stmt: &raw::RuleStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["create or replace rule", "create rule"]);
        let name = c.name(&stmt.rulename);
        let relation = self.take_relation(&stmt.relation, &mut c);
        let filter = self.optional_expr(&stmt.whereClause);
        c.skip_to(&["do"]);
        c.eat("do");
        c.eat_any(&["instead", "also"]);
        StatementKind::CreateRule(Box::new(CreateRule {
            name,
            replace: stmt.replace,
            relation,
            event: match stmt.event {
                raw::CMD_INSERT => PolicyCommand::Insert,
                raw::CMD_UPDATE => PolicyCommand::Update,
                raw::CMD_DELETE => PolicyCommand::Delete,
                _ => PolicyCommand::Select,
            },
            instead: stmt.instead,
            filter,
            actions: self.rule_actions(&stmt.actions, c),
        }))
    }

    /// One statement, or several in parentheses; the parser leaves out empty ones.
    fn rule_actions(&self, actions: &Ptr<raw::List>, mut c: Cursor) -> Vec<Statement> {
        let whole = c;
        // A lone SELECT may stand in parentheses of its own, with more behind them.
        let inside = c.parens().filter(|_| c.is_end()).unwrap_or(whole);
        let pieces = inside.cut(TokenKind::Semicolon).filter(|piece| !piece.is_end());
        actions.nodes().zip(pieces).map(|(action, piece)| self.part(action, piece)).exact()
    }
}

fn trigger_events(bits: i16) -> TriggerEvents {
    TriggerEvents {
        insert: bits & trigger_type::INSERT != 0,
        update: bits & trigger_type::UPDATE != 0,
        delete: bits & trigger_type::DELETE != 0,
        truncate: bits & trigger_type::TRUNCATE != 0,
    }
}
