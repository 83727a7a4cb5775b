//! Triggers, on partitions too, and event triggers.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{
    Constraint, ConstraintKind, Dependency, EventTrigger, Kind, NameKey, NameSpace, Object, ObjectId, Outcome, Part,
    RelationClass, Trigger,
};
use crate::source::Span;
use crate::syntax::{CreateEventTrigger, CreateTrigger, Firing, Ident, Name, QualifiedName, TriggerTiming};

impl Replay {
    pub(super) fn create_trigger(&mut self, create: &CreateTrigger) -> Effect {
        let table = self.relation(&create.relation.name)?;
        self.check_trigger_fits(table, create)?;
        let from = create.from.as_ref().map(|from| self.relation(&from.name)).transpose()?;
        let (when, depends) = self.trigger_condition(table, create)?;
        let function = self.trigger_function(&create.function, "trigger")?;
        let columns = self.trigger_columns(table, create)?;
        let trigger = Trigger {
            table,
            timing: create.timing,
            events: create.events,
            columns,
            for_each_row: create.for_each_row,
            when,
            function: Some(function),
            args: create.args.iter().map(|arg| Arc::from(&**arg)).collect(),
            old_table: transition_table(create, false),
            new_table: transition_table(create, true),
            from,
            constraint: create.constraint,
            deferrable: create.deferrable,
            initially_deferred: create.initially_deferred,
            firing: Firing::Enabled,
            parent: None,
        };
        let constraint = create.constraint.then(|| trigger.clone());
        let id = self.put_trigger(create.name, trigger, depends, create.replace)?;
        if let Some(trigger) = constraint {
            self.add_trigger_constraint(create.name, &trigger, id);
        }
        if create.for_each_row {
            for partition in self.partitions(table) {
                self.clone_trigger(id, partition)?;
            }
        }
        Ok(Outcome::Done)
    }

    fn put_trigger(
        &mut self,
        name: Ident,
        trigger: Trigger,
        depends: Vec<Dependency>,
        replace: bool,
    ) -> Effect<ObjectId> {
        let key = NameKey { space: NameSpace::Trigger, parent: Some(trigger.table), name: name.name };
        let taken = self.now().named(key).first().copied();
        if let Some(taken) = taken.filter(|_| replace) {
            self.check_trigger_replaceable(taken, name)?;
            self.catalog.modify(taken, |object| {
                object.kind = Kind::Trigger(trigger);
                object.depends = depends;
            });
            return Ok(taken);
        }
        let mut object = Object::new(name.name, None, Kind::Trigger(trigger));
        object.span = name.span;
        object.depends = depends;
        self.create(object)
    }

    fn check_trigger_replaceable(&self, id: ObjectId, name: Ident) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let Some(trigger) = object.as_trigger() else { return Ok(()) };
        let table = self.now().get(trigger.table).map(|table| table.name).unwrap_or_default();
        let what = match (trigger.parent, trigger.constraint) {
            (Some(_), _) => "an internal or a child trigger",
            (None, true) => "a constraint trigger",
            (None, false) => return Ok(()),
        };
        let message = format!("trigger \"{}\" for relation \"{table}\" is {what}", name.name);
        Err(self.refuse_because("42710", name.span, message, id, "made here"))
    }

    /// What CREATE CONSTRAINT TRIGGER leaves in pg_constraint: a part of the trigger.
    fn add_trigger_constraint(&mut self, name: Ident, trigger: &Trigger, id: ObjectId) {
        let constraint = Constraint {
            deferrable: trigger.deferrable,
            initially_deferred: trigger.initially_deferred,
            no_inherit: true,
            ..Constraint::new(trigger.table, ConstraintKind::Trigger)
        };
        let schema = self.now().get(trigger.table).and_then(|table| table.schema);
        let mut object = Object::new(name.name, schema, Kind::Constraint(constraint));
        object.span = name.span;
        object.depends = vec![Dependency::internal(id)];
        self.add(object);
    }

    /// Which triggers a kind of relation can have.
    fn check_trigger_fits(&self, table: ObjectId, create: &CreateTrigger) -> Effect<()> {
        let now = self.now();
        let Some(object) = now.get(table) else { return Ok(()) };
        let span = create.relation.name.span();
        let name = object.name;
        let class = object.as_relation().map(|relation| relation.class);
        let instead = create.timing == TriggerTiming::InsteadOf;
        let wrong = |detail: String| {
            let message = format!("\"{name}\" is {detail}");
            Err(self.refuse_because("42809", span, message, table, "made here"))
        };
        match class {
            Some(RelationClass::Table | RelationClass::PartitionedTable) if instead => {
                return wrong("a table".to_owned());
            }
            Some(RelationClass::View) if !instead && create.for_each_row => return wrong("a view".to_owned()),
            Some(RelationClass::View) if create.events.truncate => return wrong("a view".to_owned()),
            Some(RelationClass::ForeignTable) if instead || create.constraint => {
                return wrong("a foreign table".to_owned());
            }
            Some(RelationClass::MaterializedView | RelationClass::CompositeType) | None => {
                let message = format!("relation \"{name}\" cannot have triggers");
                return Err(self.refuse_because("42809", span, message, table, "made here"));
            }
            _ => {}
        }
        self.check_instead_of(create)?;
        let Some((transition, _)) = create.transition_tables.first() else { return Ok(()) };
        let relation = object.as_relation();
        let is_partition = relation.is_some_and(|it| it.bound.is_some());
        let problem = match class {
            Some(RelationClass::View) => return wrong("a view".to_owned()),
            Some(RelationClass::ForeignTable) => return wrong("a foreign table".to_owned()),
            Some(RelationClass::PartitionedTable) if create.for_each_row => "partitioned tables",
            _ if create.for_each_row && is_partition => "partitions",
            _ if create.for_each_row && relation.is_some_and(|it| !it.parents.is_empty()) => "inheritance children",
            _ => return self.check_transition_tables(transition.span, create),
        };
        let message = format!("ROW triggers with transition tables are not supported on {problem}");
        Err(self.refuse("0A000", transition.span, message))
    }

    fn check_instead_of(&self, create: &CreateTrigger) -> Effect<()> {
        let at = create.name.span;
        let instead = create.timing == TriggerTiming::InsteadOf;
        let refusal = if create.events.truncate && create.for_each_row {
            ("0A000", at, "TRUNCATE FOR EACH ROW triggers are not supported")
        } else if instead && !create.for_each_row {
            ("0A000", at, "INSTEAD OF triggers must be FOR EACH ROW")
        } else if let (true, Some(when)) = (instead, &create.when) {
            ("0A000", when.span, "INSTEAD OF triggers cannot have WHEN conditions")
        } else if let (true, Some(column)) = (instead, create.columns.first()) {
            ("0A000", column.span, "INSTEAD OF triggers cannot have column lists")
        } else {
            return Ok(());
        };
        Err(self.refuse(refusal.0, refusal.1, refusal.2))
    }

    /// `span`: the first of them.
    fn check_transition_tables(&self, span: Span, create: &CreateTrigger) -> Effect<()> {
        let refusal = if create.timing != TriggerTiming::After {
            ("42P17", "transition table name can only be specified for an AFTER trigger")
        } else if create.events.truncate {
            ("0A000", "TRUNCATE triggers with transition tables are not supported")
        } else if several_events(create) {
            ("0A000", "transition tables cannot be specified for triggers with more than one event")
        } else if !create.columns.is_empty() {
            ("0A000", "transition tables cannot be specified for triggers with column lists")
        } else {
            return self.check_transition_events(create);
        };
        Err(self.refuse(refusal.0, span, refusal.1))
    }

    /// OLD rows come with UPDATE and DELETE, NEW ones with INSERT and UPDATE.
    fn check_transition_events(&self, create: &CreateTrigger) -> Effect<()> {
        for (name, new) in &create.transition_tables {
            let (fits, message) = match new {
                true => (
                    create.events.insert || create.events.update,
                    "NEW TABLE can only be specified for an INSERT or UPDATE trigger",
                ),
                false => (
                    create.events.delete || create.events.update,
                    "OLD TABLE can only be specified for a DELETE or UPDATE trigger",
                ),
            };
            if !fits {
                return Err(self.refuse("42P17", name.span, message));
            }
        }
        Ok(())
    }

    fn trigger_columns(&mut self, table: ObjectId, create: &CreateTrigger) -> Effect<Vec<i16>> {
        let mut columns = Vec::with_capacity(create.columns.len());
        for column in &create.columns {
            let number = self.column_of(table, *column)?;
            if columns.contains(&number) {
                let message = format!("column \"{}\" specified more than once", column.name);
                return Err(self.refuse("42701", column.span, message));
            }
            columns.push(number);
        }
        Ok(columns)
    }

    fn trigger_condition(
        &mut self,
        table: ObjectId,
        create: &CreateTrigger,
    ) -> Effect<(Option<Arc<crate::syntax::Expr>>, Vec<Dependency>)> {
        let Some(when) = &create.when else { return Ok((None, Vec::new())) };
        let scope = Scope::old_and_new(self.now(), table);
        let analysis = self.analyze(&scope, when, &Purpose::TriggerWhen)?;
        self.check_rows_of_event(create, when)?;
        let depends = self.needs_of(&analysis.needs(), Part::Whole);
        Ok((Some(Arc::new(when.clone())), depends))
    }

    /// A row that is deleted has no new values, one that is inserted no old ones.
    fn check_rows_of_event(&self, create: &CreateTrigger, when: &crate::syntax::Expr) -> Effect<()> {
        let mut named = RowsNamed::default();
        crate::syntax::visit::visit_expr(when, &mut named);
        let (insert, delete) = (create.events.insert, create.events.delete);
        let message = match () {
            () if insert && named.old.is_some() => "INSERT trigger's WHEN condition cannot reference OLD values",
            () if delete && named.new.is_some() => "DELETE trigger's WHEN condition cannot reference NEW values",
            () => return Ok(()),
        };
        let span = if insert && named.old.is_some() { named.old } else { named.new };
        Err(self.refuse("42P17", span.unwrap_or(when.span), message))
    }

    /// The function of a trigger: without arguments, returning `trigger` or `event_trigger`.
    fn trigger_function(&mut self, name: &QualifiedName, returns: &'static str) -> Effect<ObjectId> {
        let id = self.function_without_arguments(name, name.span())?;
        let required = self.system(returns)?;
        let routine = self.now().get(id).and_then(|object| object.as_routine());
        let fits = routine.is_some_and(|routine| {
            routine.returns.as_ref().is_some_and(|ty| super::function::same_type(ty, &required))
        });
        if fits {
            return Ok(id);
        }
        let message = format!("function {} must return type {returns}", name.name.name);
        Err(self.refuse_because("42P17", name.span(), message, id, "made here"))
    }

    // --- event triggers ---------------------------------------------------------------------------

    pub(super) fn create_event_trigger(&mut self, create: &CreateEventTrigger) -> Effect {
        let events = ["ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite", "login"];
        let known = if self.settings.version >= 17 { &events[..] } else { &events[..4] };
        if !known.contains(&create.event.as_str()) {
            let message = format!("unrecognized event name \"{}\"", create.event);
            return Err(self.refuse("42601", create.name.span, message));
        }
        let function = self.trigger_function(&create.function, "event_trigger")?;
        let trigger = EventTrigger {
            event: create.event,
            tags: create.tags.iter().map(|tag| Arc::from(&**tag)).collect(),
            function: Some(function),
            firing: Firing::Enabled,
        };
        let object = self.owned(create.name, None, Kind::EventTrigger(trigger));
        self.create(object)?;
        Ok(Outcome::Done)
    }

    pub(super) fn alter_event_trigger(&mut self, name: Ident, new: Firing) -> Effect {
        let id = self.global_named(crate::catalog::Tag::EventTrigger, name)?;
        self.catalog.modify(id, |object| {
            if let Kind::EventTrigger(EventTrigger { firing, .. }) = &mut object.kind {
                *firing = new;
            }
        });
        Ok(Outcome::Done)
    }
}

fn transition_table(create: &CreateTrigger, new: bool) -> Option<Name> {
    let named = create.transition_tables.iter().find(|(_, is_new)| *is_new == new);
    named.map(|(name, _)| name.name)
}

fn several_events(create: &CreateTrigger) -> bool {
    let events = create.events;
    [events.insert, events.update, events.delete, events.truncate].into_iter().filter(|&event| event).count() > 1
}

/// Where a condition names OLD and NEW.
#[derive(Default)]
pub(super) struct RowsNamed {
    pub old: Option<Span>,
    pub new: Option<Span>,
}

impl crate::syntax::visit::Visit for RowsNamed {
    fn expr(&mut self, expr: &crate::syntax::Expr) {
        let crate::syntax::ExprKind::Column(column) = &expr.kind else { return };
        match column.qualifier().map(|name| name.name).unwrap_or_default().as_str() {
            "old" => self.old = Some(expr.span),
            "new" => self.new = Some(expr.span),
            _ => {}
        }
    }
}
