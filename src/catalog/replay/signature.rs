//! Finding a routine by what a statement calls it (LookupFuncWithArgs).

use super::function::{input_types, same_types};
use super::{Effect, Replay, Stop};
use crate::catalog::{NameKey, NameSpace, ObjectId, Routine, RoutineKind, RoutineParameter, TypeRef, baseline};
use crate::source::Span;
use crate::syntax::{FunctionSignature, ObjectKind, Parameter, ParameterMode, QualifiedName};

/// The argument types that are written, with and without those of OUT parameters.
struct Arguments {
    inputs: Vec<TypeRef>,
    /// All of them, where no mode is written: the way of the SQL standard to name a procedure.
    all: Option<Vec<TypeRef>>,
}

impl Replay {
    /// The routine that a signature names where it must exist, of whatever kind.
    pub(crate) fn routine(&mut self, signature: &FunctionSignature) -> Effect<ObjectId> {
        self.routine_of_kind(ObjectKind::Routine, signature)
    }

    /// The routine that a signature names after FUNCTION, PROCEDURE, AGGREGATE or ROUTINE.
    pub(crate) fn routine_of_kind(&mut self, kind: ObjectKind, signature: &FunctionSignature) -> Effect<ObjectId> {
        if let Some(schema) = signature.name.schema {
            self.schema_named(schema)?;
        }
        let Some(written) = &signature.args else { return self.routine_by_name(kind, signature) };
        let arguments = self.arguments(written)?;
        let found = self.routine_by_types(&signature.name, &arguments);
        match found.or_else(|| self.system_routine(&signature.name, &arguments.inputs)) {
            Some(id) => {
                self.check_routine_kind(id, kind, signature)?;
                Ok(id)
            }
            None => Err(self.refuse_no_routine(kind, signature)),
        }
    }

    fn arguments(&mut self, written: &[Parameter]) -> Effect<Arguments> {
        let mut inputs = Vec::with_capacity(written.len());
        let mut all = Vec::with_capacity(written.len());
        for parameter in written {
            let ty = TypeRef { modifiers: Vec::new(), ..self.resolve_type(&parameter.ty)? };
            if parameter.mode != ParameterMode::Out {
                inputs.push(ty.clone());
            }
            all.push(ty);
        }
        let plain = written.iter().all(|parameter| parameter.mode == ParameterMode::In);
        Ok(Arguments { inputs, all: plain.then_some(all) })
    }

    fn routine_by_types(&self, name: &QualifiedName, arguments: &Arguments) -> Option<ObjectId> {
        let candidates = self.routines_named(name);
        let by_inputs = |&id: &ObjectId| {
            self.routine_at(id).is_some_and(|routine| same_types(&input_types(routine), &arguments.inputs))
        };
        let by_all = |&id: &ObjectId| {
            let procedure = self.routine_at(id).filter(|routine| routine.kind == RoutineKind::Procedure);
            let all = procedure.map(|routine| all_types(&routine.parameters));
            arguments.all.as_ref().zip(all).is_some_and(|(written, all)| same_types(&all, written))
        };
        candidates.iter().copied().find(by_inputs).or_else(|| candidates.iter().copied().find(by_all))
    }

    /// All routines of a name that are in sight; of equal signatures only the first along search_path.
    pub(crate) fn routines_named(&self, name: &QualifiedName) -> Vec<ObjectId> {
        let now = self.now();
        let schemas: Vec<ObjectId> = match &name.schema {
            Some(schema) => now.schema(schema.name).into_iter().collect(),
            None => self.path.to_vec(),
        };
        let mut found: Vec<ObjectId> = Vec::new();
        for schema in schemas {
            let key = NameKey { space: NameSpace::Routine, parent: Some(schema), name: name.name.name };
            for &id in now.named(key) {
                let inputs = self.routine_at(id).map(input_types);
                let hidden = found.iter().any(|&other| {
                    let other = self.routine_at(other).map(input_types);
                    inputs.as_ref().zip(other).is_some_and(|(inputs, other)| same_types(inputs, &other))
                });
                if !hidden {
                    found.push(id);
                }
            }
        }
        found
    }

    fn routine_at(&self, id: ObjectId) -> Option<&Routine> {
        self.now().get(id)?.as_routine()
    }

    /// A routine that is named without arguments must be the only one of its name and kind.
    fn routine_by_name(&mut self, kind: ObjectKind, signature: &FunctionSignature) -> Effect<ObjectId> {
        let fits = |replay: &Replay, id: ObjectId| {
            let procedure = replay.routine_at(id).is_some_and(|routine| routine.kind == RoutineKind::Procedure);
            match kind {
                ObjectKind::Procedure => procedure,
                ObjectKind::Function | ObjectKind::Aggregate => !procedure,
                _ => true,
            }
        };
        let candidates: Vec<ObjectId> =
            self.routines_named(&signature.name).into_iter().filter(|&id| fits(self, id)).collect();
        match candidates[..] {
            [id] => {
                self.check_routine_kind(id, kind, signature)?;
                Ok(id)
            }
            [] => match self.only_system_routine(&signature.name) {
                Some(id) => Ok(id),
                None => Err(self.refuse_no_routine(kind, signature)),
            },
            _ => Err(self.refuse_ambiguous(kind, signature, &candidates)),
        }
    }

    fn refuse_ambiguous(&self, kind: ObjectKind, signature: &FunctionSignature, candidates: &[ObjectId]) -> Stop {
        let message = format!("{} name \"{}\" is not unique", word(kind), signature.name);
        let refusal = self.refuse("42725", signature.span, message);
        let places = candidates.iter().filter_map(|&id| self.now().get(id));
        let refusal = places.take(10).fold(refusal, |refusal, object| {
            let arguments =
                object.as_routine().map(|routine| self.now().identity_arguments_within(routine, &self.path));
            refusal.label(object.span, format!("{}({})", object.name, arguments.unwrap_or_default()))
        });
        refusal.help("name the argument types")
    }

    fn check_routine_kind(&self, id: ObjectId, kind: ObjectKind, signature: &FunctionSignature) -> Effect<()> {
        let Some(routine) = self.routine_at(id) else { return Ok(()) };
        let name = &signature.name;
        let message = match (kind, routine.kind) {
            (ObjectKind::Function, RoutineKind::Procedure) => format!("{name} is not a function"),
            (ObjectKind::Procedure, is) if is != RoutineKind::Procedure => format!("{name} is not a procedure"),
            (ObjectKind::Aggregate, is) if is != RoutineKind::Aggregate => {
                format!("function {name} is not an aggregate")
            }
            _ => return Ok(()),
        };
        Err(self.refuse_because("42809", signature.span, message, id, format!("it is a {}", routine.kind.word())))
    }

    /// The refusal for a routine that is not there: points at those of the same name that are.
    fn refuse_no_routine(&mut self, kind: ObjectKind, signature: &FunctionSignature) -> Stop {
        let name = &signature.name;
        let others = self.routines_named(name);
        let (message, others) = match &signature.args {
            None => (format!("could not find a {} named \"{name}\"", word(kind)), Vec::new()),
            Some(args) => {
                let types: Vec<String> = args.iter().map(|parameter| self.written_type(parameter)).collect();
                (format!("{} {name}({}) does not exist", word(kind), types.join(", ")), others)
            }
        };
        if let Some(why) = self.doubt.about(name.name.name) {
            return Stop::Unknown(why);
        }
        if self.extension_may_have_made(NameSpace::Routine, name) {
            return self.unknown("an extension whose functions are not known may have made it");
        }
        if others.is_empty() {
            return self.refuse_no_such("42883", NameSpace::Routine, name, message);
        }
        let refusal = self.refuse("42883", signature.span, message);
        others.iter().filter_map(|&id| self.now().get(id)).take(10).fold(refusal, |refusal, object| {
            let arguments =
                object.as_routine().map(|routine| self.now().identity_arguments_within(routine, &self.path));
            refusal.label(object.span, format!("there is {}({})", object.name, arguments.unwrap_or_default()))
        })
    }

    /// The same where the argument types are not written but follow.
    pub(crate) fn refuse_no_routine_of(&mut self, signature: &FunctionSignature, inputs: &[TypeRef]) -> Stop {
        let types: Vec<String> = inputs.iter().map(|ty| self.now().type_name_within(ty, &self.path)).collect();
        let message = format!("function {}({}) does not exist", signature.name, types.join(", "));
        self.refuse_no_such("42883", NameSpace::Routine, &signature.name, message)
    }

    /// The routine with exactly these input types.
    pub(crate) fn routine_of_inputs(&mut self, name: &QualifiedName, inputs: &[TypeRef]) -> Option<ObjectId> {
        let arguments = Arguments { inputs: inputs.to_vec(), all: None };
        self.routine_by_types(name, &arguments).or_else(|| self.system_routine(name, inputs))
    }

    fn written_type(&mut self, parameter: &Parameter) -> String {
        match self.resolve_type(&parameter.ty) {
            Ok(ty) => self.now().type_name_within(&ty, &self.path),
            Err(_) => parameter.ty.name().to_string(),
        }
    }

    /// `function f() does not exist`, for a function without arguments that a trigger or the like calls.
    pub(crate) fn function_without_arguments(&mut self, name: &QualifiedName, span: Span) -> Effect<ObjectId> {
        let signature = FunctionSignature { span, name: name.clone(), args: Some(Vec::new()) };
        self.routine_of_kind(ObjectKind::Routine, &signature).map_err(|stop| stop.at(span))
    }

    // --- routines of the system -------------------------------------------------------------------

    /// A routine of `pg_catalog` by its argument types.
    fn system_routine(&mut self, name: &QualifiedName, inputs: &[TypeRef]) -> Option<ObjectId> {
        let now = self.now();
        let version = self.settings.version;
        let system_name = system_name(name)?;
        let place = baseline::functions(&system_name, version).find_map(|function| {
            let types: Option<Vec<TypeRef>> = function.args().map(|ty| now.system_type(ty, None)).collect();
            types.is_some_and(|types| same_types(&types, inputs)).then_some(function.place)
        })?;
        self.system_routine_object(place)
    }

    /// A routine of `pg_catalog` that takes so many arguments.
    pub(super) fn system_routine_of(&mut self, name: &QualifiedName, inputs: usize) -> Option<ObjectId> {
        let system_name = system_name(name)?;
        let place = baseline::functions(&system_name, self.settings.version)
            .find(|function| function.args().count() == inputs)
            .map(|function| function.place)?;
        self.system_routine_object(place)
    }

    fn only_system_routine(&mut self, name: &QualifiedName) -> Option<ObjectId> {
        let system_name = system_name(name)?;
        let mut found = baseline::functions(&system_name, self.settings.version);
        let (place, more) = (found.next()?.place, found.next().is_some());
        drop(found);
        if more { None } else { self.system_routine_object(place) }
    }

    /// The object that stands for a function of the system, made when one is first named.
    pub(crate) fn system_routine_object(&mut self, place: u32) -> Option<ObjectId> {
        if let Some(&known) = self.system_routines.get(&place) {
            return Some(known);
        }
        let function = baseline::function(place)?;
        let object = baseline::routine_object(self.now(), &function)?;
        let id = self.catalog.insert_system(object);
        self.system_routines.insert(place, id);
        Some(id)
    }
}

/// The name under which the facts have a function; `None` for one of another schema.
fn system_name(name: &QualifiedName) -> Option<String> {
    match name.schema.map(|schema| schema.as_str()) {
        None | Some("pg_catalog") => Some(name.name.as_str().to_owned()),
        Some("information_schema") => Some(format!("information_schema.{}", name.name.name)),
        Some(_) => None,
    }
}

fn all_types(parameters: &[RoutineParameter]) -> Vec<TypeRef> {
    let all = parameters.iter().filter(|parameter| parameter.mode != ParameterMode::Table);
    all.map(|parameter| parameter.ty.clone()).collect()
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Procedure => "procedure",
        ObjectKind::Aggregate => "aggregate",
        ObjectKind::Routine => "routine",
        _ => "function",
    }
}
