//! Access methods and operator classes of indexes.

use super::{Effect, Replay};
use crate::catalog::baseline::{self, ExtensionFacts, SystemMethod, SystemOperatorClass};
use crate::catalog::{NameKey, NameSpace, Object, Tag, TypeClass, TypeRef};
use crate::syntax::{Ident, Name, QualifiedName};

/// What is known of something that is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known<T> {
    /// It is this.
    Yes(T),
    /// There is none.
    No,
    /// It may be.
    Unknown,
}

impl Replay {
    /// What an index method can; `None` where it is one that the project made, or may be.
    pub(crate) fn access_method(&mut self, name: Ident) -> Effect<Option<SystemMethod>> {
        if let Some(method) = baseline::access_method(&name.name, self.settings.version).filter(|method| method.index) {
            return Ok(Some(method));
        }
        let of_extension =
            self.installed().find_map(|facts| facts.access_methods().find(|method| method.name == name.as_str()));
        let key = NameKey { space: NameSpace::Other(Tag::AccessMethod), parent: None, name: name.name };
        if of_extension.is_some() || !self.now().named(key).is_empty() || self.has_unknown_extension() {
            return Ok(of_extension);
        }
        let message = format!("access method \"{}\" does not exist", name.name);
        Err(self.refuse_undefined("42704", name.span, message, key))
    }

    /// The name of the default operator class of a type.
    pub(crate) fn default_operator_class(&self, method: &str, ty: &TypeRef) -> Known<Name> {
        let Some(inputs) = self.accepted_as(ty) else { return Known::Unknown };
        let version = self.settings.version;
        for input in &inputs {
            let fits = |class: &SystemOperatorClass| class.default && class_takes(class, input);
            let of_system = baseline::operator_classes(method, version).find(fits);
            let of_extension = || {
                self.installed().find_map(|facts| facts.operator_classes().find(|it| it.method == method && fits(it)))
            };
            if let Some(class) = of_system.or_else(of_extension) {
                return Known::Yes(Name::from(class.name));
            }
        }
        if self.may_have_other_classes() { Known::Unknown } else { Known::No }
    }

    /// Refuses an operator class that is not there or is for other types.
    pub(crate) fn check_operator_class(
        &mut self,
        method: &str,
        written: &QualifiedName,
        ty: Option<&TypeRef>,
    ) -> Effect<()> {
        let name = written.name.as_str();
        let version = self.settings.version;
        let mut classes: Vec<SystemOperatorClass> =
            baseline::operator_classes(method, version).filter(|class| class.name == name).collect();
        let of_extensions = self.installed().flat_map(|facts| facts.operator_classes().collect::<Vec<_>>());
        classes.extend(of_extensions.filter(|class| class.method == method && class.name == name));
        if classes.is_empty() {
            return self.check_unlisted_class(method, written);
        }
        let Some(inputs) = ty.and_then(|ty| self.accepted_as(ty)) else { return Ok(()) };
        if classes.iter().any(|class| inputs.iter().any(|input| class_takes(class, input))) {
            return Ok(());
        }
        let shown = ty.map(|ty| self.type_name(ty)).unwrap_or_default();
        let message = format!("operator class \"{name}\" does not accept data type {shown}");
        Err(self.refuse("42804", written.span(), message))
    }

    fn check_unlisted_class(&mut self, method: &str, written: &QualifiedName) -> Effect<()> {
        let space = NameSpace::Other(Tag::OperatorClass);
        if self.find(space, written).is_some() || self.has_unknown_extension() {
            return Ok(());
        }
        let message = format!("operator class \"{written}\" does not exist for access method \"{method}\"");
        Err(self.refuse_no_such("42704", space, written, message))
    }

    fn may_have_other_classes(&self) -> bool {
        self.now().of_kind(Tag::OperatorClass).next().is_some() || self.has_unknown_extension()
    }

    /// The extensions there are, with what is known of them.
    pub(crate) fn installed(&self) -> impl Iterator<Item = ExtensionFacts> {
        let version = self.settings.version;
        self.now().of_kind(Tag::Extension).filter_map(move |(_, object)| baseline::extension(&object.name, version))
    }

    /// Whether there is an extension of which not all is known.
    pub(crate) fn has_unknown_extension(&self) -> bool {
        let version = self.settings.version;
        let known = |object: &Object| {
            baseline::extension(&object.name, version).is_some_and(|facts| facts.contents == baseline::Contents::All)
        };
        self.now().of_kind(Tag::Extension).any(|(_, object)| !known(object))
    }

    /// The type names under which an operator class may take a type: its own, then what it counts as without
    /// conversion. `None` where that is not known.
    fn accepted_as(&self, ty: &TypeRef) -> Option<Vec<&'static str>> {
        let now = self.now();
        if ty.array {
            return Some(vec!["anyarray"]);
        }
        let object = now.get(ty.id)?;
        Some(match &object.as_type()?.class {
            TypeClass::Domain { base, .. } => return self.accepted_as(base),
            TypeClass::Enum { .. } => vec!["anyenum"],
            TypeClass::Composite { .. } => vec!["record"],
            TypeClass::Range { .. } => vec!["anyrange"],
            TypeClass::Multirange { .. } => vec!["anymultirange"],
            TypeClass::Pseudo => return None,
            TypeClass::Base => {
                let name = object.name.as_str();
                match name {
                    "varchar" => vec![name, "text"],
                    "cidr" => vec![name, "inet"],
                    "pg_node_tree" | "pg_ndistinct" | "pg_dependencies" => vec![name],
                    _ if name.starts_with("reg") => vec![name, "oid"],
                    _ => vec![name],
                }
            }
        })
    }

    /// A type as messages show it.
    pub(crate) fn type_name(&self, ty: &TypeRef) -> String {
        let name = self.now().get(ty.id).map(|object| object.name).unwrap_or_default();
        if ty.array { format!("{name}[]") } else { name.to_string() }
    }
}

fn class_takes(class: &SystemOperatorClass, input: &str) -> bool {
    class.input.name == input && !class.input.array
}
