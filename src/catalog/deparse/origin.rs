//! Where each expression was written: the object and the statement, so that it can be analysed as it was then.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::catalog::analyze::{self, Environment, ExprAnalysis, Purpose, QueryAnalysis, Scope};
use crate::catalog::{
    Catalog, CatalogAt, ConstraintKind, Key, Kind, Object, ObjectId, StatementId, TypeClass, TypeRef, ViewQuery,
};
use crate::source::FileId;
use crate::syntax::{Expr, Name, PartitionBound, QueryBody, StatementKind};

/// Where all expressions of a catalog's history were written. What is copied to another object (by LIKE,
/// inheritance, partitions) is shared, so that its first holder is the one it was written for.
#[derive(Debug)]
pub(in crate::catalog) struct Origins {
    /// The holders of what is at an address, and since which statement, first one first.
    holders: FxHashMap<usize, Vec<(StatementId, ObjectId)>>,
}

/// An analysed expression.
pub(super) struct Resolved {
    pub analysis: Arc<ExprAnalysis>,
    /// Set where its columns are those of the relation it was copied from.
    pub copy: Option<Copy>,
}

/// The columns of a copied expression.
pub(super) struct Copy {
    /// The relation that has the copy.
    pub relation: ObjectId,
    /// The number of each column where it was written, with its number in the copy.
    pub columns: Vec<(i16, i16)>,
}

impl Copy {
    /// The columns by the numbers of the original, with the names they have in the copy.
    pub fn names(&self, at: CatalogAt<'_>) -> Vec<(i16, Name)> {
        let name = |&(original, copied): &(i16, i16)| Some((original, at.column(self.relation, copied)?.name));
        self.columns.iter().filter_map(name).collect()
    }
}

fn address(expr: &Expr) -> usize {
    std::ptr::from_ref(expr) as usize
}

/// What an expression is for, in the object that holds it.
struct Use<'o> {
    expr: &'o Expr,
    purpose: Purpose,
    scope: ScopeKind,
}

/// What an expression may name.
#[derive(Clone, Copy)]
enum ScopeKind {
    Nothing,
    Relation(ObjectId),
    OldAndNew(ObjectId),
}

impl Origins {
    pub fn read(catalog: &Catalog) -> Origins {
        let mut holders: FxHashMap<usize, Vec<(StatementId, ObjectId)>> = FxHashMap::default();
        let ids = (0..catalog.system.start).chain(catalog.system.end..catalog.object_count()).map(ObjectId);
        for id in ids {
            for (statement, object) in catalog.history(id) {
                let Some(object) = object else { continue };
                each_address(object, |address| {
                    let known = holders.entry(address).or_default();
                    if !known.iter().any(|(_, holder)| *holder == id) {
                        known.push((statement, id));
                    }
                });
            }
        }
        for known in holders.values_mut() {
            known.sort();
        }
        Origins { holders }
    }

    pub(super) fn resolve(&self, at: CatalogAt<'_>, version: u8, holder: ObjectId, expr: &Expr) -> Option<Resolved> {
        if let Some(analysis) = of_policy(at.get(holder)?, expr) {
            return Some(Resolved { analysis: analysis.clone(), copy: None });
        }
        let catalog = at.catalog();
        let holders = self.holders.get(&address(expr))?;
        let &(statement, origin) = holders.first()?;
        let then = catalog.after(statement);
        let object = then.get(origin)?;
        let mut used = use_of(origin, object, expr)?;
        if let ScopeKind::Relation(domain) = used.scope
            && let Some(TypeClass::Domain { base, .. }) =
                then.get(domain).and_then(|it| it.as_type()).map(|it| &it.class)
        {
            used.purpose = Purpose::DomainCheck { base: Some(base.clone()) };
            used.scope = ScopeKind::Nothing;
        }
        let scope = match used.scope {
            ScopeKind::Nothing => Scope::empty(),
            ScopeKind::Relation(relation) => Scope::of(then, relation),
            ScopeKind::OldAndNew(relation) => Scope::old_and_new(then, relation),
        };
        let path = search_path(catalog, statement, object);
        let analysis = analyze::expression(Environment::new(then, &path, version), &scope, expr, &used.purpose).ok()?;
        let copy = self.copy(at, used.scope, holders, holder);
        let analysis = match used.scope {
            ScopeKind::Relation(relation) if is_rebuilt(&used.purpose) => {
                rebuilt(at, version, (relation, statement), analysis, &used.purpose)?
            }
            _ => analysis,
        };
        Some(Resolved { analysis: Arc::new(analysis), copy })
    }

    /// The columns of a copy have the names of the original when it is made.
    fn copy(
        &self,
        at: CatalogAt<'_>,
        scope: ScopeKind,
        holders: &[(StatementId, ObjectId)],
        holder: ObjectId,
    ) -> Option<Copy> {
        let ScopeKind::Relation(original) = scope else { return None };
        let relation = relation_of(holder, at.get(holder)?);
        if relation == original {
            return None;
        }
        let (made, _) = holders.iter().find(|(_, other)| *other == holder)?;
        let then = at.catalog().after(*made);
        let from = then.get(original).and_then(|object| object.as_relation())?;
        let to = then.get(relation).and_then(|object| object.as_relation())?;
        let pair = |column: &Arc<crate::catalog::Column>| Some((column.number, to.column(column.name)?.number));
        Some(Copy { relation, columns: from.columns.iter().filter_map(pair).collect() })
    }

    /// A value of FOR VALUES for a key column of this type.
    pub fn bound(
        &self,
        catalog: &Catalog,
        version: u8,
        bound: &Arc<PartitionBound>,
        (value, ty): (&Expr, Option<TypeRef>),
    ) -> Option<ExprAnalysis> {
        let &(statement, origin) = self.holders.get(&(Arc::as_ptr(bound) as usize))?.first()?;
        let then = catalog.after(statement);
        let path = search_path(catalog, statement, then.get(origin)?);
        let environment = Environment::new(then, &path, version);
        analyze::expression(environment, &Scope::empty(), value, &Purpose::PartitionBound { ty }).ok()
    }

    pub fn view(&self, catalog: &Catalog, version: u8, view: &Arc<ViewQuery>) -> Option<QueryAnalysis> {
        let &(statement, origin) = self.holders.get(&(Arc::as_ptr(view) as usize))?.first()?;
        let then = catalog.after(statement);
        let path = search_path(catalog, statement, then.get(origin)?);
        analyze::query(Environment::new(then, &path, version), &Scope::empty(), &view.query).ok()
    }
}

/// Policies keep what their clauses were resolved to.
fn of_policy<'o>(object: &'o Object, expr: &Expr) -> Option<&'o Arc<ExprAnalysis>> {
    let policy = object.as_policy()?;
    let is_it = |clause: &Option<Arc<Expr>>| clause.as_ref().is_some_and(|clause| std::ptr::eq(&**clause, expr));
    let in_check = if is_it(&policy.using) { false } else { is_it(&policy.check).then_some(true)? };
    policy.resolved(in_check)
}

/// The search_path that a statement ran with.
fn search_path(catalog: &Catalog, statement: StatementId, object: &Object) -> Vec<ObjectId> {
    if let Some(executed) = catalog.statement(statement) {
        return executed.search_path.to_vec();
    }
    // What the empty project is made of is qualified but for these.
    let end = catalog.end();
    let named = ["pg_catalog", "public", "extensions"].iter().filter_map(|name| end.schema(Name::from(name)));
    named.chain(object.schema).collect()
}

fn relation_of(id: ObjectId, object: &Object) -> ObjectId {
    object.attached_to().unwrap_or(id)
}

/// Checks and indexes are made anew of their text when a column that they name gets another type.
fn is_rebuilt(purpose: &Purpose) -> bool {
    matches!(purpose, Purpose::Check | Purpose::Index | Purpose::IndexPredicate | Purpose::Statistics)
}

/// An expression after all changes of type of the columns that it names (ATPostAlterTypeCleanup).
fn rebuilt(
    at: CatalogAt<'_>,
    version: u8,
    (relation, written): (ObjectId, StatementId),
    mut analysis: ExprAnalysis,
    purpose: &Purpose,
) -> Option<ExprAnalysis> {
    let catalog = at.catalog();
    let named: Vec<i16> = columns_of(&analysis.expr);
    for statement in changes_of_type(catalog, relation, written, &named) {
        let before = catalog.before(statement);
        let text = super::print(before, version, &analysis)?;
        let expr = parse(&text)?;
        let then = catalog.after(statement);
        let path: Vec<ObjectId> = then.schema(Name::from("pg_catalog")).into_iter().collect();
        let environment = Environment::new(then, &path, version);
        analysis = analyze::expression(environment, &Scope::of(then, relation), &expr, purpose).ok()?;
    }
    Some(analysis)
}

/// The statements after `written` that gave one of these columns another type.
fn changes_of_type(catalog: &Catalog, relation: ObjectId, written: StatementId, named: &[i16]) -> Vec<StatementId> {
    let types = |object: &Object| -> Vec<Option<TypeRef>> {
        let columns = object.as_relation();
        let ty = |&number: &i16| columns.and_then(|it| it.column_number(number)).and_then(|column| column.ty.clone());
        named.iter().map(ty).collect()
    };
    let mut last: Option<Vec<Option<TypeRef>>> = None;
    let mut changes = Vec::new();
    for (statement, object) in catalog.history(relation) {
        let Some(object) = object else { continue };
        let now = types(object);
        if statement > written && last.as_ref().is_some_and(|last| *last != now) {
            changes.push(statement);
        }
        last = Some(now);
    }
    changes
}

fn columns_of(expr: &analyze::tree::Expr) -> Vec<i16> {
    let mut columns = Vec::new();
    let walk = analyze::walk::Walk::expr(expr, &[]);
    for place in walk {
        if let analyze::walk::Part::Expr(analyze::tree::Expr { node: analyze::tree::Node::Var(var), .. }) = place.part {
            columns.push(var.column);
        }
    }
    columns
}

/// The expression that a text is.
fn parse(text: &str) -> Option<Expr> {
    let query = format!("SELECT {text}");
    let whole = 0..u32::try_from(query.len()).ok()?;
    let parsed = crate::syntax::parse_file(FileId(u32::MAX), &query, std::slice::from_ref(&whole));
    let statement = parsed.statements.first()?;
    let StatementKind::Select(query) = &statement.kind else { return None };
    let QueryBody::Select(select) = &query.body else { return None };
    select.targets.first().map(|target| target.expr.clone())
}

/// What an expression is for in an object that holds it.
fn use_of<'o>(id: ObjectId, object: &'o Object, expr: &Expr) -> Option<Use<'o>> {
    let mut found = None;
    each_use(id, object, |used| {
        if found.is_none() && std::ptr::eq(used.expr, expr) {
            found = Some(used);
        }
    });
    found
}

fn each_address(object: &Object, mut f: impl FnMut(usize)) {
    if let Some(query) = object.as_relation().and_then(|relation| relation.query.as_ref()) {
        f(Arc::as_ptr(query) as usize);
    }
    if let Some(bound) = object.as_relation().and_then(|relation| relation.bound.as_ref()) {
        f(Arc::as_ptr(bound) as usize);
    }
    each_use(ObjectId(0), object, |used| f(address(used.expr)));
}

fn each_use<'o>(id: ObjectId, object: &'o Object, mut f: impl FnMut(Use<'o>)) {
    let of = |expr: &'o Expr, purpose: Purpose, relation: ObjectId| Use {
        expr,
        purpose,
        scope: ScopeKind::Relation(relation),
    };
    let alone = |expr: &'o Expr, purpose: Purpose| Use { expr, purpose, scope: ScopeKind::Nothing };
    match &object.kind {
        Kind::Relation(relation) => {
            for column in &relation.columns {
                let (name, ty) = (column.name, column.ty.clone());
                if let Some(default) = &column.default {
                    f(alone(default, Purpose::Default { column: name, ty: ty.clone() }));
                }
                if let Some(generated) = &column.generated {
                    f(of(&generated.expr, Purpose::Generated { column: name, ty }, id));
                }
            }
            for key in relation.partition_key.iter().flat_map(|key| &key.keys) {
                if let Key::Expr(expr) = key {
                    f(of(expr, Purpose::PartitionKey, id));
                }
            }
        }
        Kind::Index(index) => {
            for column in &index.keys {
                if let Key::Expr(expr) = &column.key {
                    f(of(expr, Purpose::Index, index.table));
                }
            }
            if let Some(predicate) = &index.predicate {
                f(of(predicate, Purpose::IndexPredicate, index.table));
            }
        }
        Kind::Statistics(statistics) => {
            for key in &statistics.keys {
                if let Key::Expr(expr) = key {
                    f(of(expr, Purpose::Statistics, statistics.table));
                }
            }
        }
        Kind::Constraint(constraint) => {
            if let ConstraintKind::Check { expr, .. } = &constraint.kind {
                f(of(expr, Purpose::Check, constraint.of));
            }
        }
        Kind::Policy(policy) => {
            for expr in policy.using.iter().chain(&policy.check) {
                f(of(expr, Purpose::Policy, policy.table));
            }
        }
        Kind::Trigger(trigger) => {
            if let Some(when) = &trigger.when {
                let scope = ScopeKind::OldAndNew(trigger.table);
                f(Use { expr: when, purpose: Purpose::TriggerWhen, scope });
            }
        }
        Kind::Routine(routine) => {
            for parameter in &routine.parameters {
                if let Some(default) = &parameter.default {
                    f(alone(default, Purpose::ParameterDefault { ty: Some(parameter.ty.clone()) }));
                }
            }
        }
        Kind::Type(ty) => {
            if let TypeClass::Domain { base, default: Some(default), .. } = &ty.class {
                f(alone(default, Purpose::Default { column: object.name, ty: Some(base.clone()) }));
            }
        }
        Kind::Publication(publication) => {
            for table in &publication.tables {
                if let Some(filter) = &table.filter {
                    f(of(filter, Purpose::PublicationFilter, table.table));
                }
            }
        }
        _ => {}
    }
}
