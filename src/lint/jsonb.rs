//! What queries ask of columns of type jsonb: those of the schema, of query files, of plans and of pg_stat_statements.

use super::check::read;
use super::files::LooseFile;
use super::queries::{lasting, near};
use crate::capture::{Expression, Plan};
use crate::catalog::analyze::tree::{Expr, Node, Query, RangeKind, Var};
use crate::catalog::analyze::walk::{Part, Place, Walk};
use crate::catalog::analyze::{self, Environment, Scope};
use crate::catalog::{Catalog, CatalogAt, Index, Key, ObjectId};
use crate::project::Workspace;
use crate::query::plain;
use crate::rule::{JsonbQuestion, JsonbQuestions};
use crate::source::Span;
use crate::stats::{Kind, Statistics};
use crate::syntax::{Name, Origin, parse_statements};

/// The operators of jsonb that GIN serves, all of them by its default class.
const OPERATORS: [&str; 6] = ["@>", "?", "?|", "?&", "@?", "@@"];

/// All that is asked; nothing where no index of one jsonb column is there, or nobody knows what clients ask.
pub(super) fn questions(
    workspace: &Workspace,
    at: usize,
    catalog: &Catalog,
    loose: &[LooseFile],
    exported: &Statistics,
) -> JsonbQuestions {
    let end = catalog.end();
    let captures = || workspace.captures.iter().enumerate().filter(|(_, capture)| capture.project == Some(at));
    let knows_clients = near(workspace, at, loose).next().is_some() || captures().next().is_some();
    if !knows_clients || !end.relations().any(|table| end.indexes(table.id).any(|index| is_of_jsonb(end, index.is))) {
        return JsonbQuestions::default();
    }
    let mut asked = Asked { end, complete: true, all: Vec::new() };
    let mut known = exported.of(Kind::Statements).next().is_some();
    for (span, analysis) in lasting(workspace, at, catalog, loose) {
        known |= near(workspace, at, loose).any(|(file, _)| *file == span.file);
        match analysis {
            Some(analysis) => asked.by_query(&analysis.query, None),
            None => asked.by_unknown(workspace.sources.slice(span)),
        }
    }
    asked.by_statements(exported, workspace.projects[at].facts.server.version);
    for (capture, file) in captures() {
        let text = &workspace.sources.file(file.file).text;
        if OPERATORS.iter().any(|operator| text.contains(operator)) {
            read(workspace, capture).iter().flat_map(|reading| &reading.plans).for_each(|plan| asked.by_plan(plan));
        }
        known |= crate::capture::may_hold_plan(text);
    }
    JsonbQuestions { complete: known && asked.complete, all: asked.all }
}

/// Whether it is a GIN index of one column of type jsonb.
fn is_of_jsonb(end: CatalogAt<'_>, index: &Index) -> bool {
    let [key] = index.keys.as_slice() else { return false };
    let Key::Column(number) = key.key else { return false };
    let ty = end.column(index.table, number).and_then(|column| column.ty.as_ref());
    index.access_method.as_str() == "gin" && ty.is_some_and(|ty| end.type_name(ty) == "jsonb")
}

struct Asked<'a> {
    end: CatalogAt<'a>,
    complete: bool,
    all: Vec<JsonbQuestion>,
}

impl Asked<'_> {
    fn by_query(&mut self, query: &Query, at: Option<Span>) {
        let mut walk = Walk::query(query, &[]);
        while let Some(place) = walk.next() {
            let Part::Expr(Expr { node: Node::Operator(operation), span, .. }) = place.part else { continue };
            let operator = operation.name;
            if !OPERATORS.contains(&operator.as_str()) {
                continue;
            }
            let sides = [operation.left.as_ref(), Some(&operation.right)];
            for (table, column) in sides.into_iter().flatten().filter_map(|side| column(&walk, &place, side)) {
                self.all.push(JsonbQuestion { table: Some(table), column, operator, span: at.unwrap_or(*span) });
            }
        }
    }

    /// A query that is not understood may ask anything by the operators that it names.
    fn by_unknown(&mut self, text: &str) {
        self.complete &= !text.contains('?');
    }

    fn by_statements(&mut self, exported: &Statistics, version: u8) {
        let path = crate::advise::table::search_path(self.end);
        let environment = Environment::new(self.end, &path, version);
        for known in exported.statements() {
            if !OPERATORS.iter().any(|operator| known.query.contains(operator)) {
                continue;
            }
            let origin = Origin::Elsewhere(known.row.span);
            let statements = parse_statements(known.query, &origin).unwrap_or_default();
            let data = statements.iter().find_map(|statement| statement.kind.as_data());
            match data.and_then(|data| analyze::statement(environment, &Scope::empty(), data).ok()) {
                Some(analysis) => self.by_query(&analysis.query, Some(known.row.span)),
                None => self.by_unknown(known.query),
            }
        }
    }

    fn by_plan(&mut self, plan: &Plan) {
        for node in plan.nodes() {
            let own = node.get();
            let table = own.relation_name.as_deref().and_then(|name| {
                let table = crate::advise::table::find(self.end, own.schema.as_deref(), name)?;
                Some(crate::advise::table::whole(self.end, table))
            });
            let texts = [&own.index_cond, &own.recheck_cond, &own.filter, &own.join_filter];
            for text in texts.into_iter().flatten() {
                let asks = OPERATORS.iter().any(|operator| text.contains(operator));
                let expression = if asks { Expression::parse(text) } else { continue };
                if expression.all().contains(&&Expression::Opaque) {
                    self.by_unknown(text);
                }
                for one in expression.all() {
                    self.by_expression(one, table, node.type_span());
                }
            }
        }
    }

    fn by_expression(&mut self, expression: &Expression, table: Option<ObjectId>, span: Span) {
        let Expression::Operation { operator, left, right } = expression else { return };
        if !OPERATORS.contains(&&**operator) {
            return;
        }
        for side in left.as_deref().into_iter().chain([&**right]) {
            if let Expression::Column { name, .. } = side.without_casts() {
                let (column, operator) = (Name::from(&**name), Name::from(&**operator));
                self.all.push(JsonbQuestion { table, column, operator, span });
            }
        }
    }
}

/// The table's column that an expression is.
fn column(walk: &Walk<'_>, place: &Place<'_>, expr: &Expr) -> Option<(ObjectId, Name)> {
    let Node::Var(var @ Var { column, .. }) = &plain(expr).node else { return None };
    let RangeKind::Relation { id, object, .. } = &walk.range(place, var)?.kind else { return None };
    Some((*id, object.as_relation()?.column_number(*column)?.name))
}
