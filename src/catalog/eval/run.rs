//! Where replay hands statements that run code over to the evaluator, and what the evaluator asks of replay.

use std::sync::Arc;

use super::convert::Looked;
use super::expr::Context;
use super::query::RowSet;
use super::value::{Oid, Value};
use super::{EXECUTE, Evaluator, Halt, Result};
use crate::catalog::analyze::tree::{Command, Constant, ConstantObject, Expr as Tree, Node, Query};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{
    ExprAnalysis, Facts, FunctionId, KnownTypes, QueryAnalysis, Scope, ScopeVariable, SystemIndex, Type,
};
use crate::catalog::replay::{Replay, Session, Stop};
use crate::catalog::{
    Bucket, Kind, Mark, NameKey, NameSpace, Object, ObjectId, Outcome, RoutineKind, StatementId, Tag, TypeRef,
};
use crate::source::{FileId, Span};
use crate::syntax::{
    self as ir, DataRef, DoBlock, Expr, ExprKind, Name, Origin, Statement, StatementKind, TypeName, parse_statements,
    parse_type,
};

/// A state of the replay that an error handler comes back to.
#[derive(Clone)]
pub(super) struct Checkpoint {
    mark: Mark,
    session: Session,
    next: u32,
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Halt {
        match stop {
            Stop::Refused(refusal) => Halt::Raised(refusal),
            Stop::Unknown(why) => Halt::Unknown(why),
        }
    }
}

impl Replay {
    /// DO.
    pub(crate) fn run_do(&mut self, block: &DoBlock) -> std::result::Result<Outcome, Stop> {
        if block.language.as_str() != "plpgsql" {
            let key = NameKey { space: NameSpace::Other(Tag::Language), parent: None, name: block.language };
            if self.now().named(key).is_empty() && self.doubt.about(block.language).is_none() {
                let message = format!("language \"{}\" does not exist", block.language);
                return Err(self.refuse("42704", block.code.span, message));
            }
            // The languages of the system but PL/pgSQL have no handler for code of its own.
            if matches!(block.language.as_str(), "sql" | "c" | "internal") {
                let message = format!("language \"{}\" does not support inline code execution", block.language);
                return Err(self.refuse("0A000", block.code.span, message));
            }
            self.doubt.everything("code in another language than PL/pgSQL is not followed");
            return Ok(Outcome::Unknown("code in another language than PL/pgSQL is not followed".into()));
        }
        let body = block.code.body();
        self.evaluate(&block.code.text, |evaluator| {
            let mut frame = super::code::Frame::new(&body);
            evaluator.run_code(&mut frame)
        })
    }

    /// A query or a change of rows at the top level: what it refuses, and what the functions do that it calls.
    pub(crate) fn run_data(&mut self, statement: DataRef<'_>) -> std::result::Result<Outcome, Stop> {
        let analysis = self.analyze_to_run(&Scope::empty(), statement)?;
        self.note_numbers_set(&analysis);
        let reads = |query: &Query| query.command == Command::Select;
        let only_reads = reads(&analysis.query) && analysis.query.ctes.iter().all(|cte| reads(&cte.query));
        if only_reads && !self.calls_own_code(&analysis) {
            return Ok(Outcome::Done);
        }
        let called = self.code_called(&analysis);
        self.evaluate(&called, |evaluator| {
            let context = Context { rows: None, parameters: &[], variables: &[], case: None };
            evaluator.data(&analysis, statement, context).map(|_| ())
        })
    }

    /// CALL.
    pub(crate) fn run_call(&mut self, call: &Expr) -> std::result::Result<Outcome, Stop> {
        let analysis = self.analyze(&Scope::empty(), call, &crate::catalog::analyze::Purpose::CallArguments)?;
        self.check_is_procedure(&analysis, call)?;
        self.evaluate("", |evaluator| {
            let context = Context { rows: None, parameters: &[], variables: &[], case: None };
            evaluator.eval(&analysis.expr, context).map(|_| ())
        })
    }

    /// CALL is for procedures alone.
    fn check_is_procedure(&self, analysis: &ExprAnalysis, call: &Expr) -> std::result::Result<(), Stop> {
        let Node::Call(called) = &analysis.expr.node else { return Ok(()) };
        let routine = |id: ObjectId| self.now().get(id).and_then(|object| Some((object, object.as_routine()?)));
        let name = match called.function {
            Some(FunctionId::Object(id)) => match routine(id) {
                Some((object, it)) if it.kind != RoutineKind::Procedure => self.now().signature(object),
                _ => return Ok(()),
            },
            Some(FunctionId::System(_)) => called.name.to_string(),
            None => return Ok(()),
        };
        let message = format!("{name} is not a procedure");
        Err(self.refuse("42809", call.span, message).help("call a function within SELECT"))
    }

    /// `code`: the text whose names are in doubt where it cannot be followed to its end.
    pub(super) fn evaluate(
        &mut self,
        code: &str,
        run: impl FnOnce(&mut Evaluator<'_>) -> Result<()>,
    ) -> std::result::Result<Outcome, Stop> {
        let (file, within) = (self.current_file(), self.current);
        let before = self.session.clone();
        let mut evaluator = Evaluator::new(self, file, within);
        let result = run(&mut evaluator);
        let unknown = evaluator.unknown.take();
        let maybe_left = evaluator.maybe_left;
        match (result, unknown) {
            (Ok(()), None) => Ok(Outcome::Done),
            (Ok(()), Some(why)) => {
                self.catalog_mut().note_row_write(None);
                Ok(Outcome::Unknown(why))
            }
            // What ran so far stands; what comes next may have done anything.
            (Err(Halt::Unknown(why)), _) => {
                self.catalog_mut().note_row_write(None);
                self.doubt_code(code, &why);
                Ok(Outcome::Unknown(why))
            }
            (Err(Halt::Raised(refusal)), unknown) => {
                self.session = before;
                self.mark_rolled_back(within.0 + 1);
                match unknown {
                    // Whether the error is met depends on what could not be followed.
                    Some(why) if maybe_left => Err(Stop::Unknown(why)),
                    _ => Err(Stop::Refused(refusal)),
                }
            }
        }
    }

    fn mark_rolled_back(&mut self, from: u32) {
        for id in from..=self.catalog().statements().len() as u32 {
            if let Some(executed) = self.catalog_mut().statement_mut(StatementId(id)) {
                executed.rolled_back = true;
            }
        }
    }

    /// Whether a query calls functions of the project or of extensions, or such of the system as change settings.
    fn calls_own_code(&self, analysis: &QueryAnalysis) -> bool {
        for place in Walk::query(&analysis.query, &analysis.ranges) {
            match place.part {
                Part::Expr(Tree { node: Node::Call(call), .. }) => {
                    let own = matches!(call.function, Some(crate::catalog::analyze::FunctionId::Object(_)) | None);
                    if own || call.name.as_str() == "set_config" {
                        return true;
                    }
                }
                Part::Query(query) if query.command != Command::Select => return true,
                _ => {}
            }
        }
        false
    }

    /// Sequences of which a query takes numbers, or sets the next one: what they number is no longer known.
    fn note_numbers_set(&mut self, analysis: &QueryAnalysis) {
        let mut sequences = Vec::new();
        for place in Walk::query(&analysis.query, &analysis.ranges) {
            let Part::Expr(Tree { node: Node::Call(call), .. }) = place.part else { continue };
            if !matches!(call.name.as_str(), "setval" | "nextval") {
                continue;
            }
            sequences.push(match call.args.first().map(|arg| &arg.node) {
                Some(Node::Constant(Constant::Object { id: ConstantObject::Object(id), .. })) => Some(*id),
                _ => None,
            });
        }
        sequences.into_iter().for_each(|sequence| self.catalog_mut().note_row_write(sequence));
    }

    /// The code of all functions of the project that a query calls.
    fn code_called(&self, analysis: &QueryAnalysis) -> String {
        let functions = analysis.needs().functions;
        let sources = functions.iter().filter_map(|id| Some(self.now().get(*id)?.as_routine()?.source.clone()));
        sources.collect::<Vec<_>>().join("\n")
    }

    /// Runs a statement as part of another. Its refusal is that of the code that runs it.
    pub(super) fn run_within(&mut self, file: FileId, statement: Arc<Statement>, within: StatementId) -> Result<()> {
        let id = StatementId(self.catalog().statements().len() as u32 + 1);
        self.run(file, statement, Some(within));
        let Some(executed) = self.catalog_mut().statement_mut(id) else { return Ok(()) };
        if let Outcome::Refused(refusal) = executed.outcome.clone() {
            executed.outcome = Outcome::Skipped;
            executed.rolled_back = true;
            return Err(Halt::Raised(Box::new((*refusal).clone())));
        }
        Ok(())
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        let next = self.catalog().statements().len() as u32 + 1;
        Checkpoint { mark: self.catalog().mark(), session: self.session.clone(), next }
    }

    pub(super) fn back_to(&mut self, checkpoint: Checkpoint) {
        self.catalog_mut().undo_to(checkpoint.mark);
        self.session = checkpoint.session;
        self.refresh_path();
        self.mark_rolled_back(checkpoint.next);
    }

    /// The session of a function with settings of its own, or that runs as its owner; what to go back to.
    pub(super) fn enter_function(&mut self, object: &Object) -> Option<Session> {
        let routine = object.as_routine()?;
        if routine.settings.is_empty() && !routine.security_definer {
            return None;
        }
        let before = self.session.clone();
        for (name, value) in &routine.settings {
            self.set_for_function(*name, value);
        }
        if routine.security_definer {
            self.session.role = object.owner.or(self.session.role);
        }
        self.refresh_path();
        Some(before)
    }

    pub(super) fn leave_function(&mut self, before: Option<Session>) {
        if let Some(before) = before {
            self.session = before;
            self.refresh_path();
        }
    }

    // --- what the evaluator asks ------------------------------------------------------------------

    /// Whether a type is an enum.
    pub(super) fn is_enum(&self, ty: Type) -> bool {
        let class = self.now().get(ty.id).and_then(|it| it.as_type()).map(|ty| &ty.class);
        !ty.array && matches!(class, Some(crate::catalog::TypeClass::Enum { .. }))
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts::new(self.environment())
    }

    fn known_types(&self) -> &KnownTypes {
        &self.catalog().system_types(self.version()).known
    }

    fn index(&self) -> &'static SystemIndex {
        SystemIndex::of(self.version())
    }

    /// The name of an operator of the system.
    pub(super) fn operator_name(&self, at: u32) -> Option<&'static str> {
        self.index().operator_name(at)
    }

    /// The schema and name of a function of the system.
    pub(super) fn function_name(&self, at: u32) -> Option<(&'static str, &'static str)> {
        self.index().function_name(at)
    }

    /// proisstrict of a function of the empty server.
    pub(super) fn is_strict(&self, at: u32) -> bool {
        self.index().function(at).is_none_or(|function| function.fact.strict)
    }

    pub(super) fn is_system_function(&self, name: Name) -> bool {
        self.index().functions_named(name.as_str()).next().is_some()
    }

    pub(super) fn text_type(&self) -> Type {
        self.known_types().text
    }

    pub(super) fn text_reference(&self) -> Option<TypeRef> {
        let ty = self.text_type();
        Some(TypeRef { id: ty.id, modifiers: Vec::new(), array: ty.array })
    }

    pub(super) fn integer_type(&self) -> Option<TypeRef> {
        let ty = self.known_types().int4;
        Some(TypeRef { id: ty.id, modifiers: Vec::new(), array: ty.array })
    }

    pub(super) fn behind_domain(&self, ty: Type) -> Type {
        self.facts().base(ty)
    }

    /// int2vector and oidvector: arrays that count from 0.
    pub(super) fn is_vector(&self, ty: Type) -> bool {
        let known = self.known_types();
        ty == known.int2vector || ty == known.oidvector
    }

    pub(super) fn element_type(&self, ty: Type) -> Option<Type> {
        self.facts().element(ty)
    }

    /// The type that a name means; `None` where that is not known.
    pub(super) fn type_of_name(&mut self, name: &TypeName) -> std::result::Result<Option<TypeRef>, Stop> {
        match self.facts().resolve_type(name) {
            Ok(Some((ty, modifiers))) => {
                Ok(Some(TypeRef { id: ty.id, modifiers: modifiers.as_slice().to_vec(), array: ty.array }))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(self.stop_of(*error)),
        }
    }

    /// to_regtype.
    pub(super) fn look_up_type(&mut self, text: &str) -> Looked {
        let Ok(name) = parse_type(text, &Origin::Elsewhere(Span::NONE)) else { return Looked::Absent };
        match self.facts().resolve_type(&name) {
            Ok(Some((ty, _))) => Looked::Found(Oid::Type(ty)),
            Ok(None) => Looked::Unknown,
            Err(_) => Looked::Absent,
        }
    }

    /// to_regprocedure: `name(type, …)`.
    pub(super) fn look_up_function(&mut self, text: &str) -> Looked {
        let Some((name, types)) = text.trim().strip_suffix(')').and_then(|text| text.split_once('(')) else {
            return Looked::Unknown;
        };
        let Some(parts) = crate::catalog::analyze::name_parts(name) else { return Looked::Unknown };
        let mut wanted = Vec::new();
        for text in types.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            match self.look_up_type(text) {
                Looked::Found(Oid::Type(ty)) => wanted.push(ty),
                Looked::Unknown => return Looked::Unknown,
                _ => return Looked::Absent,
            }
        }
        let now = self.now();
        let (schema, name) = match parts[..] {
            [name] => (None, name),
            [.., schema, name] => (Some(schema), name),
            [] => return Looked::Unknown,
        };
        let schemas: Vec<ObjectId> = match schema {
            Some(schema) => now.schema(schema).into_iter().collect(),
            None => self.path.to_vec(),
        };
        let matches = |id: &&ObjectId| {
            let routine = now.get(**id).and_then(|object| object.as_routine());
            routine.is_some_and(|routine| {
                let inputs = routine.inputs().map(|input| Type { id: input.ty.id, array: input.ty.array });
                inputs.eq(wanted.iter().copied())
            })
        };
        for schema in schemas {
            let key = NameKey { space: NameSpace::Routine, parent: Some(schema), name };
            if let Some(id) = now.named(key).iter().find(matches) {
                return Looked::Found(Oid::Object(*id));
            }
        }
        let unknown = self.doubt.about(name).is_some() || self.is_system_function(name);
        if unknown { Looked::Unknown } else { Looked::Absent }
    }

    /// The place of the statement that is run.
    pub(super) fn current_span(&self) -> Span {
        self.catalog().statement(self.current).map_or(Span::NONE, |executed| executed.statement.span)
    }

    pub(super) fn current_file(&self) -> FileId {
        self.catalog().statement(self.current).map_or(FileId::NONE, |executed| executed.file)
    }

    // --- rows that are objects --------------------------------------------------------------------

    pub(super) fn is_bucket_table(&self, table: ObjectId) -> bool {
        let now = self.now();
        now.get(table)
            .is_some_and(|object| object.name.as_str() == "buckets" && now.schema_name(object).as_str() == "storage")
    }

    pub(super) fn bucket(&self, id: Name) -> Option<(ObjectId, Bucket)> {
        let key = NameKey { space: NameSpace::Other(Tag::Bucket), parent: None, name: id };
        let found = self.now().named(key).first().copied()?;
        let Kind::Bucket(bucket) = &self.now().get(found)?.kind else { return None };
        Some((found, *bucket))
    }

    pub(super) fn add_bucket(&mut self, id: Name, bucket: Bucket) {
        let mut object = Object::new(id, None, Kind::Bucket(bucket));
        object.span = self.current_span();
        self.add(object);
    }

    pub(super) fn change_bucket(&mut self, object: ObjectId, id: Name, bucket: Bucket) {
        self.change(object, |object| (object.name, object.kind) = (id, Kind::Bucket(bucket)));
    }

    pub(super) fn remove_bucket(&mut self, object: ObjectId) {
        self.erase(object);
    }

    /// Writes a column of pg_proc.
    pub(super) fn set_routine_option(&mut self, id: ObjectId, column: Name, value: &Value) {
        let settings = match value {
            Value::Array(all) => all.iter().map(setting_of).collect::<Option<Vec<_>>>(),
            Value::Null => Some(Vec::new()),
            _ => None,
        };
        self.change(id, |object| {
            let Kind::Routine(routine) = &mut object.kind else { return };
            match (column.as_str(), value) {
                ("prosecdef", Value::Bool(on)) => routine.security_definer = *on,
                ("proisstrict", Value::Bool(on)) => routine.strict = *on,
                ("proleakproof", Value::Bool(on)) => routine.leakproof = *on,
                ("proconfig", _) => routine.settings = settings.unwrap_or(std::mem::take(&mut routine.settings)),
                _ => {}
            }
        });
    }

    /// A table has rows from here on, and so may those that its triggers write to.
    pub(crate) fn note_write(&mut self, table: ObjectId) {
        self.catalog_mut().note_row_write(Some(table));
        if !self.triggers_write_nothing(table) {
            self.catalog_mut().note_row_write(None);
        }
        let mut pending = vec![table];
        while let Some(table) = pending.pop() {
            if self.now().may_hold_rows(table) {
                continue;
            }
            self.catalog_mut().fill(table);
            let now = self.now();
            let functions: Vec<ObjectId> = now.triggers(table).filter_map(|trigger| trigger.is.function).collect();
            for function in functions {
                match self.tables_written_by(function) {
                    Some(tables) => pending.extend(tables),
                    None => {
                        self.catalog_mut().fill_all();
                        return;
                    }
                }
            }
        }
    }

    /// Whether the triggers of a table write nothing.
    fn triggers_write_nothing(&self, table: ObjectId) -> bool {
        let returns = |function: ObjectId| self.returns_only(function, &["new", "old", ""]);
        self.now().triggers(table).all(|trigger| trigger.is.function.is_some_and(returns))
    }

    /// Whether a trigger function does nothing but to return one of these rows (the empty name: NULL).
    pub(super) fn returns_only(&self, function: ObjectId, rows: &[&str]) -> bool {
        let Some(body) = self.now().get(function).and_then(|it| it.as_routine()?.body.clone()) else { return false };
        let ir::FunctionBody::Text { code, .. } = &*body else { return false };
        let code = code.body();
        let mut returns = false;
        let mut only = true;
        code.walk(|statement| match &statement.kind {
            ir::plpgsql::CodeStatementKind::Return(Some(row)) => {
                let name = match code.expression(*row).map(|expr| &expr.kind) {
                    Some(ExprKind::Null) => "",
                    Some(ExprKind::Column(column)) => column.column().map_or("?", |it| it.name.as_str()),
                    _ => "?",
                };
                returns = true;
                only &= rows.contains(&name);
            }
            ir::plpgsql::CodeStatementKind::Block(block) => only &= block.handlers.is_empty(),
            _ => only = false,
        });
        returns && only
    }

    /// The tables that a trigger function inserts into; `None` where it may be any.
    fn tables_written_by(&self, function: ObjectId) -> Option<Vec<ObjectId>> {
        let now = self.now();
        let body = now.get(function)?.as_routine()?.body.clone()?;
        let ir::FunctionBody::Text { code, .. } = &*body else { return None };
        let code = code.body();
        let mut written = Vec::new();
        let mut known = true;
        code.walk(|statement| match &statement.kind {
            ir::plpgsql::CodeStatementKind::Execute { .. } | ir::plpgsql::CodeStatementKind::Perform(_) => {
                known = false
            }
            ir::plpgsql::CodeStatementKind::Sql { sql, .. } => {
                match code.statement(*sql).map(|statement| &statement.kind) {
                    Ok(StatementKind::Insert(insert)) => written.push(insert.relation.name.clone()),
                    Ok(StatementKind::Merge(merge)) => written.push(merge.relation.name.clone()),
                    _ => {}
                }
            }
            _ => {}
        });
        known.then(|| written.iter().filter_map(|name| self.find_relation(name)).collect())
    }
}

/// `name=value`
fn setting_of(value: &Value) -> Option<(Name, Arc<str>)> {
    let (name, value) = value.as_str()?.split_once('=')?;
    Some((Name::from(name), Arc::from(value)))
}

impl Evaluator<'_> {
    /// Runs a text as EXECUTE does: the rows of the last statement, with the names of their columns.
    pub(super) fn execute_text(
        &mut self,
        text: &str,
        place: &Origin,
        span: Span,
        parameters: &[Value],
        types: Vec<Option<TypeRef>>,
    ) -> Result<RowSet> {
        self.spend(EXECUTE)?;
        let parameter = |ty| ScopeVariable { name: None, qualifier: None, ty, fields: None };
        let scope = Scope { parameters: types.into_iter().map(parameter).collect(), ..Scope::default() };
        let statements = match parse_statements(text, place) {
            Ok(statements) => statements,
            Err(error) => {
                let at = if error.span.is_none() { span } else { error.span };
                return Err(Halt::Raised(Box::new(self.refusal(error.sqlstate(), at, error.message))));
            }
        };
        let mut result = RowSet::default();
        for statement in statements {
            let context = Context { rows: None, parameters, variables: &[], case: None };
            result = self.statement(Arc::new(statement), &scope, context)?;
        }
        Ok(result)
    }
}

/// Where the bytes of an executed text stand: in the file, if the text is a string constant there as it is.
pub(super) fn place_of(expr: Option<&Expr>, text: &str, span: Span) -> Origin {
    let Some(Expr { kind: ExprKind::String(constant), span: place }) = expr else { return Origin::Elsewhere(span) };
    if &**constant != text {
        return Origin::Elsewhere(span);
    }
    let around = (place.len() as usize).saturating_sub(text.len());
    let quotes = text.matches('\'').count();
    let offset = match around {
        2 if quotes == 0 => 1,
        // `$$…$$` or `$tag$…$tag$`; with doubled quotes it is not told apart from the other form.
        around if around >= 4 && around % 2 == 0 && around != 2 + quotes => around / 2,
        _ => return Origin::Elsewhere(*place),
    };
    Origin::verbatim(place.file, place.start + offset as u32)
}
