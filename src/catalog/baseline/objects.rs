//! Facts as objects: what CREATE EXTENSION makes, and functions of the system that a statement names.

use std::sync::Arc;

use super::extensions::{ExtensionType, FactRelation};
use super::system::{SystemCast, SystemFunction, SystemOperator, SystemType};
use super::{column, relation};
use crate::catalog::{
    Cast, CatalogAt, Column, EnumLabel, Kind, NameKey, NameSpace, Object, ObjectId, Operator, Relation, Routine,
    RoutineKind, RoutineParameter, Type, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, Name, ParameterMode};

/// A function of the system as an object; `None` where a type of it is not known.
pub(crate) fn routine_object(catalog: CatalogAt<'_>, function: &SystemFunction) -> Option<Object> {
    let schema = catalog.schema(Name::from(function.schema))?;
    let owner = catalog.get(schema)?.owner;
    let routine = routine(catalog, function, None)?;
    Some(Object { owner, ..Object::new(Name::from(function.name), Some(schema), Kind::Routine(routine)) })
}

/// `at`: the schema that the extension is installed in.
pub(crate) fn routine(catalog: CatalogAt<'_>, function: &SystemFunction, at: Option<ObjectId>) -> Option<Routine> {
    let returns = function.result().filter(|ty| function.kind != RoutineKind::Procedure || ty.name != "void");
    let returns = match returns {
        Some(ty) => Some(catalog.system_type(ty, at)?),
        None => None,
    };
    Some(Routine {
        kind: function.kind,
        parameters: parameters(catalog, function, at)?,
        returns,
        returns_set: function.returns_set,
        language: Name::from("internal"),
        volatility: function.volatility,
        security_definer: function.security_definer,
        strict: function.strict,
        leakproof: function.leakproof,
        settings: Vec::new(),
        source: Arc::from(""),
        body: None,
        parallel: None,
        cost: None,
        rows: None,
        has_more: false,
        direct_args: None,
    })
}

fn parameters(
    catalog: CatalogAt<'_>,
    function: &SystemFunction,
    at: Option<ObjectId>,
) -> Option<Vec<RoutineParameter>> {
    let types: Vec<SystemType> = function.args().collect();
    let first_default = types.len().saturating_sub(function.defaults);
    let mut names = function.argument_names().map(Some).chain(std::iter::repeat(None));
    let mut parameters = Vec::new();
    for (number, ty) in types.iter().enumerate() {
        let variadic = function.variadic && number + 1 == types.len();
        parameters.push(RoutineParameter {
            name: names.next().flatten().filter(|name| !name.is_empty()).map(Name::from),
            mode: if variadic { ParameterMode::Variadic } else { ParameterMode::In },
            ty: catalog.system_type(*ty, at)?,
            // What the default is nobody asks; that there is one decides which calls fit.
            default: (number >= first_default).then(|| Arc::new(Expr { span: Span::NONE, kind: ExprKind::Null })),
        });
    }
    for (name, ty) in function.outputs() {
        parameters.push(RoutineParameter {
            name: Some(name).filter(|name| !name.is_empty()).map(Name::from),
            mode: if function.returns_set { ParameterMode::Table } else { ParameterMode::Out },
            ty: catalog.system_type(ty, at)?,
            default: None,
        });
    }
    Some(parameters)
}

pub(crate) fn operator(catalog: CatalogAt<'_>, operator: &SystemOperator, at: Option<ObjectId>) -> Option<Operator> {
    let left = match operator.left {
        Some(left) => Some(catalog.system_type(left, at)?),
        None => None,
    };
    let right = catalog.system_type(operator.right, at)?;
    let result = catalog.system_type(operator.result, at);
    Some(Operator { left, right, result, function: None })
}

pub(crate) fn cast(catalog: CatalogAt<'_>, cast: &SystemCast, at: Option<ObjectId>) -> Option<Cast> {
    let source = catalog.system_type(cast.source, at)?;
    let target = catalog.system_type(cast.target, at)?;
    let inout = cast.method == super::CastMethod::InOut;
    let function = cast.function.and_then(|name| cast_function(catalog, name, &source, at?));
    Some(Cast { source, target, context: cast.context, function, inout })
}

/// The function of a cast takes its source first.
fn cast_function(catalog: CatalogAt<'_>, name: &str, source: &TypeRef, schema: ObjectId) -> Option<ObjectId> {
    let key = NameKey { space: NameSpace::Routine, parent: Some(schema), name: Name::from(name) };
    catalog.named(key).iter().copied().find(|&id| {
        let routine = catalog.get(id).and_then(|object| object.as_routine());
        routine.and_then(|routine| routine.inputs().next()).is_some_and(|first| first.ty.id == source.id)
    })
}

/// A type whose like needs no relation; composite types are [`attributes`].
pub(crate) fn simple_type(catalog: CatalogAt<'_>, fact: &ExtensionType, at: Option<ObjectId>) -> Option<Type> {
    let base = |fact: &ExtensionType| catalog.system_type(fact.base?, at);
    let class = match fact.class {
        'e' => TypeClass::Enum { labels: fact.labels().map(label).collect() },
        'd' => TypeClass::Domain { base: base(fact)?, not_null: false, default: None },
        'r' => TypeClass::Range { subtype: base(fact)? },
        'p' => TypeClass::Pseudo,
        'b' => TypeClass::Base,
        _ => return None,
    };
    Some(Type { class, category: fact.category, preferred: fact.preferred })
}

fn label(text: &'static str) -> EnumLabel {
    EnumLabel { text: Arc::from(text), span: Span::NONE, added_in: 0 }
}

/// The columns of a composite type.
pub(crate) fn attributes(catalog: CatalogAt<'_>, fact: &ExtensionType, at: Option<ObjectId>) -> Vec<Arc<Column>> {
    let attributes = fact.attributes().zip(1..);
    attributes.map(|((name, ty), number)| Arc::new(column(name, number, catalog.system_type(ty, at)))).collect()
}

/// A relation of an extension; `None` for a sequence.
pub(crate) fn fact_relation(catalog: CatalogAt<'_>, fact: &FactRelation, at: Option<ObjectId>) -> Option<Relation> {
    let columns = fact.columns().zip(1..).map(|(it, number)| {
        let ty = catalog.system_type(it.ty, at);
        Arc::new(Column { not_null: it.not_null, ..column(it.name, number, ty) })
    });
    let row_security = fact.row_security.then_some(Span::NONE);
    Some(Relation { row_security, ..relation(fact.class?, columns.collect()) })
}
