//! Event triggers of the project: what they do once a statement has made a table, such as turning row security on.

use std::rc::Rc;

use super::code::Frame;
use super::query::{ResultRow, RowSet};
use super::value::Value;
use super::{Evaluator, Halt, Result};
use crate::catalog::replay::{Replay, Stop};
use crate::catalog::{Kind, ObjectId, Outcome, RelationClass, Tag};
use crate::syntax::quote::quote_identifier;
use crate::syntax::{Firing, FunctionBody, Name, Statement, StatementKind};

/// Event triggers that set each other off are followed so far.
const DEPTH: usize = 8;

/// A row of `pg_event_trigger_ddl_commands()`.
#[derive(Clone, Debug)]
pub(crate) struct DdlCommand {
    object: ObjectId,
    tag: &'static str,
    kind: &'static str,
}

impl Replay {
    /// Runs what is to run after a statement that may have made objects, those from `first` on.
    pub(crate) fn fire_event_triggers(
        &mut self,
        statement: &Statement,
        first: u32,
    ) -> std::result::Result<Outcome, Stop> {
        let Some(tag) = making_tables(&statement.kind) else { return Ok(Outcome::Done) };
        let triggers = self.event_triggers_for(tag);
        if triggers.is_empty() {
            return Ok(Outcome::Done);
        }
        if self.ddl_commands.len() >= DEPTH {
            return Ok(Outcome::Unknown("event triggers nest deeper than is followed".into()));
        }
        let commands = self.commands_since(first, tag);
        self.ddl_commands.push(commands);
        let mut outcome = Ok(Outcome::Done);
        for function in triggers {
            let code =
                self.now().get(function).and_then(|it| Some(it.as_routine()?.source.clone())).unwrap_or_default();
            outcome = self.evaluate(&code, |evaluator| evaluator.event_trigger(function, tag));
            if !matches!(outcome, Ok(Outcome::Done)) {
                break;
            }
        }
        self.ddl_commands.pop();
        outcome
    }

    /// The functions of the enabled triggers, which fire in the order of their names.
    fn event_triggers_for(&self, tag: &str) -> Vec<ObjectId> {
        let mut triggers: Vec<(Name, ObjectId)> = Vec::new();
        for (_, object) in self.now().of_kind(Tag::EventTrigger) {
            let Kind::EventTrigger(it) = &object.kind else { continue };
            let fires = matches!(it.firing, Firing::Enabled | Firing::Always)
                && it.event.as_str() == "ddl_command_end"
                && (it.tags.is_empty() || it.tags.iter().any(|wanted| wanted.eq_ignore_ascii_case(tag)));
            // Those of the platform look after its own extensions.
            if fires && !object.span.is_none() {
                triggers.extend(it.function.map(|function| (object.name, function)));
            }
        }
        triggers.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        triggers.into_iter().map(|(_, function)| function).collect()
    }

    fn commands_since(&self, first: u32, tag: &'static str) -> Vec<DdlCommand> {
        let made = (first..self.catalog().object_count()).map(ObjectId);
        let command = |object: ObjectId| {
            let (tag, kind) = match &self.now().get(object)?.kind {
                Kind::Relation(it) if it.class == RelationClass::Table => (tag, "table"),
                Kind::Relation(it) if it.class == RelationClass::PartitionedTable => (tag, "table"),
                Kind::Sequence(_) => ("CREATE SEQUENCE", "sequence"),
                Kind::Index(_) => ("CREATE INDEX", "index"),
                _ => return None,
            };
            Some(DdlCommand { object, tag, kind })
        };
        made.filter_map(command).collect()
    }
}

/// The tag of a statement that makes tables.
fn making_tables(kind: &StatementKind) -> Option<&'static str> {
    match kind {
        StatementKind::CreateTable(_) => Some("CREATE TABLE"),
        StatementKind::CreateTableAs(it) if !it.materialized_view => Some("CREATE TABLE AS"),
        StatementKind::Select(query) => super::statement::into_of(query).map(|_| "SELECT INTO"),
        _ => None,
    }
}

impl Evaluator<'_> {
    fn event_trigger(&mut self, function: ObjectId, tag: &str) -> Result<()> {
        let unknown = || Halt::Unknown("what an event trigger does is not known".into());
        let object = self.replay.now().get(function).cloned().ok_or_else(unknown)?;
        let body = object.as_routine().and_then(|routine| routine.body.clone()).ok_or_else(unknown)?;
        let FunctionBody::Text { code, .. } = &*body else { return Err(unknown()) };
        let parsed = crate::syntax::plpgsql::parse(code);
        let mut frame = Frame::new(&parsed);
        for (name, value) in [("tg_event", "ddl_command_end"), ("tg_tag", tag)] {
            frame.declare(Some(Name::from(name)), None, self.replay.text_reference(), Value::text(value));
        }
        let session = self.replay.enter_function(&object);
        let result = self.run_code(&mut frame);
        self.replay.leave_function(session);
        result
    }

    /// `pg_event_trigger_ddl_commands()`.
    pub(super) fn ddl_commands(&self) -> RowSet {
        let now = self.replay.now();
        let row = |command: &DdlCommand| {
            let object = now.get(command.object)?;
            let schema = now.schema_name(object);
            let identity = format!("{}.{}", quote_identifier(schema.as_str()), quote_identifier(object.name.as_str()));
            let values = Rc::new([
                Value::Unknown,
                Value::object(command.object),
                Value::Integer(0),
                Value::text(command.tag),
                Value::text(command.kind),
                Value::name(schema),
                Value::text(identity),
                Value::Bool(object.extension.is_some()),
                Value::Unknown,
            ]);
            Some(ResultRow { values, certain: true })
        };
        let rows = self.replay.ddl_commands.last().into_iter().flatten().filter_map(row).collect();
        RowSet { rows, open: false, ..RowSet::default() }
    }
}
