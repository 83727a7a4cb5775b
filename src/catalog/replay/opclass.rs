//! Access methods and operator classes of indexes.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::baseline::{self, ExtensionFacts, SystemMethod, SystemOperatorClass};
use crate::catalog::{Dependency, NameKey, NameSpace, Object, Tag, TypeRef};
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

/// The index methods of the system.
const METHODS: &[&str] = &["brin", "btree", "gin", "gist", "hash", "spgist"];

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

    /// The name of the default operator class of a type: its own, else the one of a type that it counts as.
    pub(crate) fn default_operator_class(&self, method: &str, ty: &TypeRef) -> Known<Name> {
        let ty = self.base_type(ty);
        let is_for = |class: &SystemOperatorClass| self.is_input(class, &ty);
        let of_system = || baseline::operator_classes(method, self.settings.version).filter(|class| class.default);
        let of_extensions = || self.extension_classes(method).filter(|class| class.default);
        let found = of_system().find(|class| is_for(class)).or_else(|| of_extensions().find(|class| is_for(class)));
        let takes = |class: &SystemOperatorClass| self.takes(class, &ty);
        let found = found.or_else(|| of_system().find(|class| takes(class)));
        let found = found.or_else(|| of_extensions().find(|class| takes(class)));
        match found {
            Some(class) => Known::Yes(Name::from(class.name)),
            None if self.may_have_other_classes() => Known::Unknown,
            None => Known::No,
        }
    }

    /// The operator classes of the system and of extensions.
    fn operator_classes(&self, method: &str) -> Vec<SystemOperatorClass> {
        let of_system = baseline::operator_classes(method, self.settings.version);
        of_system.chain(self.extension_classes(method)).cloned().collect()
    }

    fn extension_classes(&self, method: &str) -> impl Iterator<Item = &'static SystemOperatorClass> {
        let version = self.settings.version;
        let extensions = self.now().of_kind(Tag::Extension).map(|(_, object)| object.name);
        let classes = extensions.flat_map(move |name| {
            let name: &'static str = name.as_str();
            baseline::extension_operator_classes(name, version)
        });
        classes.filter(move |class| class.method == method)
    }

    /// An operator class of an extension goes with it, and with the class what is indexed by it.
    pub(crate) fn need_of_class(&self, method: Ident, class: Name) -> Option<Dependency> {
        let version = self.settings.version;
        if baseline::operator_classes(&method.name, version).any(|it| it.name == class.as_str()) {
            return None;
        }
        let is_it = |object: &Object| object.name == class && object.extension.is_some();
        let found = self.now().of_kind(Tag::OperatorClass).find(|(_, object)| is_it(object));
        found.map(|(id, _)| Dependency::normal(id))
    }

    pub(crate) fn is_input(&self, class: &SystemOperatorClass, ty: &TypeRef) -> bool {
        let has_name = |object: &Arc<Object>| object.name.as_str() == class.input.name;
        class.input.array == ty.array && self.now().get(ty.id).is_some_and(has_name)
    }

    /// Refuses an operator class that is not there or is for other types.
    pub(crate) fn check_operator_class(
        &mut self,
        method: &str,
        written: &QualifiedName,
        ty: Option<&TypeRef>,
    ) -> Effect<()> {
        let name = written.name.as_str();
        let classes: Vec<SystemOperatorClass> =
            self.operator_classes(method).into_iter().filter(|class| class.name == name).collect();
        if classes.is_empty() {
            return self.check_unlisted_class(method, written);
        }
        let Some(base) = ty.map(|ty| self.base_type(ty)) else { return Ok(()) };
        if classes.iter().any(|class| self.is_input(class, &base) || self.takes(class, &base)) {
            return Ok(());
        }
        let shown = ty.map(|ty| self.type_name(ty)).unwrap_or_default();
        let message = format!("operator class \"{name}\" does not accept data type {shown}");
        Err(self.refuse("42804", written.span(), message))
    }

    fn check_unlisted_class(&mut self, method: &str, written: &QualifiedName) -> Effect<()> {
        let space = NameSpace::Other(Tag::OperatorClass);
        let name = written.name.as_str();
        // No extension gives a class of its own such a name.
        let is_of_system = METHODS
            .iter()
            .any(|method| baseline::operator_classes(method, self.settings.version).any(|class| class.name == name));
        if !is_of_system && (self.find(space, written).is_some() || self.has_unknown_extension()) {
            return Ok(());
        }
        let message = format!("operator class \"{written}\" does not exist for access method \"{method}\"");
        Err(self.refuse_no_such("42704", space, written, message))
    }

    fn may_have_other_classes(&self) -> bool {
        let own = |object: &Object| object.extension.is_none();
        self.now().of_kind(Tag::OperatorClass).any(|(_, object)| own(object)) || self.has_unlisted_extension()
    }

    /// The extensions there are, with what is known of them.
    pub(crate) fn installed(&self) -> impl Iterator<Item = ExtensionFacts> {
        let version = self.settings.version;
        self.now().of_kind(Tag::Extension).filter_map(move |(_, object)| baseline::extension(&object.name, version))
    }

    /// Whether there is an extension of which nothing is known but the name: of the others the operator classes are.
    fn has_unlisted_extension(&self) -> bool {
        let version = self.settings.version;
        let known = |object: &Object| {
            let facts = baseline::extension(&object.name, version);
            object.name.as_str() == "plpgsql" || facts.is_some_and(|facts| facts.contents >= baseline::Contents::Usual)
        };
        self.now().of_kind(Tag::Extension).any(|(_, object)| !known(object))
    }

    /// Whether there is an extension of which not all is known.
    pub(crate) fn has_unknown_extension(&self) -> bool {
        let version = self.settings.version;
        // The language holds nothing that is looked up by name.
        let known = |object: &Object| {
            let facts = baseline::extension(&object.name, version);
            object.name.as_str() == "plpgsql" || facts.is_some_and(|facts| facts.contents == baseline::Contents::All)
        };
        self.now().of_kind(Tag::Extension).any(|(_, object)| !known(object))
    }

    /// A type as messages show it.
    pub(crate) fn type_name(&self, ty: &TypeRef) -> String {
        let name = self.now().get(ty.id).map(|object| object.name).unwrap_or_default();
        if ty.array { format!("{name}[]") } else { name.to_string() }
    }
}
