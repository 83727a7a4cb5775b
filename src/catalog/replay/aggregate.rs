//! Aggregates, and the functions that come with a range type.

use std::sync::Arc;

use super::function::NewRoutine;
use super::other::value_of;
use super::type_::qualified;
use super::{Effect, Replay};
use crate::catalog::{Dependency, Kind, Object, ObjectId, Outcome, Routine, RoutineKind, RoutineParameter, TypeRef};
use crate::source::Span;
use crate::syntax::{
    Define, DefinitionValue, FunctionSignature, Ident, Name, Parameter, ParameterMode, QualifiedName, Volatility,
};

impl Replay {
    pub(super) fn create_aggregate(&mut self, define: &Define) -> Effect {
        let schema = self.schema_for_new(&define.name)?;
        let parameters = self.aggregate_parameters(define)?;
        let Some(DefinitionValue::Type(state_type)) = value_of(define, "stype").or_else(|| value_of(define, "stype1"))
        else {
            return Err(self.refuse("42P13", define.name.span(), "aggregate stype must be specified"));
        };
        let state = self.resolve_type(state_type)?;
        let transition = value_of(define, "sfunc").or_else(|| value_of(define, "sfunc1"));
        let Some(DefinitionValue::Type(transition)) = transition else {
            return Err(self.refuse("42P13", define.name.span(), "aggregate sfunc must be specified"));
        };
        let mut inputs = vec![state.clone()];
        let direct = define.direct_args.unwrap_or(0) as usize;
        inputs.extend(parameters.iter().skip(direct).map(|parameter| parameter.ty.clone()));
        let mut depends = vec![Dependency::normal(self.support_function(transition, &inputs)?)];
        let mut returns = state.clone();
        if let Some(DefinitionValue::Type(last)) = value_of(define, "finalfunc") {
            let function = self.support_function(last, &[state])?;
            depends.push(Dependency::normal(function));
            let result = self.now().get(function).and_then(|object| object.as_routine()?.returns.clone());
            returns = result.unwrap_or(returns);
        }
        let routine = Routine {
            direct_args: define.direct_args,
            ..internal(RoutineKind::Aggregate, parameters, returns, "aggregate_dummy")
        };
        let new = NewRoutine {
            name: define.name.name,
            schema,
            routine,
            depends,
            spans: Vec::new(),
            result_span: define.name.span(),
        };
        self.put_routine(new, define.replace)?;
        Ok(Outcome::Done)
    }

    /// The arguments that are written, or the one of the old style's `basetype`.
    fn aggregate_parameters(&mut self, define: &Define) -> Effect<Vec<RoutineParameter>> {
        if let Some(args) = &define.args {
            let mut parameters = Vec::with_capacity(args.len());
            for Parameter { name, mode, ty, .. } in args {
                let ty = TypeRef { modifiers: Vec::new(), ..self.resolve_type(ty)? };
                parameters.push(RoutineParameter { name: name.map(|name| name.name), mode: *mode, ty, default: None });
            }
            return Ok(parameters);
        }
        match value_of(define, "basetype") {
            Some(DefinitionValue::Type(ty)) if !ty.name().eq_ignore_ascii_case("any") => {
                let ty = self.resolve_type(ty)?;
                Ok(vec![RoutineParameter { name: None, mode: ParameterMode::In, ty, default: None }])
            }
            Some(_) => Ok(Vec::new()),
            None => Err(self.refuse("42P13", define.name.span(), "aggregate input type must be specified")),
        }
    }

    /// A function that an aggregate calls. Arguments may be polymorphic or binary compatible.
    fn support_function(&mut self, name: &crate::syntax::TypeName, inputs: &[TypeRef]) -> Effect<ObjectId> {
        let name = qualified(name)?;
        self.function_of_types(&name, inputs, name.span())
    }

    /// A function of this name and these argument types. Where none fits exactly, one that takes as many may.
    pub(crate) fn function_of_types(
        &mut self,
        name: &QualifiedName,
        inputs: &[TypeRef],
        span: Span,
    ) -> Effect<ObjectId> {
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        if let Some(exact) = self.routine_of_inputs(name, inputs) {
            return Ok(exact);
        }
        let near = self.routines_named(name).into_iter().find(|&id| {
            self.now()
                .get(id)
                .and_then(|object| object.as_routine())
                .is_some_and(|it| it.inputs().count() == inputs.len())
        });
        if let Some(near) = near {
            return Ok(near);
        }
        if let Some(near) = self.system_routine_of(name, inputs.len()) {
            return Ok(near);
        }
        let signature = FunctionSignature { span, name: name.clone(), args: Some(Vec::new()) };
        Err(self.refuse_no_routine_of(&signature, inputs))
    }

    // --- ranges -----------------------------------------------------------------------------------

    /// The constructors of a range type and of its multirange: they go with their type.
    pub(crate) fn create_range_constructors(
        &mut self,
        range: (Ident, ObjectId, ObjectId),
        subtype: TypeRef,
        multirange: (Ident, ObjectId, ObjectId),
    ) -> Effect<()> {
        let ty = |id, array| TypeRef { id, modifiers: Vec::new(), array };
        let plain = |ty| parameter(ty, ParameterMode::In);
        let text = self.system("text")?;
        let subtype = TypeRef { modifiers: Vec::new(), ..subtype };
        let two = vec![plain(subtype.clone()), plain(subtype)];
        let three = two.iter().cloned().chain([plain(text)]).collect();
        for (parameters, source) in [(two, "range_constructor2"), (three, "range_constructor3")] {
            self.add_constructor(range, parameters, source, false);
        }
        let of_multirange = [
            (vec![], "multirange_constructor0"),
            (vec![plain(ty(range.2, false))], "multirange_constructor1"),
            (vec![parameter(ty(range.2, true), ParameterMode::Variadic)], "multirange_constructor2"),
        ];
        for (parameters, source) in of_multirange {
            self.add_constructor(multirange, parameters, source, true);
        }
        Ok(())
    }

    fn add_constructor(
        &mut self,
        (name, schema, ty): (Ident, ObjectId, ObjectId),
        parameters: Vec<RoutineParameter>,
        source: &str,
        strict: bool,
    ) {
        let returns = TypeRef { id: ty, modifiers: Vec::new(), array: false };
        let routine = Routine {
            language: Name::from("internal"),
            volatility: Volatility::Immutable,
            strict,
            parallel: Some(Name::from("safe")),
            ..internal(RoutineKind::Function, parameters, returns, source)
        };
        // makeRangeConstructors: they are the system's own, whoever makes the type.
        let mut object = Object::new(name.name, Some(schema), Kind::Routine(routine));
        object.span = name.span;
        object.owner = self.now().schema(Name::from("pg_catalog")).and_then(|schema| self.now().get(schema)?.owner);
        object.acl = self.default_acl(&object);
        object.depends.push(Dependency::internal(ty));
        self.add(object);
    }
}

fn parameter(ty: TypeRef, mode: ParameterMode) -> RoutineParameter {
    RoutineParameter { name: None, mode, ty, default: None }
}

/// A routine without code of its own.
fn internal(kind: RoutineKind, parameters: Vec<RoutineParameter>, returns: TypeRef, source: &str) -> Routine {
    Routine {
        kind,
        parameters,
        returns: Some(returns),
        returns_set: false,
        language: Name::from("internal"),
        volatility: Volatility::Immutable,
        security_definer: false,
        strict: false,
        leakproof: false,
        settings: Vec::new(),
        source: Arc::from(source),
        body: None,
        parallel: None,
        cost: None,
        rows: None,
        has_more: false,
        direct_args: None,
    }
}
