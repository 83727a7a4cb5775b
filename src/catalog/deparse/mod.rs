//! Expressions, queries and definitions of the catalog as the server prints them (ruleutils.c).
//!
//! A [`Deparser`] prints what `pg_get_expr`, `pg_get_constraintdef`, `pg_get_indexdef`, `pg_get_viewdef` and the
//! views of pg_catalog (`pg_policies`) would print:
//!
//! ```ignore
//! let deparser = Deparser::new(catalog.end(), 17);
//! deparser.policy_using(policy)      // pg_policies.qual: "(( SELECT auth.uid() AS uid) = user_id)"
//! deparser.policy_check(policy)      // pg_policies.with_check
//! deparser.column_default(table, 1)  // pg_get_expr(adbin, adrelid): "'draft'::text"
//! deparser.constraint(constraint)    // pg_get_constraintdef(oid): "CHECK ((price > (0)::numeric))"
//! deparser.index(index)              // pg_get_indexdef(oid)
//! deparser.view(view)                // pg_get_viewdef(oid)
//! ```
//!
//! The text is made of the analysed tree, not of the words that were written: conversions that analysis adds
//! are there, names are those that objects have now and are qualified unless search_path has their schema (it
//! is empty unless [`Deparser::within`] says otherwise), `IN` is `= ANY (ARRAY[…])`. A catalog keeps expressions as
//! they were written, so each is analysed again here, as of the statement that wrote it ([`origin`]).
//!
//! `None` means that the text is not known: a name in it could not be resolved, or a construct is not printed
//! (SQL/JSON, XMLTABLE, frames of windows, queries that write). Nothing is ever printed in part.

mod call;
mod constant;
mod define;
mod expr;
mod from;
mod json;
mod names;
mod origin;
mod partition;
mod printer;
mod query;
mod routine;
mod simple;
mod trigger;
mod whole;

use std::sync::Arc;

pub(in crate::catalog) use self::json::normal as print_jsonb;
use self::names::Namespace;
pub(in crate::catalog) use self::origin::Origins;
use self::origin::Resolved;
use self::printer::Printer;
use super::analyze::{self, Environment, ExprAnalysis, Facts, Purpose, QueryAnalysis, Scope};
use super::{CatalogAt, Key, Kind, ObjectId};
use crate::syntax::{Expr, Name};

/// How text is laid out (the PRETTYFLAGs).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Style {
    /// Only the parentheses that are needed: PRETTYFLAG_PAREN.
    pub pretty: bool,
    /// Lines are broken and indented: PRETTYFLAG_INDENT.
    pub indent: bool,
    /// Read by a server, the text gives the same tree again. The server's own does not where it converts an array of
    /// constants: `(ARRAY['a'::varchar])::text[]` would convert each element.
    pub stable: bool,
}

impl Style {
    /// All parentheses, one line: `pg_get_indexdef(oid)`.
    pub const PLAIN: Style = Style { pretty: false, indent: false, stable: false };
    /// All parentheses, lines broken: `pg_get_expr(node, relation)`, `pg_get_viewdef(oid)`.
    pub const INDENTED: Style = Style { pretty: false, indent: true, stable: false };
    /// `pg_get_expr(node, relation, true)`.
    pub const PRETTY: Style = Style { pretty: true, indent: true, stable: false };
}

/// Prints what a catalog holds at one moment.
#[derive(Debug)]
pub struct Deparser<'a> {
    at: CatalogAt<'a>,
    version: u8,
    search_path: &'a [ObjectId],
    style: Style,
    origins: Arc<Origins>,
}

/// What an analysed expression was printed as at a moment, with an empty search_path.
fn print(at: CatalogAt<'_>, version: u8, analysis: &ExprAnalysis) -> Option<String> {
    let mut printer = Printer::new(Facts::new(Environment::new(at, &[], version)), Style::PLAIN);
    printer.namespaces.push(Namespace::of_scope(&analysis.ranges, at)?);
    printer.expr(&analysis.expr, false)?;
    Some(printer.out)
}

impl<'a> Deparser<'a> {
    /// A printer of the objects there are at a moment, for a server of this major version. The history must be
    /// finished: it is read once for all printers.
    pub fn new(at: CatalogAt<'a>, version: u8) -> Deparser<'a> {
        let catalog = at.catalog();
        let origins = catalog.memo.origins.get_or_init(|| Arc::new(Origins::read(catalog)));
        Deparser::with(at, version, origins.clone())
    }

    /// The same while the history goes on, with what was read of it; it must not have changed since.
    pub(in crate::catalog) fn with(at: CatalogAt<'a>, version: u8, origins: Arc<Origins>) -> Deparser<'a> {
        Deparser { at, version, search_path: &[], style: Style::INDENTED, origins }
    }

    /// The same where names of these schemas need no qualification.
    #[must_use]
    pub fn within(&self, search_path: &'a [ObjectId]) -> Deparser<'a> {
        Deparser { search_path, origins: self.origins.clone(), ..*self }
    }

    /// The same in another style.
    #[must_use]
    pub fn styled(&self, style: Style) -> Deparser<'a> {
        Deparser { style, origins: self.origins.clone(), ..*self }
    }

    /// The same, so that a server makes the same of it: [`Style::stable`].
    #[must_use]
    pub fn stable(&self) -> Deparser<'a> {
        self.styled(Style { stable: true, ..self.style })
    }

    /// Where the server breaks no lines.
    fn in_one_line(&self) -> Deparser<'a> {
        self.styled(Style { stable: self.style.stable, ..Style::PLAIN })
    }

    fn facts(&self) -> Facts<'a> {
        Facts::new(Environment::new(self.at, self.search_path, self.version))
    }

    /// DEFAULT of a column.
    pub fn column_default(&self, relation: ObjectId, number: i16) -> Option<String> {
        let default = self.at.column(relation, number)?.default.clone()?;
        self.expression(relation, &default)
    }

    /// GENERATED ALWAYS AS of a column, without the parentheses of the syntax.
    pub fn column_generated(&self, relation: ObjectId, number: i16) -> Option<String> {
        let generated = self.at.column(relation, number)?.generated.clone()?;
        self.expression(relation, &generated.expr)
    }

    /// USING of a policy: `pg_policies.qual`.
    pub fn policy_using(&self, policy: ObjectId) -> Option<String> {
        self.expression(policy, self.at.get(policy)?.as_policy()?.using.as_ref()?)
    }

    /// WITH CHECK of a policy: `pg_policies.with_check`.
    pub fn policy_check(&self, policy: ObjectId) -> Option<String> {
        self.expression(policy, self.at.get(policy)?.as_policy()?.check.as_ref()?)
    }

    /// Whether a clause of a policy, written down once more now, would mean what it does: all that it names is found,
    /// in these schemas, and is what it was.
    pub fn policy_clause_holds(&self, policy: ObjectId, clause: &Expr, search_path: &[ObjectId]) -> bool {
        let plain = self.styled(Style::PLAIN);
        let Some(is) = self.at.get(policy).and_then(|object| object.as_policy()) else { return false };
        let environment = Environment::new(self.at, search_path, self.version);
        let now = analyze::expression(environment, &Scope::of(self.at, is.table), clause, &Purpose::Policy);
        let now = now.ok().and_then(|analysis| plain.text(&Resolved { analysis: Arc::new(analysis), copy: None }));
        now.is_some() && now == plain.expression(policy, clause)
    }

    /// The predicate of an index: `pg_get_expr(indpred, indrelid)`.
    pub fn index_predicate(&self, index: ObjectId) -> Option<String> {
        self.expression(index, self.at.get(index)?.as_index()?.predicate.as_ref()?)
    }

    /// The condition of a trigger, as `pg_get_triggerdef` has it.
    pub fn trigger_when(&self, trigger: ObjectId) -> Option<String> {
        self.in_one_line().expression(trigger, self.at.get(trigger)?.as_trigger()?.when.as_ref()?)
    }

    /// The default of a domain: `typdefault`.
    pub fn domain_default(&self, domain: ObjectId) -> Option<String> {
        let super::TypeClass::Domain { default: Some(default), .. } = &self.at.get(domain)?.as_type()?.class else {
            return None;
        };
        self.expression(domain, default)
    }

    /// The default of a parameter, counted from 0.
    pub fn parameter_default(&self, routine: ObjectId, parameter: usize) -> Option<String> {
        let default = self.at.get(routine)?.as_routine()?.parameters.get(parameter)?.default.as_ref()?;
        self.in_one_line().expression(routine, default)
    }

    /// The row filter of a published table.
    pub fn publication_filter(&self, publication: ObjectId, table: ObjectId) -> Option<String> {
        let Kind::Publication(it) = &self.at.get(publication)?.kind else { return None };
        let published = it.tables.iter().find(|published| published.table == table)?;
        self.expression(publication, published.filter.as_ref()?)
    }

    /// The query of a view: `pg_get_viewdef(oid)`, with the semicolon that it has there.
    pub fn view(&self, view: ObjectId) -> Option<String> {
        let relation = self.at.get(view)?.as_relation()?;
        let analysis = self.origins.view(self.at.catalog(), self.version, relation.query.as_ref()?)?;
        let names = relation.columns.iter().map(|column| column.name).collect();
        Some(self.query_text(&analysis, Some(names))? + ";")
    }

    /// An expression that an object holds, as `pg_get_expr` prints it.
    pub fn expression(&self, holder: ObjectId, expr: &Expr) -> Option<String> {
        let resolved = self.resolve(holder, expr)?;
        self.text(&resolved)
    }

    fn resolve(&self, holder: ObjectId, expr: &Expr) -> Option<Resolved> {
        self.origins.resolve(self.at, self.version, holder, expr)
    }

    fn text(&self, resolved: &Resolved) -> Option<String> {
        let mut printer = Printer::new(self.facts(), self.style);
        let mut namespace = Namespace::of_scope(&resolved.analysis.ranges, self.at)?;
        if let Some(copy) = &resolved.copy {
            namespace.names = vec![self.at.get(copy.relation).map(|object| object.name.to_string())];
            namespace.columns = vec![names::Columns { names: copy.names(self.at), ..names::Columns::default() }];
        }
        printer.context.prefix = namespace.ranges.len() > 1;
        printer.namespaces.push(namespace);
        printer.expr(&resolved.analysis.expr, false)?;
        Some(printer.out)
    }

    fn query_text(&self, analysis: &QueryAnalysis, names: Option<Vec<Name>>) -> Option<String> {
        let mut printer = Printer::new(self.facts(), self.style);
        printer.query_for(&analysis.query, true, names)?;
        Some(printer.out)
    }

    /// A key column of an index or partition key: the name of the column, or the expression.
    fn key(&self, holder: ObjectId, relation: ObjectId, key: &Key) -> Option<String> {
        match key {
            Key::Column(number) => {
                let column = self.at.column(relation, *number)?;
                Some(crate::syntax::quote::quote_identifier(&column.name).into_owned())
            }
            Key::Expr(expr) => {
                let resolved = self.resolve(holder, expr)?;
                let text = self.text(&resolved)?;
                Some(if from::looks_like_call(&resolved.analysis.expr) { text } else { format!("({text})") })
            }
        }
    }
}
