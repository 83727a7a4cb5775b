//! Functions by name and arguments (namespace.c's FuncnameGetCandidates, parse_func.c's func_get_detail).

use super::candidates::{Candidate, Choice};
use super::coerce::Pathway;
use super::system::FunctionFact;
use super::tree::{Modifiers, RangeColumn};
use super::types::{Facts, STRING, from_ref};
use super::{FunctionId, Type};
use crate::catalog::{NameKey, NameSpace, ObjectId, Routine, RoutineKind};
use crate::syntax::{CastContext, Name, ParameterMode, QualifiedName, Volatility};

/// A call as far as it decides which function is meant.
pub(super) struct CallShape<'c> {
    pub function: &'c QualifiedName,
    /// The types of the arguments; `None` where one is not known.
    pub args: &'c [Option<Type>],
    /// The names of the last arguments.
    pub names: &'c [Name],
    /// VARIADIC is written.
    pub variadic: bool,
    /// CALL: OUT parameters are arguments too.
    pub procedure: bool,
}

/// A function that a call may mean.
#[derive(Clone, Debug)]
pub(super) struct FunctionCandidate {
    pub id: FunctionId,
    pub kind: RoutineKind,
    /// The declared result.
    pub result: Option<Type>,
    pub returns_set: bool,
    /// Ordered-set or hypothetical-set aggregate.
    pub within_group: bool,
    /// The declared types in the order of the call, variadic ones repeated.
    pub args: Vec<Type>,
    /// The number of each argument's parameter.
    pub numbers: Vec<u32>,
    /// A variadic parameter takes several arguments.
    pub expands: bool,
    /// How many parameters it has.
    pub parameters: usize,
    /// Another function of the schema takes these arguments just as well.
    several: bool,
    rank: usize,
}

impl Candidate for FunctionCandidate {
    fn args(&self) -> &[Type] {
        &self.args
    }
}

/// What a call means.
pub(super) enum Detail {
    Found(FunctionCandidate),
    /// The name of a type: a cast.
    Cast(Type),
    NotFound,
    Several,
    /// Not known; the result where it does not depend on it.
    Unknown(Option<Type>),
}

/// The parameters of a function, however it is stored.
struct Parameters {
    types: Vec<Type>,
    names: Vec<Option<Name>>,
    defaults: usize,
    /// The element type of VARIADIC.
    variadic: Option<Type>,
}

impl Facts<'_> {
    /// func_get_detail.
    pub(super) fn function_detail(&self, call: &CallShape<'_>) -> Detail {
        let candidates = self.function_candidates(call);
        if call.args.iter().any(Option::is_none) {
            return self.detail_of_unknown(call, candidates);
        }
        let actual: Vec<Type> = call.args.iter().copied().flatten().collect();
        if let Some(exact) = candidates.iter().find(|candidate| candidate.args == actual) {
            return found(exact.clone());
        }
        if let Some(target) = self.cast_by_name(call, &actual) {
            return Detail::Cast(target);
        }
        match self.choose(&actual, &candidates) {
            Choice::One(at) => candidates.into_iter().nth(at).map_or(Detail::NotFound, found),
            Choice::None => Detail::NotFound,
            Choice::Several => Detail::Several,
        }
    }

    /// `int4(x)`: a call that is a cast.
    fn cast_by_name(&self, call: &CallShape<'_>, actual: &[Type]) -> Option<Type> {
        let [source] = actual else { return None };
        if !call.names.is_empty() || call.variadic {
            return None;
        }
        let target = self.find_type(call.function.schema.map(|schema| schema.name), call.function.name.name)?;
        // A row type is no target here: `t(x)` is a column of x.
        if self.relation_of(target).is_some() {
            return None;
        }
        if *source == self.known.unknown {
            return Some(target);
        }
        match self.pathway(target, *source, CastContext::Explicit)? {
            Pathway::Relabel => Some(target),
            Pathway::InOut => {
                let row = *source == self.known.record || self.is_complex(*source);
                (!row || self.category(target).0 != STRING).then_some(target)
            }
            _ => None,
        }
    }

    fn detail_of_unknown(&self, call: &CallShape<'_>, candidates: Vec<FunctionCandidate>) -> Detail {
        let possible = |candidate: &FunctionCandidate| {
            let mut pairs = call.args.iter().zip(&candidate.args);
            pairs.all(|(actual, declared)| {
                actual.is_none_or(|actual| self.can_coerce_one(actual, *declared, CastContext::Implicit))
            })
        };
        let mut possible: Vec<_> = candidates.into_iter().filter(possible).collect();
        if possible.len() == 1 {
            return possible.pop().map_or(Detail::Unknown(None), found);
        }
        let mut results = possible.iter().map(|candidate| candidate.result.filter(|ty| !self.is_polymorphic(*ty)));
        let first = results.next().flatten();
        Detail::Unknown(first.filter(|_| results.all(|other| other == first)))
    }

    /// FuncnameGetCandidates.
    pub(super) fn function_candidates(&self, call: &CallShape<'_>) -> Vec<FunctionCandidate> {
        let mut found: Vec<FunctionCandidate> = Vec::new();
        for (rank, schema) in self.function_schemas(call.function).enumerate() {
            self.each_function(schema, call, &mut |id, head, parameters| {
                if let Some(candidate) = fit(id, &head, &parameters, call, rank) {
                    add(&mut found, candidate);
                }
            });
        }
        found
    }

    /// The schemas that a function may be in; temporary ones never hold functions for plain names.
    fn function_schemas(&self, name: &QualifiedName) -> impl Iterator<Item = ObjectId> {
        let written = name.schema.map(|schema| self.catalog.schema(schema.name));
        let along_path = self.environment.search_path.iter().copied().filter(|schema| !self.is_temporary(*schema));
        let path: Vec<ObjectId> = match written {
            Some(schema) => schema.into_iter().collect(),
            None => along_path.collect(),
        };
        path.into_iter()
    }

    fn is_temporary(&self, schema: ObjectId) -> bool {
        self.catalog.get(schema).is_some_and(|schema| schema.name.as_str() == "pg_temp")
    }

    /// All functions of a schema that a call may mean by its name and, of those of the system, by how many arguments
    /// it has.
    fn each_function(
        &self,
        schema: ObjectId,
        call: &CallShape<'_>,
        visit: &mut dyn FnMut(FunctionId, Head, Parameters),
    ) {
        let name = call.function.name.name;
        let takes = |fact: &FunctionFact| {
            let (given, most) = (call.args.len(), fact.args.len());
            (given <= most || fact.fact.variadic)
                && given + fact.fact.defaults + usize::from(fact.fact.variadic) >= most
        };
        let schema_name = self.catalog.get(schema).map(|schema| schema.name).unwrap_or_default();
        if matches!(schema_name.as_str(), "pg_catalog" | "information_schema") {
            for (at, fact) in self.index.functions_named(name.as_str()) {
                if fact.fact.schema == schema_name.as_str()
                    && takes(fact)
                    && let Some(parameters) = self.parameters_of_fact(fact)
                {
                    visit(FunctionId::System(at), self.head_of_fact(fact), parameters);
                }
            }
        }
        let key = NameKey { space: NameSpace::Routine, parent: Some(schema), name };
        for &id in self.catalog.named(key) {
            if let Some(routine) = self.catalog.get(id).and_then(|object| object.as_routine()) {
                visit(FunctionId::Object(id), head_of(routine), self.parameters_of(routine, call.procedure));
            }
        }
    }

    fn head_of_fact(&self, fact: &FunctionFact) -> Head {
        Head {
            kind: fact.kind(),
            result: fact.result.and_then(|code| self.types.ty(code)),
            returns_set: fact.fact.returns_set,
            within_group: fact.fact.within_group,
        }
    }

    fn parameters_of_fact(&self, fact: &FunctionFact) -> Option<Parameters> {
        let types: Vec<Type> = fact.args.iter().map(|code| self.types.ty(*code)).collect::<Option<_>>()?;
        let mut names: Vec<Option<Name>> =
            fact.fact.argument_names().map(|name| (!name.is_empty()).then(|| Name::from(name))).collect();
        names.resize(types.len(), None);
        let variadic = fact.fact.variadic.then(|| types.last().copied()).flatten();
        let variadic = variadic.map(|ty| self.variadic_element(ty));
        Some(Parameters { defaults: fact.fact.defaults, types, names, variadic })
    }

    fn parameters_of(&self, routine: &Routine, with_outputs: bool) -> Parameters {
        let is_input = |mode: ParameterMode| match mode {
            ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic => true,
            ParameterMode::Out => with_outputs && routine.kind == RoutineKind::Procedure,
            ParameterMode::Table => false,
        };
        let inputs = || routine.parameters.iter().filter(|parameter| is_input(parameter.mode));
        let ty = |parameter: &crate::catalog::RoutineParameter| Type { id: parameter.ty.id, array: parameter.ty.array };
        let variadic = inputs().find(|parameter| parameter.mode == ParameterMode::Variadic).map(ty);
        Parameters {
            types: inputs().map(ty).collect(),
            names: inputs().map(|parameter| parameter.name).collect(),
            defaults: inputs().rev().take_while(|parameter| parameter.default.is_some()).count(),
            variadic: variadic.map(|ty| self.variadic_element(ty)),
        }
    }

    fn variadic_element(&self, array: Type) -> Type {
        let known = self.known;
        match array {
            _ if array == known.any => known.any,
            _ if array == known.anyarray => known.anyelement,
            _ if array == known.anycompatiblearray => known.anycompatible,
            _ => self.element(array).unwrap_or(array),
        }
    }

    /// The columns that a function gives in FROM by its OUT and TABLE parameters; empty where it has none.
    pub(super) fn function_outputs(&self, id: FunctionId) -> Vec<RangeColumn> {
        match id {
            FunctionId::System(at) => {
                let Some(fact) = self.index.function(at) else { return Vec::new() };
                let column = |(name, ty)| {
                    let ty = self.catalog.system_type(ty, None);
                    let (ty, modifiers) = from_ref(ty.as_ref());
                    RangeColumn { name: Name::from(name), ty, modifiers }
                };
                fact.fact.outputs().map(column).collect()
            }
            FunctionId::Object(id) => {
                let Some(routine) = self.catalog.get(id).and_then(|object| object.as_routine()) else {
                    return Vec::new();
                };
                let is_output = |mode| matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table);
                let outputs = routine.parameters.iter().filter(|parameter| is_output(parameter.mode));
                let column = |(parameter, number): (&crate::catalog::RoutineParameter, u32)| RangeColumn {
                    name: parameter.name.unwrap_or_else(|| Name::from(&format!("column{number}"))),
                    ty: Some(Type { id: parameter.ty.id, array: parameter.ty.array }),
                    // Modifiers of parameters are forgotten by the server.
                    modifiers: Modifiers::NONE,
                };
                outputs.zip(1..).map(column).collect()
            }
        }
    }

    /// The declared types of the input parameters.
    pub(super) fn function_input_types(&self, id: FunctionId) -> Option<Vec<Type>> {
        match id {
            FunctionId::System(at) => Some(self.parameters_of_fact(self.index.function(at)?)?.types),
            FunctionId::Object(id) => {
                let routine = self.catalog.get(id)?.as_routine()?;
                Some(self.parameters_of(routine, false).types)
            }
        }
    }

    /// provolatile.
    pub fn function_volatility(&self, id: FunctionId) -> Option<Volatility> {
        match id {
            FunctionId::System(at) => self.index.function(at).map(FunctionFact::volatility),
            FunctionId::Object(id) => Some(self.catalog.get(id)?.as_routine()?.volatility),
        }
    }

    /// The type of a name along search_path or in a schema.
    pub(super) fn find_type(&self, schema: Option<Name>, name: Name) -> Option<Type> {
        let in_schema = |schema: ObjectId| {
            self.catalog.named(NameKey { space: NameSpace::Type, parent: Some(schema), name }).first().copied()
        };
        let found = match schema {
            Some(schema) => in_schema(self.catalog.schema(schema)?),
            None => self.environment.search_path.iter().find_map(|schema| in_schema(*schema)),
        };
        found.map(|id| Type { id, array: false })
    }
}

/// What a call of a function yields.
#[derive(Clone, Copy)]
struct Head {
    kind: RoutineKind,
    result: Option<Type>,
    returns_set: bool,
    within_group: bool,
}

fn head_of(routine: &Routine) -> Head {
    Head {
        kind: routine.kind,
        result: from_ref(routine.returns.as_ref()).0,
        returns_set: routine.returns_set,
        within_group: false,
    }
}

/// The candidate as this call would use it, if it can.
fn fit(
    id: FunctionId,
    head: &Head,
    parameters: &Parameters,
    call: &CallShape<'_>,
    rank: usize,
) -> Option<FunctionCandidate> {
    let (given, takes) = (call.args.len(), parameters.types.len());
    let expands = !call.variadic && call.names.is_empty() && parameters.variadic.is_some() && takes <= given;
    if (call.variadic && parameters.variadic.is_none())
        || (!call.names.is_empty() && !call.variadic && parameters.variadic.is_some())
        || (given > takes && !expands)
        || given + parameters.defaults < takes
    {
        return None;
    }
    let numbers = if call.names.is_empty() { (0..given as u32).collect() } else { match_names(parameters, call)? };
    let last = takes.saturating_sub(1);
    let arg = |number: u32| match parameters.variadic {
        Some(element) if expands && number as usize >= last => element,
        _ => parameters.types[number as usize],
    };
    let args = numbers.iter().map(|number| arg(*number)).collect();
    let Head { kind, result, returns_set, within_group } = *head;
    let parameters = takes;
    Some(FunctionCandidate {
        id,
        kind,
        result,
        returns_set,
        within_group,
        args,
        numbers,
        expands,
        parameters,
        several: false,
        rank,
    })
}

/// MatchNamedCall: the parameter of each argument.
fn match_names(parameters: &Parameters, call: &CallShape<'_>) -> Option<Vec<u32>> {
    let positional = call.args.len() - call.names.len();
    let mut numbers: Vec<u32> = (0..positional as u32).collect();
    for name in call.names {
        let number = parameters.names.iter().position(|parameter| *parameter == Some(*name))? as u32;
        if numbers.contains(&number) {
            return None;
        }
        numbers.push(number);
    }
    // What is not given needs a default.
    let first_default = parameters.types.len() - parameters.defaults;
    (0..first_default as u32).all(|number| numbers.contains(&number)).then_some(numbers)
}

fn found(candidate: FunctionCandidate) -> Detail {
    if candidate.several { Detail::Several } else { Detail::Found(candidate) }
}

/// Of two with the same types, the server takes that of the earlier schema, then the one that needs no
/// variadic expansion; `f()` and `f(a int DEFAULT 1)` it cannot tell apart.
fn add(found: &mut Vec<FunctionCandidate>, candidate: FunctionCandidate) {
    let worth = |it: &FunctionCandidate| (it.rank, it.expands);
    match found.iter_mut().find(|other| other.args == candidate.args) {
        Some(other) if worth(&candidate) < worth(other) => *other = candidate,
        Some(other) => other.several |= worth(&candidate) == worth(other),
        None => found.push(candidate),
    }
}
