//! What CREATE EXTENSION makes: facts about the extensions of PostgreSQL itself and about those that
//! Supabase offers.

use std::sync::OnceLock;

use super::facts::{Facts, Row};
use super::system::{
    FamilyOperator, SystemCast, SystemFunction, SystemMethod, SystemOperator, SystemOperatorClass, SystemType, VERSIONS,
};
use crate::catalog::RelationClass;

const EXTENSIONS: Facts = Facts(include_str!("data/extensions.tsv"));
const FUNCTIONS: Facts = Facts(include_str!("data/extension_functions.tsv"));
const TYPES: Facts = Facts(include_str!("data/extension_types.tsv"));
const OPERATORS: Facts = Facts(include_str!("data/extension_operators.tsv"));
const CASTS: Facts = Facts(include_str!("data/extension_casts.tsv"));
const OPERATOR_CLASSES: Facts = Facts(include_str!("data/extension_operator_classes.tsv"));
const FAMILY_OPERATORS: Facts = Facts(include_str!("data/extension_family_operators.tsv"));
const RELATIONS: Facts = Facts(include_str!("data/extension_relations.tsv"));
const METHODS: Facts = Facts(include_str!("data/extension_methods.tsv"));
const OTHER: Facts = Facts(include_str!("data/extension_other.tsv"));

/// An extension that can be created.
#[derive(Clone, Copy, Debug)]
pub struct ExtensionFacts {
    /// The name.
    pub name: &'static str,
    /// The version that CREATE EXTENSION installs.
    pub default_version: &'static str,
    /// The schema that its control file fixes.
    pub schema: Option<&'static str>,
    /// ALTER EXTENSION … SET SCHEMA works.
    pub relocatable: bool,
    /// Who may CREATE in the database may create it; else a superuser only.
    pub trusted: bool,
    /// How much of what it makes is known.
    pub contents: Contents,
    requires: &'static str,
    version: u8,
}

/// How much is known of what an extension makes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Contents {
    /// Its name only.
    None,
    /// What migrations usually name: its types and relations, many of its functions.
    Usual,
    /// Everything: it is a part of PostgreSQL.
    All,
}

/// The extension of this name, as a server of this major version has it.
pub fn extension(name: &str, version: u8) -> Option<ExtensionFacts> {
    let row = EXTENSIONS.rows(name, version).next()?;
    let flags = row.column(3);
    Some(ExtensionFacts {
        name: row.column(0),
        default_version: row.column(1),
        schema: row.optional(2),
        relocatable: flags.contains('r'),
        trusted: flags.contains('t'),
        contents: match flags.as_bytes().first() {
            Some(b'c') => Contents::All,
            Some(b'd') => Contents::Usual,
            _ => Contents::None,
        },
        requires: row.column(4),
        version,
    })
}

/// The operator classes of an extension.
pub fn extension_operator_classes(
    extension: &str,
    version: u8,
) -> impl Iterator<Item = &'static SystemOperatorClass> + use<'_> {
    // Asked for with each index over a type that the system has none for, so each version's are read once.
    static READ: [OnceLock<Vec<(&str, SystemOperatorClass)>>; VERSIONS] = [const { OnceLock::new() }; VERSIONS];
    let version = version.clamp(super::OLDEST, super::NEWEST);
    let read = |row: Row| (row.column(0), SystemOperatorClass::read(row.column(1), row, 2));
    let classes =
        READ[usize::from(version - super::OLDEST)].get_or_init(|| OPERATOR_CLASSES.all(version).map(read).collect());
    let first = classes.partition_point(|(of, _)| *of < extension);
    classes[first..].iter().take_while(move |(of, _)| *of == extension).map(|(_, class)| class)
}

/// The names of all extensions that can be created.
pub fn all_extensions(version: u8) -> impl Iterator<Item = &'static str> {
    EXTENSIONS.all(version).map(|row| row.column(0))
}

/// An object of an extension in its schema; `@` is the one the extension is installed in.
#[derive(Clone, Debug)]
pub struct Member<T> {
    /// The schema.
    pub schema: &'static str,
    /// The object.
    pub object: T,
    /// Its privileges where they are not the built-in ones: `role=select+insert*;public=usage`, `none`.
    pub grants: Option<&'static str>,
}

/// An object of a small kind.
#[derive(Clone, Copy, Debug)]
pub struct OtherMember {
    /// What it is.
    pub kind: &'static str,
    /// The name.
    pub name: &'static str,
    /// Of a schema: its privileges, as in [`Member`]. Of a role: its members.
    pub detail: Option<&'static str>,
}

/// A type that an extension makes.
#[derive(Clone, Debug)]
pub struct ExtensionType {
    /// The name.
    pub name: &'static str,
    /// typtype: `b`, `c`, `d`, `e`, `r`, `m`, `p`.
    pub class: char,
    /// typcategory.
    pub category: char,
    /// typispreferred.
    pub preferred: bool,
    /// What a domain is made of, or a range is a range of.
    pub base: Option<SystemType>,
    detail: &'static str,
}

impl ExtensionType {
    /// The columns of a composite type.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, SystemType)> {
        columns(self.detail).map(|column| (column.name, column.ty))
    }

    /// The labels of an enum.
    pub fn labels(&self) -> impl Iterator<Item = &'static str> {
        super::facts::list(self.detail)
    }
}

/// A relation of the system or of an extension.
#[derive(Clone, Debug)]
pub struct FactRelation {
    /// The name.
    pub name: &'static str,
    /// `None` for a sequence.
    pub class: Option<RelationClass>,
    /// relrowsecurity.
    pub row_security: bool,
    columns: &'static str,
}

/// A column of a [`FactRelation`].
#[derive(Clone, Copy, Debug)]
pub struct FactColumn {
    /// attname.
    pub name: &'static str,
    /// Its type.
    pub ty: SystemType,
    /// attnotnull.
    pub not_null: bool,
}

impl FactRelation {
    /// `first`: the column of the kind.
    pub(super) fn read(name: &'static str, row: Row, first: usize) -> FactRelation {
        let kind = row.column(first);
        FactRelation {
            name,
            class: match kind.as_bytes().first() {
                Some(b'r') => Some(RelationClass::Table),
                Some(b'v') => Some(RelationClass::View),
                Some(b'm') => Some(RelationClass::MaterializedView),
                Some(b'f') => Some(RelationClass::ForeignTable),
                Some(b'p') => Some(RelationClass::PartitionedTable),
                _ => None,
            },
            row_security: kind.ends_with('s'),
            columns: row.column(first + 1),
        }
    }

    /// The columns in order.
    pub fn columns(&self) -> impl Iterator<Item = FactColumn> {
        columns(self.columns)
    }
}

fn columns(text: &'static str) -> impl Iterator<Item = FactColumn> {
    super::facts::list(text).filter_map(|column| {
        let (name, ty) = column.split_once(' ')?;
        let (ty, not_null) = ty.strip_suffix('!').map_or((ty, false), |ty| (ty, true));
        Some(FactColumn { name, ty: SystemType::parse(ty), not_null })
    })
}

impl ExtensionFacts {
    /// The extensions it needs.
    pub fn requires(&self) -> impl Iterator<Item = &'static str> {
        super::facts::list(self.requires)
    }

    /// Its functions.
    pub fn functions(&self) -> impl Iterator<Item = Member<SystemFunction>> {
        FUNCTIONS.rows(self.name, self.version).map(|row| Member {
            schema: row.column(1),
            object: SystemFunction::read(row.column(1), row.column(2), row, 3),
            grants: row.optional(10),
        })
    }

    /// Its types, without arrays and row types.
    pub fn types(&self) -> impl Iterator<Item = Member<ExtensionType>> {
        TYPES.rows(self.name, self.version).map(|row| Member {
            schema: row.column(1),
            object: read_type(row, 2),
            grants: None,
        })
    }

    /// Its relations and sequences.
    pub fn relations(&self) -> impl Iterator<Item = Member<FactRelation>> {
        RELATIONS.rows(self.name, self.version).map(|row| Member {
            schema: row.column(1),
            object: FactRelation::read(row.column(2), row, 3),
            grants: row.optional(5),
        })
    }

    /// Its operators.
    pub fn operators(&self) -> impl Iterator<Item = SystemOperator> {
        OPERATORS.rows(self.name, self.version).map(|row| SystemOperator::read(row.column(1), row.column(2), row, 3))
    }

    /// Its casts.
    pub fn casts(&self) -> impl Iterator<Item = SystemCast> {
        CASTS.rows(self.name, self.version).map(|row| SystemCast::read(row, 1))
    }

    /// Its operator classes.
    pub fn operator_classes(&self) -> impl Iterator<Item = &'static SystemOperatorClass> {
        extension_operator_classes(self.name, self.version)
    }

    /// The operators that its operator families serve.
    pub fn family_operators(&self) -> impl Iterator<Item = FamilyOperator> {
        FAMILY_OPERATORS.rows(self.name, self.version).map(|row| FamilyOperator::read(row, 1))
    }

    /// Its access methods.
    pub fn access_methods(&self) -> impl Iterator<Item = SystemMethod> {
        METHODS.rows(self.name, self.version).map(|row| SystemMethod::read(row, 1))
    }

    /// Its objects of small kinds, with their kind: `schema`, `language`, `text search dictionary`,
    /// `foreign data wrapper`, `event trigger` … and the roles that its script makes.
    pub fn others(&self) -> impl Iterator<Item = OtherMember> {
        OTHER.rows(self.name, self.version).map(|row| OtherMember {
            kind: row.column(1),
            name: row.column(2),
            detail: row.optional(3),
        })
    }
}

/// `first`: the column of the name.
pub(super) fn read_type(row: Row, first: usize) -> ExtensionType {
    let what = row.column(first + 1);
    let mut letters = what.chars();
    ExtensionType {
        name: row.column(first),
        class: letters.next().unwrap_or('b'),
        category: letters.next().unwrap_or('U'),
        preferred: letters.next() == Some('p'),
        base: row.optional(first + 4).map(SystemType::parse),
        detail: row.column(first + 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_extensions_land() {
        let cron = extension("pg_cron", 17).expect("pg_cron");
        assert_eq!(cron.schema, Some("pg_catalog"));
        assert!(cron.relations().any(|member| member.schema == "cron" && member.object.name == "job"));
        assert!(cron.others().any(|other| (other.kind, other.name) == ("schema", "cron")));
        let trigram = extension("pg_trgm", 17).expect("pg_trgm");
        assert!(
            trigram.relocatable && trigram.trusted && trigram.contents == Contents::All && trigram.schema.is_none()
        );
        assert!(extension("no_such_extension", 17).is_none());
    }

    #[test]
    fn members_of_extensions() {
        let crypto = extension("pgcrypto", 17).expect("pgcrypto");
        assert_eq!(crypto.functions().filter(|f| f.object.name == "gen_salt").count(), 2);
        let queue = extension("pgmq", 17).expect("pgmq");
        let record = queue.types().find(|ty| ty.object.name == "message_record").expect("message_record");
        assert!(record.object.attributes().any(|(name, ty)| name == "message" && ty.name == "jsonb"));
        assert!(extension("vector", 17).expect("vector").access_methods().any(|m| m.name == "hnsw" && m.index));
        assert_eq!(extension("earthdistance", 17).expect("earthdistance").requires().collect::<Vec<_>>(), ["cube"]);
    }
}
