//! Operators by name and operands (parse_oper.c).

use super::candidates::{Candidate, Choice};
use super::coerce::Goal;
use super::system::{Chosen, OperatorUse};
use super::tree::Modifiers;
use super::tree::{Expr, Node, Operation, ScalarArray};
use super::types::Facts;
use super::{Error, OperatorId, Result, Type};
use crate::catalog::{Kind, NameKey, NameSpace, ObjectId};
use crate::source::Span;
use crate::syntax::{CastContext, Name, OperatorName, Volatility};

/// An operator that may be meant.
#[derive(Clone, Debug)]
pub(super) struct OperatorCandidate {
    pub id: OperatorId,
    /// The left operand, unless it is a prefix operator, and the right.
    pub args: Vec<Type>,
    pub result: Option<Type>,
}

impl Candidate for OperatorCandidate {
    fn args(&self) -> &[Type] {
        &self.args
    }
}

/// What an operator's use means.
enum Detail {
    Found(OperatorCandidate),
    NotFound,
    Several,
    Unknown(Option<Type>),
}

impl Facts<'_> {
    /// The choice among the system's operators is the same for ever for operands of its types, and for enums.
    fn operator_detail(&self, operator: &OperatorName, args: &[Option<Type>]) -> Detail {
        let Some(wanted) = self.system_use(operator, args) else { return self.choose_operator(operator, args) };
        let known = self.types.chosen(&wanted).and_then(|chosen| {
            Some(match chosen {
                Chosen::Found(at) => Detail::Found(self.candidate_of_fact(at)?),
                Chosen::None => Detail::NotFound,
                Chosen::Several => Detail::Several,
                Chosen::Unknown(result) => Detail::Unknown(result),
            })
        });
        if let Some(known) = known {
            return known;
        }
        let detail = self.choose_operator(operator, args);
        let chosen = match &detail {
            Detail::Found(OperatorCandidate { id: OperatorId::System(at), .. }) => Chosen::Found(*at),
            Detail::Found(_) => return detail,
            Detail::NotFound => Chosen::None,
            Detail::Several => Chosen::Several,
            Detail::Unknown(result) => Chosen::Unknown(*result),
        };
        self.types.keep_chosen(wanted, chosen);
        detail
    }

    /// The use, where nothing but the system's own operators, types and casts has a say in what it means.
    fn system_use(&self, operator: &OperatorName, args: &[Option<Type>]) -> Option<OperatorUse> {
        let history = self.catalog.catalog();
        if history.casts_system_types() {
            return None;
        }
        let places: Vec<Option<Type>> = args
            .iter()
            .map(|ty| ty.map_or(Some(None), |ty| self.stand_in(ty, args).map(Some)))
            .collect::<Option<_>>()?;
        let schemas = self.operator_schemas(operator);
        let reaches = |schema: &ObjectId| {
            self.created_operators(*schema, operator.name).any(|created| self.may_be_meant(&created, args))
        };
        let of_project = self.catalog.has_operators() && schemas.iter().any(reaches);
        if of_project || !schemas.iter().any(|schema| self.is_system_schema(*schema)) {
            return None;
        }
        match *places {
            [right] => Some((operator.name, None, right)),
            [left, right] => Some((operator.name, Some(left), right)),
            _ => None,
        }
    }

    /// What a choice among the system's operators sees of a type: all enums that no cast knows are alike.
    fn stand_in(&self, ty: Type, args: &[Option<Type>]) -> Option<Type> {
        let history = self.catalog.catalog();
        if history.is_of_system(ty.id) {
            return Some(ty);
        }
        if !self.is_plain_enum(ty) {
            return None;
        }
        let is_first = args.iter().flatten().find(|other| !history.is_of_system(other.id))?.id == ty.id;
        Some(Type { id: ObjectId(u32::MAX - if is_first { 1 } else { 2 }), array: ty.array })
    }

    /// An enum, or an array of one, that no cast of the project converts.
    fn is_plain_enum(&self, ty: Type) -> bool {
        self.is_enum(Type { array: false, ..ty }) && !self.catalog.catalog().casts_type(ty.id)
    }

    /// Whether a created operator may fit: not where it has a type that an enum never becomes.
    fn may_be_meant(&self, created: &OperatorCandidate, args: &[Option<Type>]) -> bool {
        let never = |(declared, actual): (&Type, &Option<Type>)| {
            actual.is_some_and(|actual| {
                self.base(*declared) != actual
                    && self.is_plain_enum(actual)
                    && !self.is_polymorphic(*declared)
                    && *declared != self.known.any
            })
        };
        created.args.len() == args.len() && !created.args.iter().zip(args).any(never)
    }

    fn choose_operator(&self, operator: &OperatorName, args: &[Option<Type>]) -> Detail {
        let Some(actual) = args.iter().copied().collect::<Option<Vec<Type>>>() else {
            return self.operator_of_unknown(operator, args);
        };
        if let Some(exact) = self.exact_operator(operator, &actual) {
            return Detail::Found(exact);
        }
        let candidates = self.operator_candidates(operator, actual.len());
        // With one operand of no type the server first tries the type of the other.
        match self.choose(&actual, &candidates) {
            Choice::One(at) => candidates.into_iter().nth(at).map_or(Detail::NotFound, Detail::Found),
            Choice::None => Detail::NotFound,
            Choice::Several => Detail::Several,
        }
    }

    /// binary_oper_exact: a constant of no type is taken for the other operand's; then domains for their bases.
    fn exact_operator(&self, operator: &OperatorName, actual: &[Type]) -> Option<OperatorCandidate> {
        let unknown = self.known.unknown;
        let assumed: Vec<Type> = match *actual {
            [left, right] if left == unknown && right != unknown => vec![right, right],
            [left, right] if right == unknown && left != unknown => vec![left, left],
            _ => actual.to_vec(),
        };
        if let Some(found) = self.operator_with(operator, &assumed) {
            return Some(found);
        }
        let guessed = assumed != actual;
        let bases: Vec<Type> = assumed.iter().map(|ty| self.base(*ty)).collect();
        (guessed && bases != assumed).then(|| self.operator_with(operator, &bases)).flatten()
    }

    /// The operator with exactly these operands, first along search_path.
    fn operator_with(&self, operator: &OperatorName, args: &[Type]) -> Option<OperatorCandidate> {
        for schema in self.operator_schemas(operator) {
            if self.is_system_schema(schema)
                && let Some(found) = self.system_operator(operator.name, args)
            {
                return Some(found);
            }
            let created = self.created_operators(schema, operator.name).find(|candidate| candidate.args == args);
            if created.is_some() {
                return created;
            }
        }
        None
    }

    fn system_operator(&self, name: Name, args: &[Type]) -> Option<OperatorCandidate> {
        let code = |ty: &Type| self.types.code(*ty);
        let at = match args {
            [right] => self.index.operator(name, None, code(right)?)?,
            [left, right] => self.index.operator(name, Some(code(left)?), code(right)?)?,
            _ => return None,
        };
        self.candidate_of_fact(at)
    }

    fn candidate_of_fact(&self, at: u32) -> Option<OperatorCandidate> {
        let fact = self.index.operators.get(at as usize)?;
        let mut args = Vec::with_capacity(2);
        if let Some(left) = fact.left {
            args.push(self.types.ty(left)?);
        }
        args.push(self.types.ty(fact.right)?);
        Some(OperatorCandidate { id: OperatorId::System(at), args, result: self.types.ty(fact.result) })
    }

    /// Whether a type is one that every server has.
    pub(super) fn is_built_in(&self, ty: Type) -> bool {
        let object = self.catalog.get(ty.id);
        object.is_none_or(|object| object.schema.is_some_and(|schema| self.is_system_schema(schema)))
    }

    fn is_system_schema(&self, schema: ObjectId) -> bool {
        self.catalog.get(schema).is_some_and(|schema| schema.name.as_str() == "pg_catalog")
    }

    fn operator_schemas(&self, operator: &OperatorName) -> Vec<ObjectId> {
        match operator.schema {
            Some(schema) => self.catalog.schema(schema).into_iter().collect(),
            None => self.environment.search_path.to_vec(),
        }
    }

    fn created_operators(&self, schema: ObjectId, name: Name) -> impl Iterator<Item = OperatorCandidate> {
        let key = NameKey { space: NameSpace::Operator, parent: Some(schema), name };
        self.catalog.named(key).iter().filter_map(|&id| {
            let Kind::Operator(operator) = &self.catalog.get(id)?.kind else { return None };
            let ty = |ty: &crate::catalog::TypeRef| Type { id: ty.id, array: ty.array };
            let args = operator.left.iter().chain([&operator.right]).map(ty).collect();
            Some(OperatorCandidate { id: OperatorId::Object(id), args, result: operator.result.as_ref().map(ty) })
        })
    }

    /// OpernameGetCandidates.
    fn operator_candidates(&self, operator: &OperatorName, operands: usize) -> Vec<OperatorCandidate> {
        let mut found: Vec<OperatorCandidate> = Vec::new();
        for schema in self.operator_schemas(operator) {
            if self.is_system_schema(schema) {
                let facts = self.index.operators_named(operator.name.as_str());
                found.extend(
                    facts.filter_map(|(at, _)| self.candidate_of_fact(at)).filter(|it| it.args.len() == operands),
                );
            }
            for created in self.created_operators(schema, operator.name) {
                if created.args.len() == operands && !found.iter().any(|other| other.args == created.args) {
                    found.push(created);
                }
            }
        }
        found
    }

    /// With an operand of a type that is not known: the result, where it is the same for all that fit.
    fn operator_of_unknown(&self, operator: &OperatorName, args: &[Option<Type>]) -> Detail {
        let candidates = self.operator_candidates(operator, args.len());
        let fits = |candidate: &&OperatorCandidate| {
            candidate.args.iter().zip(args).all(|(declared, actual)| {
                actual.is_none_or(|actual| self.can_coerce_one(actual, *declared, CastContext::Implicit))
            })
        };
        let mut results = candidates.iter().filter(fits).map(|candidate| candidate.result);
        let first = results.next().flatten().filter(|ty| !self.is_polymorphic(*ty));
        Detail::Unknown(first.filter(|_| results.all(|other| other == first)))
    }

    /// make_op.
    pub(super) fn make_operation(
        &self,
        operator: &OperatorName,
        left: Option<Expr>,
        right: Expr,
        span: Span,
    ) -> Result<Expr> {
        let types: Vec<Option<Type>> = left.iter().chain([&right]).map(|operand| operand.ty).collect();
        let candidate = match self.operator_detail(operator, &types) {
            Detail::Found(candidate) => candidate,
            Detail::Unknown(result) => return Ok(operation(operator, None, left, right, result, span)),
            Detail::NotFound => return self.no_operator(operator, left, right, &types, span),
            Detail::Several => return Err(self.operator_error("42725", operator, &types, "is not unique")),
        };
        let actual: Vec<Type> = types.into_iter().flatten().collect();
        let Some(resolved) = self.resolve_generics(&actual, &candidate.args, candidate.result) else {
            return Ok(operation(operator, Some(candidate.id), left, right, None, span));
        };
        let mut goals = resolved.args.iter();
        let left = match (left, goals.len()) {
            (Some(left), 2) => Some(self.coerce_operand(left, goals.next())?),
            (left, _) => left,
        };
        let right = self.coerce_operand(right, goals.next())?;
        Ok(operation(operator, Some(candidate.id), left, right, resolved.result, span))
    }

    fn coerce_operand(&self, operand: Expr, target: Option<&Type>) -> Result<Expr> {
        let span = operand.span;
        match target {
            Some(target) => self.coerce(operand, Goal::implicit(*target, span)),
            None => Ok(operand),
        }
    }

    fn no_operator(
        &self,
        operator: &OperatorName,
        left: Option<Expr>,
        right: Expr,
        types: &[Option<Type>],
        span: Span,
    ) -> Result<Expr> {
        if self.may_exist(operator.schema, operator.name, NameSpace::Operator) {
            return Ok(operation(operator, None, left, right, None, span));
        }
        Err(self.operator_error("42883", operator, types, "does not exist"))
    }

    fn operator_error(
        &self,
        sqlstate: &'static str,
        operator: &OperatorName,
        types: &[Option<Type>],
        what: &str,
    ) -> Box<Error> {
        let mut names = types.iter().flatten().map(|ty| self.name(*ty));
        let signature = match types.len() {
            2 => format!("{} {} {}", names.next().unwrap_or_default(), operator.name, names.next().unwrap_or_default()),
            _ => format!("{} {}", operator.name, names.next().unwrap_or_default()),
        };
        Error::new(sqlstate, operator.span, format!("operator {what}: {signature}"))
    }

    /// make_scalar_array_op.
    pub(super) fn make_scalar_array(
        &self,
        operator: &OperatorName,
        left: Expr,
        right: Expr,
        all: bool,
        span: Span,
    ) -> Result<Expr> {
        let known = self.known;
        let element = match right.ty {
            None => None,
            Some(ty) if ty == known.unknown => Some(known.unknown),
            Some(ty) => match self.element(self.base(ty)) {
                Some(element) => Some(element),
                None => {
                    return Err(Error::new("42809", operator.span, "op ANY/ALL (array) requires array on right side"));
                }
            },
        };
        let types = [left.ty, element];
        let candidate = match self.operator_detail(operator, &types) {
            Detail::Found(candidate) if candidate.args.len() == 2 => candidate,
            Detail::NotFound if !self.may_exist(operator.schema, operator.name, NameSpace::Operator) => {
                return Err(self.operator_error("42883", operator, &types, "does not exist"));
            }
            Detail::Several => return Err(self.operator_error("42725", operator, &types, "is not unique")),
            _ => return Ok(scalar_array(operator, None, left, right, all, known.bool, span)),
        };
        let actual: Vec<Type> = types.into_iter().flatten().collect();
        let Some(resolved) = self.resolve_generics(&actual, &candidate.args, candidate.result) else {
            return Ok(scalar_array(operator, Some(candidate.id), left, right, all, known.bool, span));
        };
        if resolved.result.is_some_and(|ty| ty != known.bool) {
            return Err(Error::new("42809", operator.span, "op ANY/ALL (array) requires operator to yield boolean"));
        }
        let left = self.coerce_operand(left, resolved.args.first())?;
        // A polymorphic operator takes the array as it is, unless that is a constant of no type.
        let target = resolved.args[1];
        let array = if self.is_polymorphic(target) { right.ty } else { self.array_of(target) };
        let right = self.coerce_operand(right, array.as_ref())?;
        Ok(scalar_array(operator, Some(candidate.id), left, right, all, known.bool, span))
    }

    /// The function of an operator of the empty server.
    pub fn system_operator_function(&self, id: OperatorId) -> Option<&'static str> {
        let OperatorId::System(at) = id else { return None };
        self.index.operators.get(at as usize).map(|operator| operator.fact.function)
    }

    /// provolatile of the operator's function.
    pub fn operator_volatility(&self, id: OperatorId) -> Option<Volatility> {
        match id {
            OperatorId::System(at) => Some(self.index.operators.get(at as usize)?.fact.volatility),
            OperatorId::Object(id) => {
                let Kind::Operator(operator) = &self.catalog.get(id)?.kind else { return None };
                Some(self.catalog.get(operator.function?)?.as_routine()?.volatility)
            }
        }
    }
}

fn operation(
    operator: &OperatorName,
    id: Option<OperatorId>,
    left: Option<Expr>,
    right: Expr,
    ty: Option<Type>,
    span: Span,
) -> Expr {
    let operation = Operation { operator: id, name: operator.name, name_span: operator.span, left, right };
    Expr { span, ty, modifiers: Modifiers::NONE, node: Node::Operator(Box::new(operation)) }
}

fn scalar_array(
    operator: &OperatorName,
    id: Option<OperatorId>,
    left: Expr,
    right: Expr,
    all: bool,
    ty: Type,
    span: Span,
) -> Expr {
    let node = ScalarArray { operator: id, name: operator.name, all, left, right };
    Expr { span, ty: Some(ty), modifiers: Modifiers::NONE, node: Node::ScalarArray(Box::new(node)) }
}
