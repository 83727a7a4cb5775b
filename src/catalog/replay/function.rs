//! Routines: CREATE and ALTER FUNCTION, PROCEDURE, AGGREGATE.

use std::sync::Arc;

use super::type_::qualified;
use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{
    Dependency, Kind, Object, ObjectId, Outcome, Part, Routine, RoutineKind, RoutineParameter, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{
    AlterFunction, CreateFunction, FunctionBody, FunctionOptions, Ident, Name, Parameter, ParameterMode, TypeName,
    Volatility,
};

/// A routine that is about to be made or replaced.
pub(crate) struct NewRoutine {
    pub name: Ident,
    pub schema: ObjectId,
    pub routine: Routine,
    pub depends: Vec<Dependency>,
    /// The places of the parameters.
    pub spans: Vec<Span>,
    /// The place of the result, or of the name.
    pub result_span: Span,
}

impl Replay {
    pub(super) fn create_function(&mut self, create: &CreateFunction) -> Effect {
        let schema = self.schema_for_new(&create.name)?;
        self.check_said_once(create.options.repeated)?;
        let language = self.language_of(create)?;
        let kind = match (create.procedure, create.options.window) {
            (true, _) => RoutineKind::Procedure,
            (false, true) => RoutineKind::Window,
            (false, false) => RoutineKind::Function,
        };
        let (parameters, depends) = self.parameters(&create.parameters, kind, language)?;
        let (returns, returns_set) = self.result(create, &parameters, language)?;
        let mut routine = Routine {
            kind,
            parameters,
            returns,
            returns_set,
            language,
            volatility: Volatility::Volatile,
            security_definer: false,
            strict: false,
            leakproof: false,
            settings: Vec::new(),
            source: source_of(create),
            body: create.body.clone().map(Arc::new),
            parallel: None,
            cost: None,
            rows: None,
            has_more: false,
            direct_args: None,
        };
        self.apply_function_options(&mut routine, &create.options)?;
        self.check_result(create, &routine)?;
        let mut new = NewRoutine {
            name: create.name.name,
            schema,
            routine,
            depends,
            spans: create
                .parameters
                .iter()
                .map(|parameter| parameter.name.map_or(parameter.span, |n| n.span))
                .collect(),
            result_span: create.returns.as_ref().map_or(create.name.span(), |ty| ty.span),
        };
        // SQL that is no string is read with the rest of the statement; the validator runs last.
        let depends = self.read_standard_body(create, &new.routine)?;
        new.depends.extend(depends);
        self.check_puttable(&new, create.replace)?;
        self.check_pseudo_result(create, &new.routine)?;
        self.check_body(create, &new.routine)?;
        self.put_routine(new, create.replace)?;
        Ok(Outcome::Done)
    }

    /// Makes a routine, or replaces one that has its name and argument types.
    pub(crate) fn put_routine(&mut self, new: NewRoutine, replace: bool) -> Effect<ObjectId> {
        let Some(old) = self.check_puttable(&new, replace)? else {
            let kind = Kind::Routine(new.routine);
            let mut object = self.owned(new.name, Some(new.schema), kind);
            object.depends = new.depends;
            return self.create(object);
        };
        self.catalog.modify(old, |object| {
            object.kind = Kind::Routine(new.routine);
            object.depends = new.depends;
            object.span = new.name.span;
        });
        Ok(old)
    }

    /// Whether a routine can be made so; the one that it replaces.
    fn check_puttable(&self, new: &NewRoutine, replace: bool) -> Effect<Option<ObjectId>> {
        let inputs = input_types(&new.routine);
        let Some(old) = self.routine_in(new.schema, new.name.name, &inputs) else { return Ok(None) };
        if !replace {
            if let Some(why) = self.doubt_about(old) {
                return Err(super::Stop::Unknown(why));
            }
            let message = format!("function \"{}\" already exists with same argument types", new.name.name);
            let help = "say CREATE OR REPLACE, or drop the other one first";
            return Err(self.refuse_because("42723", new.name.span, message, old, "made here").help(help));
        }
        self.check_replaceable(old, new)?;
        Ok(Some(old))
    }

    /// The routine of a schema with these input types.
    pub(crate) fn routine_in(&self, schema: ObjectId, name: Name, inputs: &[TypeRef]) -> Option<ObjectId> {
        let now = self.now();
        let key = crate::catalog::NameKey { space: crate::catalog::NameSpace::Routine, parent: Some(schema), name };
        now.named(key).iter().copied().find(|&id| {
            let routine = now.get(id).and_then(|object| object.as_routine());
            routine.is_some_and(|routine| same_types(&input_types(routine), inputs))
        })
    }

    /// Refuses a routine whose name and argument types are taken.
    pub(crate) fn check_routine_free(&mut self, routine: &Object) -> Effect<()> {
        let (Some(schema), Some(it)) = (routine.schema, routine.as_routine()) else { return Ok(()) };
        let Some(taken) = self.routine_in(schema, routine.name, &input_types(it)) else { return Ok(()) };
        if let Some(why) = self.doubt_about(taken) {
            return Err(super::Stop::Unknown(why));
        }
        let arguments = self.now().signature(routine);
        let arguments = arguments.split_once('(').map_or("", |(_, arguments)| arguments.trim_end_matches(')'));
        let schema = self.now().get(schema).map(|schema| schema.name).unwrap_or_default();
        let arguments = arguments.replace(',', ", ");
        let message = format!("function {}({arguments}) already exists in schema \"{schema}\"", routine.name);
        Err(self.refuse_because("42723", routine.span, message, taken, "made here"))
    }

    // --- what is written --------------------------------------------------------------------------

    fn language_of(&mut self, create: &CreateFunction) -> Effect<Name> {
        let standard = matches!(create.body, Some(FunctionBody::Return(_) | FunctionBody::Atomic(_)));
        let Some(language) = create.options.language else {
            if standard {
                return Ok(Name::from("sql"));
            }
            return Err(self.refuse("42P13", create.name.span(), "no language specified"));
        };
        let tag = crate::catalog::Tag::Language;
        let key =
            crate::catalog::NameKey { space: crate::catalog::NameSpace::Other(tag), parent: None, name: language.name };
        if !self.now().named(key).is_empty() {
            return Ok(language.name);
        }
        // Languages come with extensions; of those it is not known under which name.
        if self.unknown_extension_installed() {
            return Err(self.unknown("an extension whose contents are not known may have made the language"));
        }
        let message = format!("language \"{}\" does not exist", language.name);
        Err(self.refuse_undefined("42704", language.span, message, key))
    }

    fn parameters(
        &mut self,
        written: &[Parameter],
        kind: RoutineKind,
        language: Name,
    ) -> Effect<(Vec<RoutineParameter>, Vec<Dependency>)> {
        let mut parameters: Vec<RoutineParameter> = Vec::with_capacity(written.len());
        let mut depends = Vec::new();
        for (number, parameter) in written.iter().enumerate() {
            let ty = self.parameter_type(parameter, language)?;
            self.check_parameter(written, number, &ty, kind)?;
            let default = match &parameter.default {
                Some(default) => {
                    let purpose = Purpose::ParameterDefault { ty: Some(ty.clone()) };
                    let analysis = self.analyze(&Scope::empty(), default, &purpose)?;
                    depends.extend(self.needs_of(&analysis.needs(), Part::Whole));
                    Some(Arc::new(default.clone()))
                }
                None => None,
            };
            parameters.push(RoutineParameter {
                name: parameter.name.map(|name| name.name),
                mode: parameter.mode,
                ty,
                default,
            });
        }
        self.check_defaults(written, kind)?;
        Ok((parameters, depends))
    }

    fn parameter_type(&mut self, parameter: &Parameter, language: Name) -> Effect<TypeRef> {
        if parameter.ty.setof {
            let message = match parameter.mode {
                ParameterMode::Out | ParameterMode::Table => "functions cannot return set of output parameters",
                _ => "functions cannot accept set arguments",
            };
            return Err(self.refuse("42P13", parameter.ty.span, message));
        }
        let ty = self.resolve_type(&parameter.ty)?;
        let pseudo = self.pseudo_type(&ty);
        // The languages decide which pseudo-types they take; these two know only the polymorphic ones and record.
        if let Some(name) = pseudo.filter(|name| !is_polymorphic(name) && !matches!(*name, "record" | "void")) {
            let message = match language.as_str() {
                "plpgsql" => format!("PL/pgSQL functions cannot accept type {name}"),
                "sql" => format!("SQL functions cannot have arguments of type {name}"),
                _ => return Ok(ty),
            };
            let sqlstate = if language.as_str() == "sql" { "42P13" } else { "0A000" };
            return Err(self.refuse(sqlstate, parameter.ty.span, message));
        }
        Ok(TypeRef { modifiers: Vec::new(), ..ty })
    }

    fn check_parameter(&self, written: &[Parameter], number: usize, ty: &TypeRef, kind: RoutineKind) -> Effect<()> {
        let parameter = &written[number];
        if let Some(name) = parameter.name {
            let output = |mode| matches!(mode, ParameterMode::Out | ParameterMode::Table);
            let same = |other: &&Parameter| {
                let one_input_one_output = matches!(parameter.mode, ParameterMode::In | ParameterMode::Variadic)
                    && output(other.mode)
                    || matches!(other.mode, ParameterMode::In | ParameterMode::Variadic) && output(parameter.mode);
                // An OUT parameter may have the name of an IN one, but a column of TABLE may not.
                let allowed = one_input_one_output
                    && parameter.mode != ParameterMode::Table
                    && other.mode != ParameterMode::Table;
                other.name.is_some_and(|other| other.name == name.name) && !allowed
            };
            if let Some(first) = written[..number].iter().find(same) {
                let message = format!("parameter name \"{}\" used more than once", name.name);
                return Err(self.refuse("42P13", name.span, message).label(first.span, "the other one"));
            }
        }
        if parameter.mode == ParameterMode::Variadic {
            let last = written[number + 1..].iter().all(|later| {
                later.mode == ParameterMode::Table || kind != RoutineKind::Procedure && later.mode == ParameterMode::Out
            });
            if !last {
                return Err(self.refuse(
                    "42P13",
                    parameter.span,
                    "VARIADIC parameter must be the last input parameter",
                ));
            }
            let array = ty.array || matches!(self.pseudo_type(ty), Some("any" | "anyarray" | "anycompatiblearray"));
            if !array && !self.is_domain_over_array(ty) {
                return Err(self.refuse("42P13", parameter.ty.span, "VARIADIC parameter must be an array"));
            }
        }
        Ok(())
    }

    fn is_domain_over_array(&self, ty: &TypeRef) -> bool {
        let class = self.now().get(ty.id).and_then(|object| object.as_type()).map(|ty| &ty.class);
        matches!(class, Some(TypeClass::Domain { base, .. }) if base.array)
    }

    fn check_defaults(&self, written: &[Parameter], kind: RoutineKind) -> Effect<()> {
        let mut first_default = None;
        for parameter in written {
            let input = !matches!(parameter.mode, ParameterMode::Out | ParameterMode::Table);
            if let Some(default) = &parameter.default {
                if !input {
                    let message = "only input parameters can have default values";
                    return Err(self.refuse("42P13", default.span, message));
                }
                first_default.get_or_insert(parameter.span);
                continue;
            }
            let Some(first) = first_default else { continue };
            let message = match (input, kind) {
                (true, _) => "input parameters after one with a default value must also have defaults",
                (false, RoutineKind::Procedure) if parameter.mode == ParameterMode::Out => {
                    "procedure OUT parameters cannot appear after one with a default value"
                }
                _ => continue,
            };
            return Err(self.refuse("42P13", parameter.span, message).label(first, "this one has a default"));
        }
        Ok(())
    }

    /// prorettype and proretset.
    fn result(
        &mut self,
        create: &CreateFunction,
        parameters: &[RoutineParameter],
        language: Name,
    ) -> Effect<(Option<TypeRef>, bool)> {
        let outputs: Vec<&RoutineParameter> = parameters.iter().filter(|p| is_output(p.mode)).collect();
        let of_outputs = match &outputs[..] {
            [] => None,
            [one] if !create.procedure => Some(one.ty.clone()),
            _ => Some(self.system("record")?),
        };
        if create.procedure {
            return Ok((of_outputs, false));
        }
        let Some(written) = &create.returns else {
            return match of_outputs {
                Some(ty) => Ok((Some(ty), create.returns_table)),
                None => Err(self.refuse("42P13", create.name.span(), "function result type must be specified")),
            };
        };
        let ty = self.result_type(written, language)?;
        if let Some(required) = of_outputs.filter(|required| !same_type(required, &ty)) {
            let message = format!(
                "function result type must be {} because of OUT parameters",
                self.now().type_name_within(&required, &self.path)
            );
            return Err(self.refuse("42P13", written.span, message));
        }
        Ok((Some(ty), written.setof || create.returns_table))
    }

    /// A type of `pg_catalog`.
    pub(crate) fn system(&self, name: &'static str) -> Effect<TypeRef> {
        let ty = crate::catalog::baseline::SystemType { schema: None, name, array: false };
        self.now().system_type(ty, None).ok_or_else(|| self.unknown("a type of the system is missing"))
    }

    /// A result of C or internal functions may be a type that is only announced.
    fn result_type(&mut self, written: &TypeName, language: Name) -> Effect<TypeRef> {
        let known = !written.percent_type && self.find_type_or_array(&qualified(written)?).is_none();
        if known && matches!(language.as_str(), "c" | "internal") && written.array_dimensions == 0 {
            return self.shell_type(written);
        }
        let ty = self.resolve_type(written)?;
        Ok(TypeRef { modifiers: Vec::new(), ..ty })
    }

    /// What a language or the rules for polymorphic types forbid.
    fn check_result(&self, create: &CreateFunction, routine: &Routine) -> Effect<()> {
        let span = create.returns.as_ref().map_or(create.name.span(), |ty| ty.span);
        let Some(returns) = &routine.returns else { return Ok(()) };
        let pseudo = self.pseudo_type(returns);
        if let Some(name) = pseudo.filter(|name| is_polymorphic(name)) {
            let compatible = name.starts_with("anycompatible");
            let determines = |p: &RoutineParameter| {
                self.pseudo_type(&p.ty)
                    .is_some_and(|ty| is_polymorphic(ty) && ty.starts_with("anycompatible") == compatible)
            };
            if !routine.inputs().any(determines) {
                return Err(self.refuse("42P13", span, "cannot determine result data type"));
            }
        }
        Ok(())
    }

    /// What the validator of a language lets a function return.
    fn check_pseudo_result(&self, create: &CreateFunction, routine: &Routine) -> Effect<()> {
        let span = create.returns.as_ref().map_or(create.name.span(), |ty| ty.span);
        let pseudo = routine.returns.as_ref().and_then(|returns| self.pseudo_type(returns));
        let pseudo = pseudo.filter(|name| !is_polymorphic(name));
        let trigger = matches!(pseudo, Some("trigger" | "event_trigger"));
        match (routine.language.as_str(), pseudo) {
            ("plpgsql", Some(_)) if trigger && routine.inputs().next().is_some() => {
                let message = match pseudo {
                    Some("trigger") => "trigger functions cannot have declared arguments",
                    _ => "event trigger functions cannot have declared arguments",
                };
                Err(self.refuse("42P13", create.name.span(), message))
            }
            ("plpgsql", Some(name)) if !trigger && !matches!(name, "record" | "void") => {
                Err(self.refuse("0A000", span, format!("PL/pgSQL functions cannot return type {name}")))
            }
            ("sql", Some(name)) if !matches!(name, "record" | "void") => {
                Err(self.refuse("42P13", span, format!("SQL functions cannot return type {name}")))
            }
            _ => Ok(()),
        }
    }

    fn apply_function_options(&self, routine: &mut Routine, options: &FunctionOptions) -> Effect<()> {
        if let Some((volatility, _)) = options.volatility {
            routine.volatility = volatility;
        }
        if let Some((security_definer, _)) = options.security_definer {
            routine.security_definer = security_definer;
        }
        if let Some(parallel) = options.parallel {
            routine.parallel = Some(parallel).filter(|parallel| parallel.as_str() != "unsafe");
        }
        routine.strict = options.strict.unwrap_or(routine.strict);
        routine.leakproof = options.leakproof.unwrap_or(routine.leakproof);
        let language_cost = if matches!(routine.language.as_str(), "c" | "internal") { "1" } else { "100" };
        if let Some(cost) = &options.cost {
            routine.cost = Some(cost.clone()).filter(|cost| &**cost != language_cost);
        }
        if let Some(rows) = &options.rows {
            routine.rows = Some(rows.clone()).filter(|rows| &**rows != "1000");
        }
        routine.has_more |= options.support.is_some() || !options.transform_types.is_empty();
        for setting in &options.settings {
            self.stored_setting(setting)?.apply(&mut routine.settings);
        }
        Ok(())
    }

    /// errorConflictingDefElem: an option is given at most once.
    pub(crate) fn check_said_once(&self, repeated: Option<Span>) -> Effect<()> {
        match repeated {
            Some(span) => Err(self.refuse("42601", span, "conflicting or redundant options")),
            None => Ok(()),
        }
    }

    // --- CREATE OR REPLACE ------------------------------------------------------------------------

    /// What the new version may not change.
    fn check_replaceable(&self, id: ObjectId, new: &NewRoutine) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let Some(old) = object.as_routine() else { return Ok(()) };
        let refuse = |sqlstate, span, message: String| {
            let help = "drop the function first; what depends on it must go with it";
            Err(self.refuse(sqlstate, span, message).label(object.span, "made here").help(help))
        };
        if old.kind != new.routine.kind {
            return refuse("42809", new.name.span, "cannot change routine kind".to_owned());
        }
        let same_result = match (&old.returns, &new.routine.returns) {
            (Some(old), Some(new)) => same_type(old, new),
            (old, new) => old.is_none() == new.is_none(),
        };
        if !same_result || old.returns_set != new.routine.returns_set {
            let what = if old.kind == RoutineKind::Procedure {
                "whether a procedure has output parameters"
            } else {
                "return type of existing function"
            };
            return refuse("42P13", new.result_span, format!("cannot change {what}"));
        }
        if self.returns_record(old) && !same_outputs(old, &new.routine) {
            return refuse("42P13", new.result_span, "cannot change return type of existing function".to_owned());
        }
        self.check_parameter_names(old, new, object.span)?;
        self.check_default_kept(old, new, object.span)
    }

    fn returns_record(&self, routine: &Routine) -> bool {
        routine.returns.as_ref().is_some_and(|ty| self.pseudo_type(ty) == Some("record"))
    }

    /// Input parameters keep their names; they may gain one.
    fn check_parameter_names(&self, old: &Routine, new: &NewRoutine, place: Span) -> Effect<()> {
        let spans = new.spans.iter().copied().chain(std::iter::repeat(new.name.span));
        let new_inputs = new.routine.parameters.iter().zip(spans).filter(|(p, _)| is_input(p.mode));
        for (old, (new, span)) in old.inputs().zip(new_inputs) {
            let Some(name) = old.name.filter(|_| old.name != new.name) else { continue };
            let message = format!("cannot change name of input parameter \"{name}\"");
            let help = "keep the name, or drop the function first";
            return Err(self.refuse("42P13", span, message).label(place, "made here").help(help));
        }
        Ok(())
    }

    fn check_default_kept(&self, old: &Routine, new: &NewRoutine, place: Span) -> Effect<()> {
        let count = |routine: &Routine| routine.inputs().filter(|parameter| parameter.default.is_some()).count();
        if count(&new.routine) >= count(old) {
            return Ok(());
        }
        let message = "cannot remove parameter defaults from existing function";
        let help = "keep the defaults, or drop the function first";
        Err(self.refuse("42P13", new.name.span, message).label(place, "made here").help(help))
    }

    // --- ALTER ------------------------------------------------------------------------------------

    pub(super) fn alter_function(&mut self, alter: &AlterFunction) -> Effect {
        let id = self.routine_of_kind(alter.kind, &alter.function)?;
        let Some(mut routine) = self.now().get(id).and_then(|object| object.as_routine()).cloned() else {
            return Ok(Outcome::Done);
        };
        if routine.kind == RoutineKind::Aggregate {
            let message = format!("\"{}\" is an aggregate function", alter.function.name.name.name);
            return Err(self.refuse("42809", alter.function.span, message));
        }
        self.check_said_once(alter.options.repeated)?;
        self.apply_function_options(&mut routine, &alter.options)?;
        self.catalog.modify(id, |object| object.kind = Kind::Routine(routine));
        Ok(Outcome::Done)
    }
}

/// The types that tell overloads apart.
pub(crate) fn input_types(routine: &Routine) -> Vec<TypeRef> {
    routine.inputs().map(|parameter| parameter.ty.clone()).collect()
}

/// Modifiers are no part of a signature.
pub(crate) fn same_type(left: &TypeRef, right: &TypeRef) -> bool {
    left.id == right.id && left.array == right.array
}

pub(crate) fn same_types(left: &[TypeRef], right: &[TypeRef]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_type(left, right))
}

fn same_outputs(old: &Routine, new: &Routine) -> bool {
    let outputs = |routine: &Routine| -> Vec<(Option<Name>, ObjectId, bool)> {
        let outputs = routine.parameters.iter().filter(|parameter| is_output(parameter.mode));
        outputs.map(|parameter| (parameter.name, parameter.ty.id, parameter.ty.array)).collect()
    };
    outputs(old) == outputs(new)
}

fn is_input(mode: ParameterMode) -> bool {
    !matches!(mode, ParameterMode::Out | ParameterMode::Table)
}

fn is_output(mode: ParameterMode) -> bool {
    !matches!(mode, ParameterMode::In | ParameterMode::Variadic)
}

pub(crate) fn is_polymorphic(name: &str) -> bool {
    name.starts_with("any") && name != "any"
}

/// prosrc.
fn source_of(create: &CreateFunction) -> Arc<str> {
    match &create.body {
        // A C function's source is its symbol in the library, its own name where none is written.
        Some(FunctionBody::Text { link_symbol: Some(symbol), .. }) => Arc::from(&**symbol),
        Some(FunctionBody::Text { code, .. }) => {
            let of_c = create.options.language.is_some_and(|language| language.as_str() == "c");
            if of_c { Arc::from(create.name.name.as_str()) } else { code.text.clone() }
        }
        _ => Arc::from(""),
    }
}
