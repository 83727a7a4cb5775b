//! Our statements: what a file says, with exact spans, without the parser's own nodes.
//!
//! Words are PostgreSQL's: a field is called what the manual's synopsis calls that part of the
//! statement. Every name that a person could have mistyped is an [`Ident`] and knows its place.
#![allow(missing_docs, reason = "fields carry the names of the manual's synopses; types are documented")]

mod ddl;
mod expr;
mod name;
mod query;
mod walk;

pub use ddl::*;
pub use expr::*;
pub use name::{LONGEST_NAME, Name, clip, intern};
pub use query::*;
pub use walk::{Part, Visit};

use crate::source::Span;

/// An identifier at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    pub name: Name,
    pub span: Span,
}

impl Ident {
    pub fn new(name: impl AsRef<str>, span: Span) -> Ident {
        Ident { name: intern(name.as_ref()), span }
    }

    pub fn as_str(&self) -> &'static str {
        self.name.as_str()
    }
}

/// A name that may be qualified by a schema (and, in vain, by a database).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QualifiedName {
    /// The database, where three parts are written; only the current one is accepted by the server.
    pub database: Option<Box<Ident>>,
    pub schema: Option<Ident>,
    pub name: Ident,
}

impl QualifiedName {
    pub fn unqualified(name: Ident) -> QualifiedName {
        QualifiedName { database: None, schema: None, name }
    }

    /// From the first written part to the last.
    pub fn span(&self) -> Span {
        let first = self.database.as_deref().or(self.schema.as_ref()).unwrap_or(&self.name);
        first.span.to(self.name.span)
    }
}

impl std::fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", schema.name)?;
        }
        f.write_str(self.name.as_str())
    }
}

/// A type as written: `numeric(10, 2)[]`, `public.mood`, `orders.id%TYPE`, `setof text`.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeName {
    pub span: Span,
    /// The last part is the type. Words of the grammar (`integer`, `timestamp with time zone`) are
    /// already `pg_catalog` and the internal name (`int4`, `timestamptz`). With `percent_type` the
    /// parts name a column.
    pub parts: Box<[Ident]>,
    /// With the length of `char` and `bit`, which is 1 where none is written; of an interval, the mask of its fields first.
    pub modifiers: Vec<Expr>,
    /// How many pairs of brackets; the server keeps only whether there is one.
    pub array_dimensions: u32,
    pub setof: bool,
    pub percent_type: bool,
}

impl TypeName {
    /// The type's own name, without its schema.
    pub fn name(&self) -> Name {
        self.parts.last().map(|part| part.name).unwrap_or_default()
    }

    /// The schema, where one is written or implied by a word of the grammar.
    pub fn schema(&self) -> Option<Name> {
        let count = self.parts.len();
        (count >= 2).then(|| self.parts[count - 2].name)
    }

    /// Whether it is this type of `pg_catalog`, written as a word of the grammar or unqualified.
    pub fn is_system(&self, name: &str) -> bool {
        self.name().as_str() == name && self.schema().is_none_or(|schema| schema.as_str() == "pg_catalog")
    }
}

/// `name [= value]` in a WITH (…), OPTIONS (…) or definition list.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    pub span: Span,
    /// `toast` in `toast.autovacuum_enabled`.
    pub namespace: Option<Name>,
    /// As the server's parser calls it, which for options in words of the grammar is not their spelling:
    /// `canlogin` for LOGIN and (false) NOLOGIN, `rolemembers`, `new_version`, `transaction_read_only`.
    pub name: Ident,
    pub value: Option<DefinitionValue>,
    /// ADD, SET or DROP in `OPTIONS (ADD a 'b')`.
    pub action: DefinitionAction,
}

/// What ADD, SET or DROP before an option says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefinitionAction {
    Unspecified,
    Add,
    Set,
    Drop,
}

/// The value of a [`Definition`].
#[derive(Clone, PartialEq, Debug)]
pub enum DefinitionValue {
    Bool(bool),
    Integer(i64),
    Float(Box<str>),
    String(Box<str>),
    /// A word, a type or a qualified name, which the grammar cannot tell apart.
    Type(TypeName),
    List(Vec<DefinitionValue>),
    Operator(OperatorName),
    /// A member in CREATE ROLE … ROLE.
    Role(RoleSpec),
    Star,
}

impl DefinitionValue {
    /// The value as the text that `reloptions` and friends hold; `None` for a list.
    pub fn text(&self) -> Option<String> {
        match self {
            DefinitionValue::Bool(value) => Some(value.to_string()),
            DefinitionValue::Integer(value) => Some(value.to_string()),
            DefinitionValue::Float(value) | DefinitionValue::String(value) => Some(value.to_string()),
            DefinitionValue::Type(ty) => Some(ty.name().to_string()),
            DefinitionValue::Star => Some("*".to_owned()),
            DefinitionValue::List(_) | DefinitionValue::Operator(_) | DefinitionValue::Role(_) => None,
        }
    }
}

/// A role where one is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleSpec {
    pub span: Span,
    pub kind: RoleKind,
}

/// How a [`RoleSpec`] names its role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoleKind {
    Name(Name),
    CurrentRole,
    CurrentUser,
    SessionUser,
    Public,
}

/// A statement of a file (or of a body of code in it).
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// From the first token to the last, without the semicolon.
    pub span: Span,
    /// The file holds it as it was read, so that spans within it are exact; else all of them are the span of what made it.
    pub written: bool,
    pub kind: StatementKind,
}

/// RESTRICT or CASCADE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DropBehavior {
    /// Also where neither word is written.
    Restrict,
    Cascade,
}
