//! Calls of the platform's own functions that make or drop something: queues of pgmq, jobs of pg_cron.

use super::{Effect, Replay};
use crate::catalog::{Kind, NameKey, NameSpace, Object, ObjectId, Tag};
use crate::source::Span;
use crate::syntax::{self, Name, Origin, quote::quote_identifier};

impl Replay {
    /// A queue is a table, and a second one for what was archived.
    pub(crate) fn create_queue(&mut self, queue: &str, persistence: &str, span: Span) -> Effect<()> {
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

    pub(crate) fn drop_queue(&mut self, queue: &str, span: Span) -> Effect<()> {
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
    pub(crate) fn schedule(&mut self, name: &str, span: Span) {
        match self.job(name) {
            Some(job) => self.catalog.modify(job, |object| object.span = span),
            None => {
                let object = Object { span, ..Object::new(Name::from(name), None, Kind::Other(Tag::CronJob)) };
                self.add(object);
            }
        }
    }

    /// Whether there was such a job.
    pub(crate) fn unschedule(&mut self, name: &str) -> bool {
        self.job(name).inspect(|job| self.erase(*job)).is_some()
    }
}
