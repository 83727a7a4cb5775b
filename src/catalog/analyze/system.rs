//! What the empty server has, in a form that candidates are chosen from quickly.
//!
//! The facts are read once per major version, those of a function when it is first asked for. Types in them are numbers,
//! which a catalog resolves to its own types once ([`SystemTypes`]).

use std::ops::Range;
use std::sync::{OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::Type;
use crate::catalog::baseline::{self, CastMethod, SystemFunction, SystemOperator, SystemType};
use crate::catalog::{CatalogAt, RoutineKind};
use crate::syntax::{CastContext, Name, Volatility};

/// A type of the facts, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::catalog) struct TypeCode(u16);

/// A function of the facts.
pub(in crate::catalog) struct FunctionFact {
    pub fact: SystemFunction,
    pub args: Box<[TypeCode]>,
    pub result: Option<TypeCode>,
}

/// An operator of the facts.
pub(in crate::catalog) struct OperatorFact {
    pub fact: SystemOperator,
    pub left: Option<TypeCode>,
    pub right: TypeCode,
    pub result: TypeCode,
}

/// A cast of the facts.
#[derive(Clone, Copy)]
pub(in crate::catalog) struct CastFact {
    pub context: CastContext,
    pub method: CastMethod,
    /// Index of its function.
    pub function: Option<u32>,
}

/// The facts of one major version.
pub(in crate::catalog) struct SystemIndex {
    functions: Vec<LazyFunction>,
    pub operators: Vec<OperatorFact>,
    types: TypeCodes,
    functions_by_name: FxHashMap<&'static str, Range<u32>>,
    operators_by_name: FxHashMap<&'static str, Range<u32>>,
    operators_by_operands: FxHashMap<(&'static str, Option<TypeCode>, TypeCode), u32>,
    casts: FxHashMap<(TypeCode, TypeCode), CastFact>,
}

/// A function whose facts are read when it is first asked for.
struct LazyFunction {
    /// [`SystemFunction::place`]
    place: u32,
    fact: OnceLock<Option<FunctionFact>>,
}

/// The types that the facts may speak of.
struct TypeCodes {
    types: Vec<SystemType>,
    codes: FxHashMap<SystemType, TypeCode>,
}

impl TypeCodes {
    fn read(version: u8) -> TypeCodes {
        let with_array = |ty: SystemType| [ty, SystemType { array: true, ..ty }];
        let types: Vec<SystemType> = baseline::all_types(version).flat_map(with_array).collect();
        let codes = types.iter().zip(0..).map(|(ty, code)| (*ty, TypeCode(code))).collect();
        TypeCodes { types, codes }
    }

    /// The code of a type; one that no catalog resolves where the server lacks it.
    fn code(&self, ty: SystemType) -> TypeCode {
        self.codes.get(&ty).copied().unwrap_or(TypeCode(u16::MAX))
    }
}

impl SystemIndex {
    /// The facts of a major version.
    pub fn of(version: u8) -> &'static SystemIndex {
        const VERSIONS: usize = (baseline::NEWEST - baseline::OLDEST + 1) as usize;
        static INDEXES: [OnceLock<SystemIndex>; VERSIONS] = [const { OnceLock::new() }; VERSIONS];
        let version = version.clamp(baseline::OLDEST, baseline::NEWEST);
        INDEXES[usize::from(version - baseline::OLDEST)].get_or_init(|| SystemIndex::read(version))
    }

    fn read(version: u8) -> SystemIndex {
        let types = TypeCodes::read(version);
        let operators: Vec<_> = baseline::all_operators(version).map(|fact| read_operator(fact, &types)).collect();
        let operands = |(at, it): (usize, &OperatorFact)| ((it.fact.name, it.left, it.right), at as u32);
        let named: Vec<(&'static str, u32)> = baseline::all_functions(version).collect();
        let lazy = |&(_, place): &(_, u32)| LazyFunction { place, fact: OnceLock::new() };
        let mut index = SystemIndex {
            functions_by_name: by_name(named.iter().map(|(name, _)| *name)),
            operators_by_name: by_name(operators.iter().map(|it| it.fact.name)),
            operators_by_operands: operators.iter().enumerate().map(operands).collect(),
            casts: FxHashMap::default(),
            functions: named.iter().map(lazy).collect(),
            types,
            operators,
        };
        for cast in baseline::all_casts(version) {
            let (source, target) = (index.types.code(cast.source), index.types.code(cast.target));
            let function = cast.function.and_then(|name| index.cast_function(name, source, target));
            index.casts.insert((source, target), CastFact { context: cast.context, method: cast.method, function });
        }
        index
    }

    /// The function of a cast: the overload that takes the source type and gives the target.
    fn cast_function(&self, name: &str, source: TypeCode, target: TypeCode) -> Option<u32> {
        let mut named = self.functions_named(name).filter(|(_, it)| it.result == Some(target));
        named.find(|(_, it)| it.args.first() == Some(&source)).map(|(at, _)| at)
    }

    /// The functions of this name in `pg_catalog`.
    pub fn functions_named(&self, name: &str) -> impl Iterator<Item = (u32, &FunctionFact)> {
        let range = self.functions_by_name.get(name).cloned().unwrap_or(0..0);
        range.filter_map(|at| Some((at, self.function(at)?)))
    }

    /// How many functions there are.
    pub fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// A function.
    pub fn function(&self, at: u32) -> Option<&FunctionFact> {
        let LazyFunction { place, fact } = self.functions.get(at as usize)?;
        let read = || Some(read_function(baseline::function(*place)?, &self.types));
        fact.get_or_init(read).as_ref()
    }

    /// The operators of this name.
    pub fn operators_named(&self, name: &str) -> impl Iterator<Item = (u32, &OperatorFact)> {
        let range = self.operators_by_name.get(name).cloned().unwrap_or(0..0);
        range.map(|at| (at, &self.operators[at as usize]))
    }

    /// The name of an operator.
    pub fn operator_name(&self, at: u32) -> Option<&'static str> {
        self.operators.get(at as usize).map(|it| it.fact.name)
    }

    /// The schema and name of a function.
    pub fn function_name(&self, at: u32) -> Option<(&'static str, &'static str)> {
        self.function(at).map(|it| (it.fact.schema, it.fact.name))
    }

    /// The operator of this name with exactly these operands.
    pub fn operator(&self, name: Name, left: Option<TypeCode>, right: TypeCode) -> Option<u32> {
        self.operators_by_operands.get(&(name.as_str(), left, right)).copied()
    }

    /// The cast between two types.
    pub fn cast(&self, source: TypeCode, target: TypeCode) -> Option<CastFact> {
        self.casts.get(&(source, target)).copied()
    }
}

/// Where the entries of each name are; entries of one name stand together.
fn by_name(names: impl Iterator<Item = &'static str>) -> FxHashMap<&'static str, Range<u32>> {
    let mut ranges: FxHashMap<&'static str, Range<u32>> = FxHashMap::default();
    for (name, at) in names.zip(0..) {
        ranges.entry(name).or_insert(at..at).end = at + 1;
    }
    ranges
}

fn read_function(fact: SystemFunction, codes: &TypeCodes) -> FunctionFact {
    let args = fact.args().map(|ty| codes.code(ty)).collect();
    let result = fact.result().map(|ty| codes.code(ty));
    FunctionFact { fact, args, result }
}

fn read_operator(fact: SystemOperator, codes: &TypeCodes) -> OperatorFact {
    let (left, right, result) = (fact.left.map(|ty| codes.code(ty)), codes.code(fact.right), codes.code(fact.result));
    OperatorFact { fact, left, right, result }
}

impl FunctionFact {
    /// What it is.
    pub fn kind(&self) -> RoutineKind {
        self.fact.kind
    }

    /// provolatile.
    pub fn volatility(&self) -> Volatility {
        self.fact.volatility
    }
}

macro_rules! known_types {
    ($($field:ident = $name:literal,)*) => {
        /// Types that analysis itself speaks of.
        #[derive(Clone, Copy, Debug)]
        pub struct KnownTypes {
            $(
                #[doc = concat!("`", $name, "`")]
                pub $field: Type,
            )*
        }

        impl KnownTypes {
            fn resolve(find: impl Fn(&'static str) -> Type) -> KnownTypes {
                KnownTypes { $($field: find($name),)* }
            }
        }
    };
}

known_types! {
    unknown = "unknown",
    bool = "bool",
    int2 = "int2",
    int4 = "int4",
    int8 = "int8",
    float4 = "float4",
    float8 = "float8",
    numeric = "numeric",
    text = "text",
    name = "name",
    bit = "bit",
    date = "date",
    time = "time",
    timetz = "timetz",
    timestamp = "timestamp",
    timestamptz = "timestamptz",
    interval = "interval",
    uuid = "uuid",
    json = "json",
    jsonb = "jsonb",
    xml = "xml",
    oid = "oid",
    tid = "tid",
    xid = "xid",
    cid = "cid",
    money = "money",
    regclass = "regclass",
    regtype = "regtype",
    regproc = "regproc",
    regprocedure = "regprocedure",
    regoper = "regoper",
    regoperator = "regoperator",
    regnamespace = "regnamespace",
    regrole = "regrole",
    regconfig = "regconfig",
    regdictionary = "regdictionary",
    regcollation = "regcollation",
    record = "record",
    record_array = "_record",
    int2vector = "int2vector",
    oidvector = "oidvector",
    any = "any",
    anyelement = "anyelement",
    anyarray = "anyarray",
    anynonarray = "anynonarray",
    anyenum = "anyenum",
    anyrange = "anyrange",
    anymultirange = "anymultirange",
    anycompatible = "anycompatible",
    anycompatiblearray = "anycompatiblearray",
    anycompatiblenonarray = "anycompatiblenonarray",
    anycompatiblerange = "anycompatiblerange",
    anycompatiblemultirange = "anycompatiblemultirange",
}

/// The types of the facts as types of one catalog.
#[derive(Debug)]
pub struct SystemTypes {
    /// Those that have a name in the code.
    pub known: KnownTypes,
    by_code: Vec<Option<Type>>,
    codes: FxHashMap<Type, TypeCode>,
    /// What was chosen among the operators of the system alone.
    chosen: RwLock<FxHashMap<OperatorUse, Chosen>>,
}

/// An operator's name with what is known of its operands: the left one, unless it is a prefix operator, and the right.
pub(super) type OperatorUse = (Name, Option<Option<Type>>, Option<Type>);

/// Which operator of the system a use means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chosen {
    /// This one.
    Found(u32),
    /// None fits.
    None,
    /// Several fit equally well.
    Several,
    /// It depends on an operand that is not known; all that may be meant yield this type, where it is known.
    Unknown(Option<Type>),
}

impl SystemTypes {
    /// Looks all types up. A type that the catalog lacks is nobody's: no column has it.
    pub(in crate::catalog) fn resolve(catalog: CatalogAt<'_>, version: u8) -> SystemTypes {
        let find = |ty: SystemType| {
            let found = catalog.system_type(ty, None)?;
            Some(Type { id: found.id, array: found.array })
        };
        let nobody = Type { id: crate::catalog::ObjectId(u32::MAX), array: false };
        let known = |name| find(SystemType { schema: None, name, array: false }).unwrap_or(nobody);
        let by_code: Vec<_> = SystemIndex::of(version).types.types.iter().map(|ty| find(*ty)).collect();
        let codes = by_code.iter().zip(0..).filter_map(|(ty, code)| Some(((*ty)?, TypeCode(code)))).collect();
        SystemTypes { known: KnownTypes::resolve(known), by_code, codes, chosen: RwLock::default() }
    }

    /// What was chosen for such a use before.
    pub(super) fn chosen(&self, wanted: &OperatorUse) -> Option<Chosen> {
        self.chosen.read().unwrap_or_else(PoisonError::into_inner).get(wanted).copied()
    }

    /// Keeps what was chosen.
    pub(super) fn keep_chosen(&self, wanted: OperatorUse, chosen: Chosen) {
        self.chosen.write().unwrap_or_else(PoisonError::into_inner).insert(wanted, chosen);
    }

    pub(in crate::catalog) fn ty(&self, code: TypeCode) -> Option<Type> {
        self.by_code.get(usize::from(code.0)).copied().flatten()
    }

    pub(super) fn code(&self, ty: Type) -> Option<TypeCode> {
        self.codes.get(&ty).copied()
    }
}
