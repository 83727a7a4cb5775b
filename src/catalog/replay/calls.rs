//! Calls of the platform's own functions that make or drop something: queues of pgmq, jobs of pg_cron.

use super::{Effect, Replay};
use crate::catalog::{Kind, NameKey, NameSpace, Object, ObjectId, Tag};
use crate::source::Span;
use crate::syntax::{self, Call, Expr, ExprKind, Name, Origin, Query, QueryBody, quote::quote_identifier};

impl Replay {
    /// Follows `SELECT pgmq.create('orders')` and the like; true when a call was understood.
    pub(super) fn follow_platform_calls(&mut self, query: &Query) -> Effect<bool> {
        let QueryBody::Select(select) = &query.body else { return Ok(false) };
        let mut understood = false;
        for target in &select.targets {
            understood |= self.follow_platform_call(&target.expr)?;
        }
        for item in &select.from {
            if let syntax::FromKind::Functions(functions) = &item.kind {
                for (function, _) in &functions.functions {
                    understood |= self.follow_platform_call(function)?;
                }
            }
        }
        Ok(understood)
    }

    fn follow_platform_call(&mut self, expr: &Expr) -> Effect<bool> {
        let ExprKind::Call(call) = &expr.kind else { return Ok(false) };
        let Some(schema) = call.function.schema else { return Ok(false) };
        match (schema.as_str(), call.function.name.as_str(), text_argument(call, 0)) {
            ("pgmq", "create" | "create_non_partitioned", Some(queue)) => self.create_queue(queue, "", expr.span)?,
            ("pgmq", "create_unlogged", Some(queue)) => self.create_queue(queue, "unlogged", expr.span)?,
            ("pgmq", "drop_queue", Some(queue)) => self.drop_queue(queue, expr.span)?,
            ("cron", "schedule", Some(job)) if call.args.len() == 3 => self.schedule(job, expr.span),
            ("cron", "unschedule", Some(job)) => self.unschedule(job),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A queue is a table, and a second one for what was archived.
    fn create_queue(&mut self, queue: &str, persistence: &str, span: Span) -> Effect<()> {
        let name = |prefix: &str, suffix: &str| {
            quote_identifier(&format!("{prefix}{}{suffix}", queue.to_lowercase())).into_owned()
        };
        let (queued, archived, index) = (name("q_", ""), name("a_", ""), name("q_", "_vt_idx"));
        let columns = "read_ct int not null default 0, enqueued_at timestamptz not null default now()";
        self.run_text(
            &format!(
                "create {persistence} table if not exists pgmq.{queued} \
                   (msg_id bigint primary key generated always as identity, {columns}, vt timestamptz not null, \
                    message jsonb, headers jsonb);
                 create table if not exists pgmq.{archived} \
                   (msg_id bigint primary key, {columns}, archived_at timestamptz not null default now(), \
                    vt timestamptz not null, message jsonb, headers jsonb);
                 create index if not exists {index} on pgmq.{queued} (vt)"
            ),
            span,
        )
    }

    fn drop_queue(&mut self, queue: &str, span: Span) -> Effect<()> {
        let name = |prefix: &str| quote_identifier(&format!("{prefix}{}", queue.to_lowercase())).into_owned();
        let (queued, archived) = (name("q_"), name("a_"));
        self.run_text(&format!("drop table if exists pgmq.{queued}, pgmq.{archived}"), span)
    }

    /// Runs statements that another one stands for, as a part of it; all of them are at its place.
    fn run_text(&mut self, sql: &str, span: Span) -> Effect<()> {
        let statements = syntax::parse_statements(sql, &Origin::Elsewhere(span)).unwrap_or_default();
        statements.iter().try_for_each(|statement| self.execute(statement).map(|_| ()))
    }

    // --- pg_cron ----------------------------------------------------------------------------------

    fn job(&self, name: &str) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Other(Tag::CronJob), parent: None, name: Name::from(name) };
        self.now().named(key).first().copied()
    }

    /// A job of the same name is replaced.
    fn schedule(&mut self, name: &str, span: Span) {
        match self.job(name) {
            Some(job) => self.catalog.modify(job, |object| object.span = span),
            None => {
                let object = Object { span, ..Object::new(Name::from(name), None, Kind::Other(Tag::CronJob)) };
                self.add(object);
            }
        }
    }

    fn unschedule(&mut self, name: &str) {
        if let Some(job) = self.job(name) {
            self.erase(job);
        }
    }
}

/// An argument that is a constant text.
fn text_argument(call: &Call, number: usize) -> Option<&str> {
    fn text(expr: &Expr) -> Option<&str> {
        match &expr.kind {
            ExprKind::String(text) => Some(text),
            ExprKind::Cast(cast) => text(&cast.expr),
            _ => None,
        }
    }
    text(&call.args.get(number)?.value)
}
