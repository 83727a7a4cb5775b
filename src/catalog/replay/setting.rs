//! Settings that are stored with a function or a role (`proconfig`, `pg_db_role_setting`).

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::baseline;
use crate::syntax::{Name, SetArgument, SetValue, SetVariable, quote::quote_identifier};

/// A change to a list of stored settings.
#[derive(Clone, Debug)]
pub(crate) enum StoredSetting {
    Set(Name, Arc<str>),
    Reset(Name),
    ResetAll,
}

/// Settings whose value is a list of names, each quoted where it must be.
const NAME_LISTS: &[&str] = &[
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

impl Replay {
    /// What a SET or RESET clause does to the settings that it is stored with.
    pub(crate) fn stored_setting(&self, setting: &SetVariable) -> Effect<StoredSetting> {
        if matches!(setting.value, SetValue::ResetAll) {
            return Ok(StoredSetting::ResetAll);
        }
        let name = self.setting_name(setting)?;
        Ok(match &setting.value {
            SetValue::To(arguments) => StoredSetting::Set(name, value_text(name, arguments)),
            SetValue::FromCurrent => match self.current_setting(name) {
                Some(value) => StoredSetting::Set(name, value),
                None => return Err(self.unknown("the current value of the setting is not known")),
            },
            _ => StoredSetting::Reset(name),
        })
    }

    /// The server's spelling of a setting's name; one with a dot is an extension's or the user's own.
    fn setting_name(&self, setting: &SetVariable) -> Effect<Name> {
        let written = setting.name.as_str();
        match baseline::setting(written, self.settings.version) {
            Some(known) => Ok(Name::from(known.name)),
            // Grammar words for settings under other names, and what other software adds.
            None if written.contains('.') || matches!(written, "role" | "session_authorization") => Ok(setting.name),
            None => {
                let message = format!("unrecognized configuration parameter \"{written}\"");
                Err(self.refuse("42704", setting.span, message))
            }
        }
    }

    pub(crate) fn current_setting(&self, name: Name) -> Option<Arc<str>> {
        if name.as_str() == "search_path" {
            let names: Vec<_> = self.session.search_path.iter().map(|name| quote_identifier(name.as_str())).collect();
            return Some(names.join(", ").into());
        }
        let set = self.session.settings.get(&name).cloned();
        let set = set.or_else(|| self.placeholders.contains(&name).then(|| Arc::from("")));
        set.or_else(|| baseline::setting(name.as_str(), self.settings.version)?.default.map(Arc::from))
    }
}

impl StoredSetting {
    /// Carries out the change.
    pub(crate) fn apply(self, settings: &mut Vec<(Name, Arc<str>)>) {
        match self {
            StoredSetting::ResetAll => settings.clear(),
            StoredSetting::Reset(name) => settings.retain(|(known, _)| *known != name),
            StoredSetting::Set(name, value) => match settings.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => settings.push((name, value)),
            },
        }
    }
}

/// flatten_set_variable_args: the arguments as one text.
fn value_text(name: Name, arguments: &[SetArgument]) -> Arc<str> {
    let names = NAME_LISTS.contains(&name.as_str());
    let text = |argument: &SetArgument| match names {
        true => quote_identifier(&argument.text).into_owned(),
        false => argument.text.to_string(),
    };
    arguments.iter().map(text).collect::<Vec<_>>().join(", ").into()
}
