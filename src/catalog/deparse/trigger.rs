//! Triggers (pg_get_triggerdef).

use super::Deparser;
use crate::catalog::{ObjectId, Trigger};
use crate::syntax::TriggerTiming;
use crate::syntax::quote::quote_identifier;

impl Deparser<'_> {
    /// `pg_get_triggerdef(oid)`.
    pub fn trigger(&self, id: ObjectId) -> Option<String> {
        let object = self.at.get(id)?;
        let trigger = object.as_trigger()?;
        let timing = match trigger.timing {
            TriggerTiming::Before => "BEFORE",
            TriggerTiming::After => "AFTER",
            TriggerTiming::InsteadOf => "INSTEAD OF",
        };
        let mut text = format!(
            "CREATE {}TRIGGER {} {timing} {} ON {} ",
            if trigger.constraint { "CONSTRAINT " } else { "" },
            quote_identifier(&object.name),
            self.events(trigger)?,
            self.at.sql_name(trigger.table),
        );
        if trigger.constraint {
            text.push_str(&self.constraint_words(trigger));
        }
        if trigger.old_table.is_some() || trigger.new_table.is_some() {
            text.push_str("REFERENCING ");
        }
        for (word, name) in [("OLD", trigger.old_table), ("NEW", trigger.new_table)] {
            if let Some(name) = name {
                text.push_str(&format!("{word} TABLE AS {} ", quote_identifier(&name)));
            }
        }
        text.push_str(if trigger.for_each_row { "FOR EACH ROW " } else { "FOR EACH STATEMENT " });
        if trigger.when.is_some() {
            text.push_str(&format!("WHEN ({}) ", self.trigger_when(id)?));
        }
        let args: Vec<String> = trigger.args.iter().map(|arg| format!("'{}'", arg.replace('\'', "''"))).collect();
        let function = self.object_name(trigger.function?)?;
        text.push_str(&format!("EXECUTE FUNCTION {function}({})", args.join(", ")));
        Some(text)
    }

    fn events(&self, trigger: &Trigger) -> Option<String> {
        let mut events = Vec::new();
        if trigger.events.insert {
            events.push("INSERT".to_owned());
        }
        if trigger.events.delete {
            events.push("DELETE".to_owned());
        }
        if trigger.events.update {
            let columns = self.columns(trigger.table, &trigger.columns)?;
            events.push(if columns.is_empty() { "UPDATE".to_owned() } else { format!("UPDATE OF {columns}") });
        }
        if trigger.events.truncate {
            events.push("TRUNCATE".to_owned());
        }
        Some(events.join(" OR "))
    }

    fn constraint_words(&self, trigger: &Trigger) -> String {
        let from = trigger.from.map(|from| format!("FROM {} ", self.at.sql_name(from))).unwrap_or_default();
        let deferrable = if trigger.deferrable { "" } else { "NOT " };
        let initially = if trigger.initially_deferred { "DEFERRED" } else { "IMMEDIATE" };
        format!("{from}{deferrable}DEFERRABLE INITIALLY {initially} ")
    }
}
