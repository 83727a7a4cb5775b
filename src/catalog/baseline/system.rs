//! What every server has in `pg_catalog` and `information_schema`, looked up by name.
//!
//! Types are named as in `pg_type`, arrays as `text[]`; those of another schema are qualified.
//! Functions that take or return `internal`, and handlers, are left out: no query can call them.

use std::sync::OnceLock;

use super::facts::{Facts, Row, list};
use crate::catalog::RoutineKind;
use crate::syntax::{CastContext, Volatility};

const FUNCTIONS: Facts = Facts(include_str!("data/functions.tsv"));
const OPERATORS: Facts = Facts(include_str!("data/operators.tsv"));
const CASTS: Facts = Facts(include_str!("data/casts.tsv"));
const OPERATOR_CLASSES: Facts = Facts(include_str!("data/operator_classes.tsv"));
const FAMILY_OPERATORS: Facts = Facts(include_str!("data/family_operators.tsv"));
const METHODS: Facts = Facts(include_str!("data/methods.tsv"));
const SETTINGS: Facts = Facts(include_str!("data/settings.tsv"));
const KEYWORDS: Facts = Facts(include_str!("data/keywords.tsv"));
const COLLATIONS: Facts = Facts(include_str!("data/collations.tsv"));
pub(super) const TYPES: Facts = Facts(include_str!("data/types.tsv"));
pub(super) const RELATIONS: Facts = Facts(include_str!("data/relations.tsv"));
pub(super) const OTHER: Facts = Facts(include_str!("data/other.tsv"));

/// How many major versions there are facts about.
pub(super) const VERSIONS: usize = (super::NEWEST - super::OLDEST) as usize + 1;

/// No table has more columns.
const COLUMNS: usize = 12;

fn filled(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

/// The name of a type and whether the array of it is meant: `text[]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SystemType {
    /// The schema where it is not `pg_catalog`.
    pub schema: Option<&'static str>,
    /// The name in `pg_type` of the element.
    pub name: &'static str,
    /// `[]` follows.
    pub array: bool,
}

impl SystemType {
    pub(super) fn parse(text: &'static str) -> SystemType {
        let (text, array) = text.strip_suffix("[]").map_or((text, false), |element| (element, true));
        let (schema, name) = text.split_once('.').map_or((None, text), |(schema, name)| (Some(schema), name));
        SystemType { schema, name, array }
    }
}

/// A function, procedure, aggregate or window function of the system or of an extension.
#[derive(Clone, Debug)]
pub struct SystemFunction {
    /// Which it is: [`function`] finds it again. Of an extension's function it means nothing.
    pub place: u32,
    /// The schema; `@` for the one its extension is installed in.
    pub schema: &'static str,
    /// The name.
    pub name: &'static str,
    /// prokind.
    pub kind: RoutineKind,
    /// provolatile.
    pub volatility: Volatility,
    /// proisstrict.
    pub strict: bool,
    /// proretset.
    pub returns_set: bool,
    /// The last argument is VARIADIC (given as the array type).
    pub variadic: bool,
    /// proleakproof.
    pub leakproof: bool,
    /// prosecdef.
    pub security_definer: bool,
    /// How many arguments at the end have a default.
    pub defaults: usize,
    /// An ordered-set or hypothetical-set aggregate.
    pub within_group: bool,
    /// The language; empty where it is not told (functions of the system).
    pub language: &'static str,
    args: &'static str,
    result: &'static str,
    argument_names: &'static str,
    outputs: &'static str,
}

impl SystemFunction {
    fn of_system(row: Row) -> SystemFunction {
        let (schema, name) = schema_and_name(row);
        SystemFunction::read(schema, name, row, 1)
    }

    /// `first`: the column of the argument types.
    pub(super) fn read(schema: &'static str, name: &'static str, row: Row, first: usize) -> SystemFunction {
        let columns = row.columns::<COLUMNS>();
        let what = columns[first + 2];
        let flags = what.get(2..).unwrap_or("");
        SystemFunction {
            place: row.place(),
            schema,
            name,
            kind: routine_kind(what),
            volatility: volatility(what.get(1..).unwrap_or("")),
            strict: flags.contains('s'),
            returns_set: flags.contains('r'),
            variadic: flags.contains('v'),
            leakproof: flags.contains('l'),
            security_definer: flags.contains('d'),
            within_group: flags.contains(['o', 'h']),
            defaults: columns[first + 3].parse().unwrap_or(0),
            language: columns[first + 6],
            args: columns[first],
            result: columns[first + 1],
            argument_names: columns[first + 4],
            outputs: columns[first + 5],
        }
    }

    /// The types of the input arguments.
    pub fn args(&self) -> impl Iterator<Item = SystemType> {
        list(self.args).map(SystemType::parse)
    }

    /// The names of the input arguments; as many as there are, or none.
    pub fn argument_names(&self) -> impl Iterator<Item = &'static str> {
        list(self.argument_names)
    }

    /// The type of the result, `record` where there are several outputs; `None` for a procedure
    /// without outputs (`void` in `pg_proc`).
    pub fn result(&self) -> Option<SystemType> {
        Some(self.result).filter(|text| !text.is_empty()).map(SystemType::parse)
    }

    /// OUT, INOUT and TABLE parameters with their types; empty where the result is all there is.
    pub fn outputs(&self) -> impl Iterator<Item = (&'static str, SystemType)> {
        list(self.outputs).filter_map(|output| output.split_once(' ')).map(|(name, ty)| (name, SystemType::parse(ty)))
    }
}

fn schema_and_name(row: Row) -> (&'static str, &'static str) {
    let key = row.column(0);
    key.split_once('.').unwrap_or(("pg_catalog", key))
}

fn routine_kind(what: &str) -> RoutineKind {
    match what.as_bytes().first() {
        Some(b'p') => RoutineKind::Procedure,
        Some(b'a') => RoutineKind::Aggregate,
        Some(b'w') => RoutineKind::Window,
        _ => RoutineKind::Function,
    }
}

fn volatility(what: &str) -> Volatility {
    match what.as_bytes().first() {
        Some(b'i') => Volatility::Immutable,
        Some(b's') => Volatility::Stable,
        _ => Volatility::Volatile,
    }
}

/// All functions of this name in `pg_catalog`; those of `information_schema` by their qualified name.
pub fn functions(name: &str, version: u8) -> impl Iterator<Item = SystemFunction> {
    FUNCTIONS.rows(name, version).map(SystemFunction::of_system)
}

/// The function of this [`SystemFunction::place`].
pub fn function(place: u32) -> Option<SystemFunction> {
    FUNCTIONS.row(place).map(SystemFunction::of_system)
}

/// The name and the [`SystemFunction::place`] of all functions of the system, those of one name together.
pub fn all_functions(version: u8) -> impl Iterator<Item = (&'static str, u32)> {
    FUNCTIONS.all(version).map(|row| (schema_and_name(row).1, row.place()))
}

/// All types of the system without their arrays, the row types of its relations included.
pub fn all_types(version: u8) -> impl Iterator<Item = SystemType> {
    TYPES.all(version).chain(RELATIONS.all(version)).map(|row| SystemType::parse(row.column(0)))
}

/// An operator.
#[derive(Clone, Debug)]
pub struct SystemOperator {
    /// Which it is: [`operator`] finds it again. Of an extension's operator it means nothing.
    pub place: u32,
    /// The schema; `@` for the one its extension is installed in.
    pub schema: &'static str,
    /// The name.
    pub name: &'static str,
    /// `None` for a prefix operator.
    pub left: Option<SystemType>,
    /// The right operand.
    pub right: SystemType,
    /// The result.
    pub result: SystemType,
    /// provolatile of its function.
    pub volatility: Volatility,
    /// proisstrict of its function.
    pub strict: bool,
    /// oprcanhash.
    pub hashes: bool,
    /// oprcanmerge.
    pub merges: bool,
    /// Its function.
    pub function: &'static str,
    /// The operator for swapped operands.
    pub commutator: Option<&'static str>,
    /// The operator that says the opposite.
    pub negator: Option<&'static str>,
}

impl SystemOperator {
    /// `first`: the column of the left operand.
    pub(super) fn read(schema: &'static str, name: &'static str, row: Row, first: usize) -> SystemOperator {
        let columns = row.columns::<COLUMNS>();
        let (volatile, flags) = columns[first + 3].split_at_checked(1).unwrap_or(("v", ""));
        SystemOperator {
            place: row.place(),
            schema,
            name,
            left: filled(columns[first]).map(SystemType::parse),
            right: SystemType::parse(columns[first + 1]),
            result: SystemType::parse(columns[first + 2]),
            volatility: volatility(volatile),
            strict: flags.contains('s'),
            hashes: flags.contains('h'),
            merges: flags.contains('m'),
            function: columns[first + 4],
            commutator: filled(columns[first + 5]),
            negator: filled(columns[first + 6]),
        }
    }
}

/// All operators of this name.
pub fn operators(name: &str, version: u8) -> impl Iterator<Item = SystemOperator> {
    OPERATORS.rows(name, version).map(|row| SystemOperator::read("pg_catalog", row.column(0), row, 1))
}

/// The operator of this [`SystemOperator::place`].
pub fn operator(place: u32) -> Option<SystemOperator> {
    OPERATORS.row(place).map(|row| SystemOperator::read("pg_catalog", row.column(0), row, 1))
}

/// All operators of the system, those of one name together.
pub fn all_operators(version: u8) -> impl Iterator<Item = SystemOperator> {
    OPERATORS.all(version).map(|row| SystemOperator::read("pg_catalog", row.column(0), row, 1))
}

/// How a cast is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CastMethod {
    /// The same bytes.
    Binary,
    /// By a function.
    Function,
    /// Through text.
    InOut,
}

/// A cast (pg_cast; that to and from text that every type has is none of them).
#[derive(Clone, Debug)]
pub struct SystemCast {
    /// From.
    pub source: SystemType,
    /// To.
    pub target: SystemType,
    /// When it applies by itself.
    pub context: CastContext,
    /// How it is done.
    pub method: CastMethod,
    /// The function.
    pub function: Option<&'static str>,
}

impl SystemCast {
    /// `first`: the column of the source.
    pub(super) fn read(row: Row, first: usize) -> SystemCast {
        let columns = row.columns::<COLUMNS>();
        let how = columns[first + 2];
        SystemCast {
            source: SystemType::parse(columns[first]),
            target: SystemType::parse(columns[first + 1]),
            context: match how.as_bytes().first() {
                Some(b'i') => CastContext::Implicit,
                Some(b'a') => CastContext::Assignment,
                _ => CastContext::Explicit,
            },
            method: match how.as_bytes().get(1) {
                Some(b'b') => CastMethod::Binary,
                Some(b'i') => CastMethod::InOut,
                _ => CastMethod::Function,
            },
            function: filled(columns[first + 3]),
        }
    }
}

/// The casts from a type of `pg_catalog` (`int4`, without brackets; arrays have no casts of their own).
pub fn casts_from(source: &str, version: u8) -> impl Iterator<Item = SystemCast> {
    CASTS.rows(source, version).map(|row| SystemCast::read(row, 0))
}

/// All casts of the system.
pub fn all_casts(version: u8) -> impl Iterator<Item = SystemCast> {
    CASTS.all(version).map(|row| SystemCast::read(row, 0))
}

/// An operator class.
#[derive(Clone, Debug)]
pub struct SystemOperatorClass {
    /// The schema; `@` for the one its extension is installed in.
    pub schema: &'static str,
    /// The index method.
    pub method: &'static str,
    /// The name.
    pub name: &'static str,
    /// The type it is for.
    pub input: SystemType,
    /// It is the type's default of the method.
    pub default: bool,
    /// Its family.
    pub family: &'static str,
    /// The stored type where it is another.
    pub key: Option<SystemType>,
}

impl SystemOperatorClass {
    /// `first`: the column of the method.
    pub(super) fn read(schema: &'static str, row: Row, first: usize) -> SystemOperatorClass {
        let columns = row.columns::<COLUMNS>();
        SystemOperatorClass {
            schema,
            method: columns[first],
            name: columns[first + 1],
            input: SystemType::parse(columns[first + 2]),
            default: columns[first + 3] == "d",
            family: filled(columns[first + 4]).unwrap_or(columns[first + 1]),
            key: filled(columns[first + 5]).map(SystemType::parse),
        }
    }
}

/// The operator classes of an index method.
pub fn operator_classes(method: &str, version: u8) -> impl Iterator<Item = &'static SystemOperatorClass> {
    // Asked for with each index, so each version's are read once.
    static READ: [OnceLock<Vec<SystemOperatorClass>>; VERSIONS] = [const { OnceLock::new() }; VERSIONS];
    let version = version.clamp(super::OLDEST, super::NEWEST);
    let read = |row| SystemOperatorClass::read("pg_catalog", row, 0);
    let classes =
        READ[usize::from(version - super::OLDEST)].get_or_init(|| OPERATOR_CLASSES.all(version).map(read).collect());
    let first = classes.partition_point(|class| class.method < method);
    classes[first..].iter().take_while(move |class| class.method == method)
}

/// An operator that an index of some operator family can serve (pg_amop).
#[derive(Clone, Debug)]
pub struct FamilyOperator {
    /// The index method.
    pub method: &'static str,
    /// The operator family.
    pub family: &'static str,
    /// The operator.
    pub operator: &'static str,
    /// Its left operand.
    pub left: SystemType,
    /// Its right operand.
    pub right: SystemType,
    /// amopstrategy.
    pub strategy: u16,
    /// It gives an order (`ORDER BY a <-> b`) rather than a condition.
    pub ordering: bool,
}

impl FamilyOperator {
    /// `first`: the column of the method.
    pub(super) fn read(row: Row, first: usize) -> FamilyOperator {
        let columns = row.columns::<COLUMNS>();
        FamilyOperator {
            method: columns[first],
            family: columns[first + 1],
            operator: columns[first + 2],
            left: SystemType::parse(columns[first + 3]),
            right: SystemType::parse(columns[first + 4]),
            strategy: columns[first + 5].parse().unwrap_or(0),
            ordering: columns[first + 6] == "o",
        }
    }
}

/// The operators of all families of an index method.
pub fn family_operators(method: &str, version: u8) -> impl Iterator<Item = FamilyOperator> {
    FAMILY_OPERATORS.rows(method, version).map(|row| FamilyOperator::read(row, 0))
}

/// An access method, with what its indexes can.
#[derive(Clone, Debug)]
pub struct SystemMethod {
    /// The name.
    pub name: &'static str,
    /// For indexes; false for tables.
    pub index: bool,
    /// `CREATE UNIQUE INDEX`.
    pub unique: bool,
    /// Several columns.
    pub several_columns: bool,
    /// `EXCLUDE`.
    pub exclude: bool,
    /// `INCLUDE`.
    pub include: bool,
    /// `ASC`, `DESC`, `NULLS FIRST`.
    pub order: bool,
}

impl SystemMethod {
    /// `first`: the column of the name.
    pub(super) fn read(row: Row, first: usize) -> SystemMethod {
        let (kind, can) = row.column(first + 1).split_at_checked(1).unwrap_or(("i", ""));
        SystemMethod {
            name: row.column(first),
            index: kind == "i",
            unique: can.contains('u'),
            several_columns: can.contains('m'),
            exclude: can.contains('e'),
            include: can.contains('i'),
            order: can.contains('o'),
        }
    }
}

/// An access method of the system.
pub fn access_method(name: &str, version: u8) -> Option<SystemMethod> {
    METHODS.rows(name, version).next().map(|row| SystemMethod::read(row, 0))
}

pub(super) fn access_methods(version: u8) -> impl Iterator<Item = SystemMethod> {
    METHODS.all(version).map(|row| SystemMethod::read(row, 0))
}

/// A setting (pg_settings).
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name, in the server's spelling.
    pub name: &'static str,
    /// Who may change it when: `user`, `superuser`, `sighup`, `postmaster`, `internal` …
    pub context: &'static str,
    /// `bool`, `integer`, `real`, `string`, `enum`.
    pub ty: &'static str,
    /// The unit of a number: `kB`, `8kB`, `ms` …
    pub unit: Option<&'static str>,
    /// The least value of a number.
    pub min: Option<&'static str>,
    /// The greatest value of a number.
    pub max: Option<&'static str>,
    /// boot_val; `None` where it depends on the machine.
    pub default: Option<&'static str>,
    words: &'static str,
}

impl Setting {
    fn read(row: Row) -> Setting {
        Setting {
            name: row.column(0),
            context: row.column(1),
            ty: row.column(2),
            unit: row.optional(3),
            min: row.optional(4),
            max: row.optional(5),
            default: row.optional(7),
            words: row.column(6),
        }
    }

    /// The words that an `enum` takes.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        list(self.words)
    }
}

/// A setting, whatever the case of its name.
pub fn setting(name: &str, version: u8) -> Option<Setting> {
    let lower = name.to_ascii_lowercase();
    // Three have capitals in their name, and are sorted by these.
    let spelled = ["DateStyle", "IntervalStyle", "TimeZone"].into_iter().find(|s| s.eq_ignore_ascii_case(&lower));
    SETTINGS.rows(spelled.unwrap_or(&lower), version).next().map(Setting::read)
}

/// The places of all settings.
pub(in crate::catalog) fn settings(version: u8) -> impl Iterator<Item = u32> {
    SETTINGS.all(version).map(|row| row.place())
}

/// The setting at one of these places.
pub(in crate::catalog) fn setting_at(place: u32) -> Option<Setting> {
    SETTINGS.row(place).map(Setting::read)
}

/// How far a key word can serve as a name (appendix C of the manual).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeywordCategory {
    /// Any name.
    Unreserved,
    /// Any name but that of a function or type.
    ColumnName,
    /// The name of a function or type only.
    TypeOrFunctionName,
    /// No name.
    Reserved,
}

/// What kind of key word a word in lower case is; `None`: none at all.
pub fn keyword(word: &str, version: u8) -> Option<KeywordCategory> {
    let row = KEYWORDS.rows(word, version).next()?;
    Some(match row.column(1).as_bytes().first() {
        Some(b'R') => KeywordCategory::Reserved,
        Some(b'T') => KeywordCategory::TypeOrFunctionName,
        Some(b'C') => KeywordCategory::ColumnName,
        _ => KeywordCategory::Unreserved,
    })
}

/// Whether there is such a collation; `None` for those of the C library, which depend on the machine.
pub fn has_collation(name: &str, version: u8) -> Option<bool> {
    if COLLATIONS.rows(name, version).next().is_some() {
        return Some(true);
    }
    // `en_US`, `de_DE.utf8`, `en-x-icu`: whether they are there depends on the machine.
    let of_the_machine = name.contains(['_', '.', '-']);
    (!of_the_machine).then_some(false)
}

/// Whether the system has such an object of a small kind: `language`, `text search configuration`,
/// `text search dictionary`, `text search parser`, `text search template`, `tablespace`, `role`.
pub fn has_other(kind: &str, name: &str, version: u8) -> bool {
    OTHER.rows(kind, version).any(|row| row.column(1) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overloads_are_told_apart() {
        let of = |ty: &str| functions("date_trunc", 17).find(|f| f.args().nth(1).is_some_and(|arg| arg.name == ty));
        assert_eq!(of("timestamp").map(|f| f.volatility), Some(Volatility::Immutable));
        assert_eq!(of("timestamptz").map(|f| f.volatility), Some(Volatility::Stable));
        assert!(functions("no_such_function", 17).next().is_none());
        let again = of("timestamp").and_then(|f| function(f.place));
        assert_eq!(again.map(|f| (f.name, f.volatility)), Some(("date_trunc", Volatility::Immutable)));
    }

    #[test]
    fn versions_differ() {
        assert!(functions("uuidv7", 17).next().is_none());
        assert!(functions("uuidv7", 18).next().is_some());
    }

    #[test]
    fn set_returning_functions_know_their_columns() {
        let each = functions("jsonb_each", 17).next().expect("jsonb_each");
        let outputs: Vec<_> = each.outputs().map(|(name, ty)| (name, ty.name)).collect();
        assert_eq!(outputs, [("key", "text"), ("value", "jsonb")]);
        assert!(each.returns_set && each.strict);
    }

    #[test]
    fn operators_casts_and_classes() {
        let arrow: Vec<_> = operators("->>", 17).filter_map(|o| Some((o.left?.name, o.right.name))).collect();
        assert!(arrow.contains(&("jsonb", "text")) && arrow.contains(&("json", "int4")));
        let equal = operators("=", 17).find(|o| o.right.name == "int4" && o.left.is_some_and(|l| l.name == "int4"));
        assert!(equal.is_some_and(|o| o.strict && o.hashes && o.merges && o.commutator == Some("=")));
        let to_text = casts_from("varchar", 17).find(|cast| cast.target.name == "text");
        assert!(to_text.is_some_and(|c| c.method == CastMethod::Binary && c.context == CastContext::Implicit));
        assert!(operator_classes("btree", 17).any(|class| class.name == "text_ops" && class.default));
        assert!(family_operators("gin", 17).any(|o| o.family == "jsonb_path_ops" && o.operator == "@>"));
        assert!(access_method("gist", 17).is_some_and(|m| m.exclude && m.include && !m.unique));
    }

    #[test]
    fn settings_and_keywords() {
        assert_eq!(setting("timezone", 17).map(|s| s.name), Some("TimeZone"));
        assert_eq!(setting("lock_timeout", 17).and_then(|s| s.unit), Some("ms"));
        assert_eq!(keyword("select", 17), Some(KeywordCategory::Reserved));
        assert_eq!(keyword("orders", 17), None);
        assert_eq!(has_collation("C", 17), Some(true));
        assert_eq!(has_collation("mine", 17), Some(false));
        assert!(has_other("text search configuration", "english", 17));
    }
}
