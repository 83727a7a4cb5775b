//! Parse analysis: what names in queries and expressions mean, of which type everything is, what is read.
//!
//! The rules are those of the server's own analysis (parse_relation.c, parse_expr.c, parse_func.c …).
//! An [`Error`] is what the server would certainly say. Where something cannot be known, because it
//! rests on an unknown object or on a construct that is not followed, the type is `None` and nothing is
//! reported.

mod aggregate;
mod call;
mod candidates;
mod coerce;
mod constant;
mod data;
mod error;
mod expr;
mod from;
mod function;
mod names;
mod needs;
mod operator;
mod polymorph;
mod purpose;
mod query;
mod same;
mod scope;
mod system;
mod target;
pub mod tree;
mod types;
mod volatility;
pub mod walk;

use std::sync::Arc;

pub(in crate::catalog) use constant::{array_elements, input, name_parts, parse_bool, parse_uuid};
pub use error::{Error, Missing, Result};
pub use needs::Needs;
pub(in crate::catalog) use scope::column_names;
pub(in crate::catalog) use system::{KnownTypes, SystemIndex, SystemTypes};
pub use tree::{Modifiers, RangeEntry};
pub(in crate::catalog) use types::Facts;

use self::expr::Analyzer;
use self::query::Wanted;
use super::{CatalogAt, Object, ObjectId, TypeRef};
use crate::syntax::{CastContext, DataRef, Expr, Name, Query, Volatility};

/// Where names are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a> {
    /// The catalog as the statement meets it.
    pub catalog: CatalogAt<'a>,
    /// The effective search_path.
    pub search_path: &'a [ObjectId],
    /// The server's major version.
    pub version: u8,
    /// What may exist although the catalog lacks it.
    pub doubt: Option<&'a dyn Uncertainty>,
    /// The number of the transaction it is asked in, where that matters (a new enum label cannot be used yet).
    pub transaction: Option<u32>,
}

impl<'a> Environment<'a> {
    /// Where nothing is in doubt.
    pub fn new(catalog: CatalogAt<'a>, search_path: &'a [ObjectId], version: u8) -> Environment<'a> {
        Environment { catalog, search_path, version, doubt: None, transaction: None }
    }
}

/// Names that code which could not be followed may have made or dropped.
pub trait Uncertainty: std::fmt::Debug {
    /// Whether it is unknown if something of this name exists.
    fn may_exist(&self, name: Name) -> bool;
}

/// A type, or the array of it, without modifiers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Type {
    /// The (element) type.
    pub id: ObjectId,
    /// Whether it is the array of it.
    pub array: bool,
}

/// A function, aggregate or procedure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FunctionId {
    /// Of the empty server, by its place in the table of those.
    System(u32),
    /// Of the catalog.
    Object(ObjectId),
}

/// An operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OperatorId {
    /// Of the empty server, by its place in the table of those.
    System(u32),
    /// Of the catalog.
    Object(ObjectId),
}

/// What an expression or query may name beyond the catalog.
#[derive(Clone, Default, Debug)]
pub struct Scope {
    /// The relations whose columns are in sight; an expression's [`tree::Var`] names them by their place here.
    pub relations: Vec<ScopeRelation>,
    /// The parameters of the function around, `$1` first.
    pub parameters: Vec<ScopeVariable>,
    /// The name of the function around, which may qualify its parameters.
    pub function: Option<Name>,
    /// Variables of the PL/pgSQL code around, innermost block first.
    pub variables: Vec<ScopeVariable>,
    /// A name that is a variable's and a column's is refused (`plpgsql.variable_conflict = error`); else it
    /// is the column's.
    pub variables_conflict: bool,
}

/// A relation in sight.
#[derive(Clone, Debug)]
pub struct ScopeRelation {
    /// What its columns may be qualified by: its own name, `new`, `old`, `excluded`.
    pub name: Name,
    /// Which it is.
    pub id: ObjectId,
    /// What it is, columns and all.
    pub object: Arc<Object>,
}

/// A parameter or variable.
#[derive(Clone, Debug)]
pub struct ScopeVariable {
    /// Its name; `None` for a parameter that has none.
    pub name: Option<Name>,
    /// The block or function that may qualify it.
    pub qualifier: Option<Name>,
    /// Its type, where it is known.
    pub ty: Option<TypeRef>,
    /// The fields of a record, where they are known.
    pub fields: Option<Vec<(Name, Option<TypeRef>)>>,
}

impl Scope {
    /// Nothing but what the catalog holds.
    pub fn empty() -> Scope {
        Scope::default()
    }

    /// The columns of one relation: checks, policies, indexes, generated columns.
    pub fn of(catalog: CatalogAt<'_>, relation: ObjectId) -> Scope {
        let mut scope = Scope::default();
        if let Some(object) = catalog.get(relation) {
            scope.relations.push(ScopeRelation { name: object.name, id: relation, object: object.clone() });
        }
        scope
    }

    /// OLD and NEW of a relation: the WHEN of a trigger, the parts of a rule.
    pub fn old_and_new(catalog: CatalogAt<'_>, relation: ObjectId) -> Scope {
        let mut scope = Scope::default();
        if let Some(object) = catalog.get(relation) {
            for name in ["old", "new"] {
                let name = Name::from(name);
                scope.relations.push(ScopeRelation { name, id: relation, object: object.clone() });
            }
        }
        scope
    }
}

/// What an expression is for: decides what it may hold and what it must yield.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the fields are the column or type that the variant's text speaks of")]
pub enum Purpose {
    /// DEFAULT of a column of this type.
    Default { column: Name, ty: Option<TypeRef> },
    /// GENERATED ALWAYS AS of a column of this type.
    Generated { column: Name, ty: Option<TypeRef> },
    /// CHECK of a table.
    Check,
    /// CHECK of a domain over this type.
    DomainCheck { base: Option<TypeRef> },
    /// An expression of an index.
    Index,
    /// WHERE of an index or of an exclusion constraint.
    IndexPredicate,
    /// An expression of CREATE STATISTICS.
    Statistics,
    /// An expression of PARTITION BY.
    PartitionKey,
    /// A value of FOR VALUES of a key column of this type.
    PartitionBound { ty: Option<TypeRef> },
    /// USING or WITH CHECK of a policy.
    Policy,
    /// WHEN of a trigger.
    TriggerWhen,
    /// WHERE of a rule.
    RuleWhen,
    /// WHERE of a published table.
    PublicationFilter,
    /// DEFAULT of a function's parameter of this type.
    ParameterDefault { ty: Option<TypeRef> },
    /// USING of ALTER COLUMN TYPE to this type.
    AlterTypeUsing { column: Name, ty: Option<TypeRef> },
    /// An argument of EXECUTE, an expression of PL/pgSQL.
    Value,
    /// The call of a CALL statement.
    CallArguments,
}

/// A resolved expression.
#[derive(Clone, Debug)]
pub struct ExprAnalysis {
    /// The expression, converted to what its purpose asks for.
    pub expr: tree::Expr,
    /// What its columns belong to.
    pub ranges: Vec<RangeEntry>,
}

/// A resolved query or data statement.
#[derive(Clone, Debug)]
pub struct QueryAnalysis {
    /// The query.
    pub query: tree::Query,
    /// What the scope around it offered.
    pub ranges: Vec<RangeEntry>,
}

/// An output column of a query.
#[derive(Clone, PartialEq, Debug)]
pub struct OutputColumn {
    /// Its name.
    pub name: Name,
    /// Its type; `None` where it cannot be known.
    pub ty: Option<TypeRef>,
    /// Its collation, where it is known to differ from the type's own.
    pub collation: Option<Name>,
}

/// Resolves a query.
pub fn query(environment: Environment<'_>, scope: &Scope, query: &Query) -> Result<QueryAnalysis> {
    let analyzer = Analyzer { facts: Facts::new(environment), scope };
    let outer = analyzer.scope_level();
    let query = analyzer.query(Some(&outer), query, Wanted::default())?;
    Ok(QueryAnalysis { query, ranges: outer.ranges })
}

/// Resolves a query or a statement that writes rows.
pub fn statement(environment: Environment<'_>, scope: &Scope, statement: DataRef<'_>) -> Result<QueryAnalysis> {
    let analyzer = Analyzer { facts: Facts::new(environment), scope };
    let outer = analyzer.scope_level();
    let query = analyzer.data_statement(Some(&outer), statement)?;
    Ok(QueryAnalysis { query, ranges: outer.ranges })
}

/// Resolves an expression for a purpose.
pub fn expression(environment: Environment<'_>, scope: &Scope, expr: &Expr, purpose: &Purpose) -> Result<ExprAnalysis> {
    let analyzer = Analyzer { facts: Facts::new(environment), scope };
    let level = analyzer.scope_level();
    let expr = analyzer.for_purpose(&level, expr, purpose)?;
    Ok(ExprAnalysis { expr, ranges: level.ranges })
}

/// The type of a written name; `None` where it is not known or not there.
pub fn type_named(environment: Environment<'_>, name: &crate::syntax::TypeName) -> Option<TypeRef> {
    let (ty, modifiers) = Facts::new(environment).resolve_type(name).ok()??;
    type_ref(Some(ty), modifiers)
}

/// How often a function must be asked; `None` where it is not known.
pub fn function_volatility(environment: Environment<'_>, function: FunctionId) -> Option<Volatility> {
    Facts::new(environment).function_volatility(function)
}

/// Whether a value of one type becomes one of another by itself where a context asks for that.
pub fn can_coerce(environment: Environment<'_>, from: Type, to: Type, context: CastContext) -> bool {
    Facts::new(environment).can_coerce_one(from, to, context)
}

/// Whether a value of one type is one of another as it stands (IsBinaryCoercible).
pub fn is_binary_coercible(environment: Environment<'_>, from: Type, to: Type) -> bool {
    Facts::new(environment).is_binary_coercible(from, to)
}

impl ExprAnalysis {
    /// Its type with modifiers, where it can be known.
    pub fn ty(&self) -> Option<TypeRef> {
        type_ref(self.expr.ty, self.expr.modifiers)
    }

    /// How often it must be computed; `None` where a function of it is not known.
    pub fn volatility(&self, environment: Environment<'_>) -> Option<Volatility> {
        volatility::of(&Facts::new(environment), &self.expr)
    }
}

impl QueryAnalysis {
    /// The columns that the query yields (of a statement that writes: RETURNING).
    pub fn columns(&self) -> Vec<OutputColumn> {
        let targets =
            if self.query.command == tree::Command::Select { &self.query.targets } else { &self.query.returning };
        let column = |target: &tree::Target| OutputColumn {
            name: target.name,
            ty: type_ref(target.expr.ty, target.expr.modifiers),
            collation: None,
        };
        targets.iter().filter(|target| !target.junk).map(column).collect()
    }
}

fn type_ref(ty: Option<Type>, modifiers: Modifiers) -> Option<TypeRef> {
    let Type { id, array } = ty?;
    Some(TypeRef { id, modifiers: modifiers.as_slice().to_vec(), array })
}
