//! SET, RESET and what they change: search_path, the role, other settings.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Effect, Platform, Replay};
use crate::catalog::{NameKey, NameSpace, ObjectId, Outcome, Tag};
use crate::syntax::{Ident, Name, SetArgument, SetValue, SetVariable, Statement};

/// What SET changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// search_path as set; `$user` stands for the role.
    pub search_path: Arc<[Name]>,
    /// The role whose privileges apply and who owns what is made.
    pub role: Option<ObjectId>,
    /// The role that logged in.
    pub session_role: Option<ObjectId>,
    /// Other settings that were set.
    pub settings: Arc<FxHashMap<Name, Arc<str>>>,
    /// What PREPARE keeps.
    pub prepared: Arc<FxHashMap<Name, Arc<Statement>>>,
    /// The cursors that DECLARE opened.
    pub cursors: Arc<FxHashSet<Name>>,
    /// Tables of this transaction with rows that a deferred constraint has yet to check.
    pub pending_checks: Vec<ObjectId>,
    /// What SET CONSTRAINTS ALL said in this transaction.
    pub checks_deferred: Option<bool>,
}

impl Replay {
    /// The settings of a new session; SET ROLE outlives it, as on the server.
    pub(super) fn reset_all(&mut self) {
        self.session.search_path = self.default_search_path();
        self.session.settings = Arc::default();
        self.session.prepared = Arc::default();
    }

    fn default_search_path(&self) -> Arc<[Name]> {
        let path: &[&str] = match self.settings.platform {
            Platform::Plain => &["$user", "public"],
            Platform::Supabase(_) => &["$user", "public", "extensions"],
        };
        path.iter().map(Name::from).collect()
    }

    pub(super) fn set(&mut self, set: &SetVariable) -> Effect {
        let role = self.role_to_set(set)?;
        let local = set.local;
        self.note_placeholder(set.name);
        self.change_session(local, |replay, session| match (&set.value, set.name.as_str()) {
            (SetValue::ResetAll, _) => {
                session.search_path = replay.default_search_path();
                session.settings = Arc::default();
            }
            (SetValue::To(arguments), "search_path") => session.search_path = path_of(arguments),
            (_, "search_path") => session.search_path = replay.default_search_path(),
            (_, "role") => session.role = role.or(session.session_role),
            (_, "session_authorization") => {
                session.role = role.or(session.session_role);
            }
            (SetValue::To(arguments), _) => {
                Arc::make_mut(&mut session.settings).insert(set.name, text_of(arguments));
            }
            (SetValue::Default | SetValue::Reset, _) => {
                Arc::make_mut(&mut session.settings).remove(&set.name);
            }
            (SetValue::FromCurrent | SetValue::Transaction(_), _) => {}
        });
        Ok(Outcome::Done)
    }

    /// A setting of nobody, once set, is empty and no longer NULL when it is reset.
    fn note_placeholder(&mut self, name: Name) {
        if name.as_str().contains('.') {
            self.placeholders.insert(name);
        }
    }

    /// `set_config(name, value, is_local)`.
    pub(crate) fn set_config(&mut self, name: Name, value: &str, local: bool) {
        let names: Vec<Name> = value.split(',').map(|part| Name::from(unquote(part.trim()))).collect();
        self.note_placeholder(name);
        self.change_session(local, |_, session| {
            if name.as_str() == "search_path" {
                session.search_path = names.iter().copied().filter(|name| !name.is_empty()).collect();
            } else {
                Arc::make_mut(&mut session.settings).insert(name, value.into());
            }
        });
    }

    /// A setting that is stored with a function, for as long as that runs.
    pub(crate) fn set_for_function(&mut self, name: Name, value: &str) {
        if name.as_str() == "search_path" {
            let names = value.split(',').map(|part| Name::from(unquote(part.trim())));
            self.session.search_path = names.filter(|name: &Name| !name.is_empty()).collect();
        } else {
            Arc::make_mut(&mut self.session.settings).insert(name, value.into());
        }
    }

    /// Applies a change now and, unless it is local, to what COMMIT leaves. Outside a block a local change
    /// is gone as soon as it is made.
    pub(super) fn change_session(&mut self, local: bool, change: impl Fn(&Replay, &mut Session)) {
        if local && self.transaction.block.is_none() {
            return;
        }
        let mut session = self.session.clone();
        change(self, &mut session);
        self.session = session;
        if let Some(mut block) = self.transaction.block.take() {
            if !local {
                change(self, &mut block.after_commit);
            }
            self.transaction.block = Some(block);
        }
        self.refresh_path();
    }

    /// The role that SET ROLE or SET SESSION AUTHORIZATION names; `None` for NONE and DEFAULT.
    fn role_to_set(&mut self, set: &SetVariable) -> Effect<Option<ObjectId>> {
        if !matches!(set.name.as_str(), "role" | "session_authorization") {
            return Ok(None);
        }
        let SetValue::To(arguments) = &set.value else { return Ok(None) };
        let Some(argument) = arguments.first().filter(|argument| &*argument.text != "none") else { return Ok(None) };
        self.role_named(Ident::new(&argument.text, argument.span), "22023").map(Some)
    }

    /// The role of this name, or a refusal with the SQLSTATE that fits the statement.
    pub(crate) fn role_named(&mut self, name: Ident, sqlstate: &'static str) -> Effect<ObjectId> {
        let key = NameKey { space: NameSpace::Other(Tag::Role), parent: None, name: name.name };
        match self.now().named(key).first() {
            Some(&role) => Ok(role),
            None => {
                let message = format!("role \"{}\" does not exist", name.name);
                Err(self.refuse_undefined(sqlstate, name.span, message, key))
            }
        }
    }
}

fn path_of(arguments: &[SetArgument]) -> Arc<[Name]> {
    // One quoted string may hold a whole list only in set_config; here each argument is one schema.
    arguments.iter().map(|argument| Name::from(&argument.text)).filter(|name| !name.is_empty()).collect()
}

fn text_of(arguments: &[SetArgument]) -> Arc<str> {
    let texts: Vec<&str> = arguments.iter().map(|argument| &*argument.text).collect();
    texts.join(", ").into()
}

/// An identifier in a setting's text: quoted, or folded to lower case.
fn unquote(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_lowercase(),
    }
}
