//! Runs the rules about queries: on views, functions and policies as they are in the end, on the data statements and
//! DO blocks of migrations as they ran, on query files.

use std::cell::OnceCell;
use std::sync::Arc;

use rayon::prelude::*;

use super::check::{report_of, rule_facts};
use super::files::LooseFile;
use super::guard::guarded;
use crate::catalog::analyze::{self, Environment, QueryAnalysis, Scope, ScopeVariable};
use crate::catalog::{
    Catalog, CatalogAt, Executed, Found, ObjectId, Outcome, Routine, RoutineParameter, TypeClass, TypeRef,
};
use crate::finding::Finding;
use crate::project::{Project, Workspace};
use crate::query::{Place, QueryContext};
use crate::rule::{Check, Rule};
use crate::source::{FileId, Sources, Span};
use crate::syntax::plpgsql::{self, Body, CodeStatementKind, DeclarationKind};
use crate::syntax::{
    CodeText, DataRef, Expr, ExprKind, FromItem, FromKind, FunctionBody, Ident, Name, Part, Persistence, QualifiedName,
    Query, QueryBody, RelationRef, Select, Statement, StatementKind,
};

/// A query, or the code around several.
struct Asked<'c> {
    at: CatalogAt<'c>,
    path: Arc<[ObjectId]>,
    place: Place,
    span: Span,
    scope: Arc<Scope>,
    data: Option<Data<'c>>,
    code: Option<Arc<Body>>,
    routine: Option<Found<'c, Routine>>,
}

/// A query or a statement that writes rows, and whose it is.
enum Data<'c> {
    Within(DataRef<'c>),
    Statement(Arc<Statement>),
    /// Made up here.
    Query(Box<Query>),
}

impl Data<'_> {
    fn as_ref(&self) -> Option<DataRef<'_>> {
        match self {
            Data::Within(data) => Some(*data),
            Data::Statement(statement) => statement.kind.as_data(),
            Data::Query(query) => Some(DataRef::Select(query)),
        }
    }
}

/// What the rules about queries find in one history and in the query files near it.
pub fn queries(
    workspace: &Workspace,
    at: usize,
    catalog: &Catalog,
    loose: &[LooseFile],
    rules: &[&Rule],
) -> Vec<Finding> {
    let rules: Vec<&&Rule> = rules.iter().filter(|rule| matches!(rule.check, Check::Query(_))).collect();
    let sources = &workspace.sources;
    let mut asked = of_schema(catalog, sources);
    asked.extend(of_history(catalog, sources));
    asked.extend(near(workspace, at, loose).flat_map(|(_, statements)| of_file(catalog, statements)));
    asked.retain(|asked| is_reported(workspace, asked.span));
    run(workspace, &workspace.projects[at], asked, &rules)
}

/// The query files that are about a history.
pub(super) fn near<'l>(
    workspace: &Workspace,
    at: usize,
    loose: &'l [LooseFile],
) -> impl Iterator<Item = &'l LooseFile> {
    loose.iter().filter(move |(file, _)| nearest(workspace, *file) == Some(at))
}

/// The queries that are asked again and again, with their names resolved; `None` where one cannot be.
pub(super) fn lasting(
    workspace: &Workspace,
    at: usize,
    catalog: &Catalog,
    loose: &[LooseFile],
) -> Vec<(Span, Option<QueryAnalysis>)> {
    let mut asked = of_schema(catalog, &workspace.sources);
    asked.extend(near(workspace, at, loose).flat_map(|(_, statements)| of_file(catalog, statements)));
    let version = workspace.projects[at].facts.server.version;
    let resolved = asked.par_iter().filter_map(|asked| {
        let data = asked.data.as_ref()?.as_ref()?;
        let environment = Environment::new(asked.at, &asked.path, version);
        let work = || analyze::statement(environment, &asked.scope, data).ok();
        Some((asked.span, guarded("reading this query", asked.span, work).ok().flatten()))
    });
    resolved.collect()
}

fn is_reported(workspace: &Workspace, span: Span) -> bool {
    !span.is_none() && workspace.files[span.file.0 as usize].reported
}

/// The project that a query file is about: the one that shares most of its path.
fn nearest(workspace: &Workspace, file: FileId) -> Option<usize> {
    let path = &workspace.sources.file(file).path;
    let shared = |root: &std::path::Path| root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let projects = workspace.projects.iter().enumerate();
    projects.max_by_key(|(at, project)| (shared(&project.root), usize::MAX - at)).map(|(at, _)| at)
}

fn run(workspace: &Workspace, project: &Project, asked: Vec<Asked<'_>>, rules: &[&&Rule]) -> Vec<Finding> {
    let facts = rule_facts(workspace, project);
    let config = &workspace.configs[project.config];
    let wanted: Vec<&&&Rule> = rules.iter().filter(|rule| config.may_run(rule)).collect();
    let version = project.facts.server.version;
    let found: Vec<Vec<Finding>> = asked
        .into_par_iter()
        .map(|asked| {
            let environment = Environment::new(asked.at, &asked.path, version);
            let statement = asked.data.as_ref().and_then(Data::as_ref);
            let resolve = || {
                let data = statement?;
                let work = || analyze::statement(environment, &asked.scope, data).ok();
                guarded("reading this query", asked.span, work).ok()?
            };
            let resolved = OnceCell::new();
            let context = QueryContext {
                sources: &workspace.sources,
                catalog: asked.at,
                environment,
                facts: &facts,
                place: asked.place,
                span: asked.span,
                statement,
                resolved: &resolved,
                resolve: &resolve,
                blocks: OnceCell::new(),
                code: asked.code.as_deref(),
                routine: asked.routine,
            };
            let mut findings = Vec::new();
            for rule in &wanted {
                let Check::Query(check) = rule.check else { continue };
                let mut report = report_of(rule);
                let failure =
                    guarded(format_args!("rule {}", rule.id), asked.span, || check(&context, &mut report)).err();
                findings.extend(failure);
                findings.extend(report.into_findings());
            }
            findings
        })
        .collect();
    found.into_iter().flatten().collect()
}

// --- where queries are ------------------------------------------------------------------------------

fn of_schema<'c>(catalog: &'c Catalog, sources: &Sources) -> Vec<Asked<'c>> {
    let at = catalog.end();
    let path: Arc<[ObjectId]> = crate::advise::table::search_path(at).into();
    let nothing = Arc::new(Scope::empty());
    let mut all = Vec::new();
    let query = |place: Place, span: Span, data: Data<'c>| Asked {
        at,
        path: path.clone(),
        place,
        span,
        scope: nothing.clone(),
        data: Some(data),
        code: None,
        routine: None,
    };
    for view in at.relations() {
        if let Some(own) = &view.is.query {
            all.push(query(Place::View, own.span, Data::Within(DataRef::Select(&own.query))));
        }
        for policy in at.policies(view.id) {
            let schema = at.schema_name(view.object);
            for expr in [&policy.is.using, &policy.is.check].into_iter().flatten() {
                all.push(query(Place::Policy, expr.span, Data::Query(Box::new(over(schema, view.name(), expr)))));
            }
        }
    }
    for routine in at.routines() {
        all.extend(of_routine(at, sources, &path, routine));
    }
    all
}

/// `select from schema.relation where expr`: what a policy asks of each row.
fn over(schema: Name, relation: Name, expr: &crate::syntax::Expr) -> Query {
    let span = expr.span;
    let name = QualifiedName {
        database: None,
        schema: (!schema.is_empty()).then(|| Ident::new(schema, span)),
        name: Ident::new(relation, span),
    };
    let relation = RelationRef { span, name, only: false, persistence: Persistence::Permanent, alias: None };
    let select = Select {
        distinct: None,
        targets: Vec::new(),
        into: None,
        from: vec![FromItem { span, kind: FromKind::Relation(relation) }],
        filter: Some(expr.clone()),
        group_by: Vec::new(),
        group_distinct: false,
        having: None,
        windows: Vec::new(),
    };
    Query {
        span,
        with: None,
        body: QueryBody::Select(Box::new(select)),
        order_by: Vec::new(),
        limit: None,
        offset: None,
        with_ties: false,
        locking: Vec::new(),
    }
}

fn of_routine<'c>(
    at: CatalogAt<'c>,
    sources: &Sources,
    path: &Arc<[ObjectId]>,
    routine: Found<'c, Routine>,
) -> Vec<Asked<'c>> {
    let name = routine.name();
    let variable = |parameter: &RoutineParameter| ScopeVariable {
        name: parameter.name,
        qualifier: Some(name),
        ty: Some(parameter.ty.clone()),
        fields: None,
    };
    let parameters = routine.is.inputs().map(variable).collect();
    let scope = Arc::new(Scope { parameters, function: Some(name), ..Scope::default() });
    let asked = |data: Data<'c>, span: Span| Asked {
        at,
        path: path.clone(),
        place: Place::Function,
        span,
        scope: scope.clone(),
        data: Some(data),
        code: None,
        routine: Some(routine),
    };
    match routine.is.body.as_deref() {
        Some(FunctionBody::Atomic(statements)) => {
            statements.iter().filter_map(|it| Some(asked(Data::Within(data(it)?), it.span))).collect()
        }
        Some(FunctionBody::Text { code, .. }) if routine.is.language.as_str() == "sql" => {
            let read = code.statements();
            let statements = read.as_ref().as_ref().map_or(&[][..], Vec::as_slice);
            let statements = statements.iter().filter(|it| data(it).is_some());
            statements.map(|it| asked(Data::Statement(it.clone()), it.span)).collect()
        }
        Some(FunctionBody::Text { code, .. }) if routine.is.language.as_str() == "plpgsql" => {
            of_code((at, sources), path, code, &scope, Place::Function, Some(routine))
        }
        _ => Vec::new(),
    }
}

/// The code itself, and each query in it. Of variables only the names are known, but of arguments the types too.
fn of_code<'c>(
    (at, sources): (CatalogAt<'c>, &Sources),
    path: &Arc<[ObjectId]>,
    code: &CodeText,
    around: &Scope,
    place: Place,
    routine: Option<Found<'c, Routine>>,
) -> Vec<Asked<'c>> {
    let body = code.body();
    if body.error.is_some() || body.templated {
        return Vec::new();
    }
    let mut names: Vec<Name> = ["found", "new", "old", "tg_op", "tg_argv", "tg_table_name", "sqlerrm", "sqlstate"]
        .into_iter()
        .map(Name::from)
        .collect();
    body.walk(|statement| {
        if let CodeStatementKind::Block(block) = &statement.kind {
            let variables = block.declarations.iter().filter(|it| !matches!(it.kind, DeclarationKind::Unknown));
            names.extend(variables.map(|declaration| declaration.name.name));
        }
        if let CodeStatementKind::Loop(inner) = &statement.kind
            && let plpgsql::LoopKind::Range { variable, .. } = &inner.kind
        {
            names.push(variable.name);
        }
    });
    let variable = |name: Name| ScopeVariable { name: Some(name), qualifier: None, ty: None, fields: None };
    let mut variables: Vec<ScopeVariable> = names.into_iter().map(variable).collect();
    let arguments = routine.iter().flat_map(|routine| &routine.is.parameters);
    variables.extend(arguments.filter_map(|it| {
        let ty = is_scalar(at, &it.ty).then(|| it.ty.clone());
        Some(ScopeVariable { ty, ..variable(it.name?) })
    }));
    let scope = Arc::new(Scope { variables, ..around.clone() });
    let asked = |data, code, span, scope: &Arc<Scope>| Asked {
        at,
        path: path.clone(),
        place,
        span,
        scope: scope.clone(),
        data,
        code,
        routine,
    };
    let mut all = vec![asked(None, Some(body.clone()), code.span, &scope)];
    for (sql, _) in body.sql() {
        let Ok(statement) = body.statement(sql) else { continue };
        all.extend(data(statement).map(|_| asked(Some(Data::Statement(statement.clone())), None, sql.span, &scope)));
    }
    // What is executed sees no variable of the code around it.
    let nothing = Arc::new(Scope::empty());
    body.walk(|statement| {
        let Some(text) = statement.executed().and_then(|sql| written(sources, body.expression(sql)?)) else { return };
        let read = text.statements();
        let statements = read.as_ref().as_ref().map_or(&[][..], Vec::as_slice);
        let statements = statements.iter().filter(|it| data(it).is_some());
        all.extend(statements.map(|it| asked(Some(Data::Statement(it.clone())), None, it.span, &nothing)));
    });
    all
}

/// A text that stands in the file as it is, without an escape.
fn written(sources: &Sources, expr: &Expr) -> Option<CodeText> {
    let ExprKind::String(text) = &expr.kind else { return None };
    let at = sources.slice(expr.span).find(&**text).filter(|_| !text.is_empty())? as u32;
    let start = expr.span.start + at;
    let inner = Span::new(expr.span.file, start, start + text.len() as u32);
    Some(CodeText::new(expr.span, inner, (**text).into(), true))
}

/// Whether values of a type have no columns of their own.
fn is_scalar(at: CatalogAt<'_>, ty: &TypeRef) -> bool {
    let class = at.get(ty.id).and_then(|object| object.as_type()).map(|ty| &ty.class);
    matches!(class, Some(TypeClass::Base | TypeClass::Enum { .. }))
}

fn of_history<'c>(catalog: &'c Catalog, sources: &Sources) -> Vec<Asked<'c>> {
    let done = |executed: &&Executed| {
        executed.within.is_none()
            && !executed.rolled_back
            && matches!(executed.outcome, Outcome::Done | Outcome::Unknown(_))
    };
    let nothing = Arc::new(Scope::empty());
    let mut all = Vec::new();
    for executed in catalog.statements().iter().filter(done) {
        let at = catalog.before(executed.id);
        let path = executed.search_path.clone();
        let statement = &executed.statement;
        match &statement.kind {
            StatementKind::Do(block) if block.language.as_str() == "plpgsql" => {
                all.extend(of_code((at, sources), &path, &block.code, &nothing, Place::Code, None));
            }
            _ => all.extend(data(statement).map(|data| Asked {
                at,
                path,
                place: Place::Migration,
                span: statement.span,
                scope: nothing.clone(),
                data: Some(Data::Within(data)),
                code: None,
                routine: None,
            })),
        }
    }
    all
}

fn of_file<'c>(catalog: &'c Catalog, statements: &[Arc<Statement>]) -> Vec<Asked<'c>> {
    let at = catalog.end();
    let path: Arc<[ObjectId]> = crate::advise::table::search_path(at).into();
    let nothing = Arc::new(Scope::empty());
    let asked = |statement: &Arc<Statement>| Asked {
        at,
        path: path.clone(),
        place: Place::File,
        span: statement.span,
        scope: nothing.clone(),
        data: Some(Data::Statement(statement.clone())),
        code: None,
        routine: None,
    };
    statements.iter().filter(|statement| data(statement).is_some()).map(asked).collect()
}

/// The statement where it reads or writes rows. Of large lists of values nothing is to be said.
fn data(statement: &Statement) -> Option<DataRef<'_>> {
    let data = statement.kind.as_data()?;
    let asks = match data {
        DataRef::Select(query) => reads_rows(query),
        DataRef::Insert(insert) => !is_values(insert.source.as_ref()),
        _ => true,
    };
    asks.then_some(data)
}

/// Most of what PL/pgSQL holds are expressions, which read variables alone.
fn reads_rows(query: &Query) -> bool {
    let mut reads = false;
    Part::Query(query).walk(&mut |part| {
        reads |= matches!(part, Part::From(_) | Part::Data(_));
        !reads
    });
    reads
}

fn is_values(source: Option<&Query>) -> bool {
    source.is_none_or(|query| matches!(query.body, QueryBody::Values(_)))
}
