//! Which relations a statement reads and writes by itself, without resolving names.

use super::{DataRef, Expr, FromKind, Locking, Name, Part, Query, RelationRef, StatementKind, With};

/// What a walk tells about.
pub trait Visit {
    /// A relation that rows are read from (not the name of a WITH query); `locks` where FOR UPDATE or the like is about it.
    fn reads(&mut self, relation: &RelationRef, locks: bool) {
        let _ = (relation, locks);
    }

    /// A relation that rows are written to.
    fn writes(&mut self, relation: &RelationRef) {
        let _ = relation;
    }

    /// An expression, before the expressions in it.
    fn expr(&mut self, expr: &Expr) {
        let _ = expr;
    }
}

/// Walks a statement that reads or writes rows; others have no query of their own to walk.
pub fn visit_statement(kind: &StatementKind, visitor: &mut dyn Visit) {
    if let Some(data) = kind.as_data() {
        visit_data(data, visitor);
    }
}

/// Walks a query or a statement that writes rows.
pub fn visit_data(statement: DataRef<'_>, visitor: &mut dyn Visit) {
    Walk { visitor, names: Vec::new() }.data(statement);
}

/// Walks a query.
pub fn visit_query(query: &Query, visitor: &mut dyn Visit) {
    Walk { visitor, names: Vec::new() }.query(query);
}

/// Walks an expression.
pub fn visit_expr(expr: &Expr, visitor: &mut dyn Visit) {
    Walk { visitor, names: Vec::new() }.part(Part::Expr(expr), &[]);
}

struct Walk<'v> {
    visitor: &'v mut dyn Visit,
    /// The WITH queries in sight.
    names: Vec<Name>,
}

impl Walk<'_> {
    fn data(&mut self, statement: DataRef<'_>) {
        use DataRef as D;
        match statement {
            D::Select(it) => self.query(it),
            D::Insert(it) => self.writing(it.with.as_deref(), &it.relation, |child| it.for_each_child(child)),
            D::Update(it) => self.writing(it.with.as_deref(), &it.relation, |child| it.for_each_child(child)),
            D::Delete(it) => self.writing(it.with.as_deref(), &it.relation, |child| it.for_each_child(child)),
            D::Merge(it) => self.writing(it.with.as_deref(), &it.relation, |child| it.for_each_child(child)),
        }
    }

    fn query(&mut self, query: &Query) {
        self.scoped(query.with.as_deref(), &query.locking, |child| query.for_each_child(child));
    }

    fn writing<'a>(
        &mut self,
        with: Option<&With>,
        relation: &RelationRef,
        children: impl FnOnce(&mut dyn FnMut(Part<'a>)),
    ) {
        self.visitor.writes(relation);
        self.scoped(with, &[], children);
    }

    /// Walks what `children` hands out: the parts directly in a statement, those of its WITH first. A WITH query is in sight of those after it, and with RECURSIVE of itself.
    fn scoped<'a>(
        &mut self,
        with: Option<&With>,
        locking: &[Locking],
        children: impl FnOnce(&mut dyn FnMut(Part<'a>)),
    ) {
        let outer = self.names.len();
        let recursive = with.is_some_and(|with| with.recursive);
        let mut common = with.into_iter().flat_map(|with| &with.queries);
        children(&mut |child| {
            let name = common.next().map(|common| common.name.name);
            self.names.extend(name.filter(|_| recursive));
            self.part(child, locking);
            self.names.extend(name);
        });
        self.names.truncate(outer);
    }

    /// Walks a part; `locking` is that of the query in whose FROM it stands.
    fn part(&mut self, part: Part<'_>, locking: &[Locking]) {
        match part {
            Part::Expr(expr) => {
                self.visitor.expr(expr);
                expr.for_each_child(&mut |child| self.part(child, &[]));
            }
            Part::Query(query) => self.query(query),
            Part::Data(statement) => self.data(statement),
            Part::From(item) => match &item.kind {
                FromKind::Relation(relation) => self.reads(relation, locking),
                _ => item.for_each_child(&mut |child| self.part(child, locking)),
            },
            // The table after INTO or FOR UPDATE OF, or the one that is written to: neither is read by that.
            Part::Relation(_) | Part::Type(_) => {}
        }
    }

    fn reads(&mut self, relation: &RelationRef, locking: &[Locking]) {
        let is_common = relation.name.schema.is_none() && self.names.contains(&relation.name.name.name);
        if !is_common {
            self.visitor.reads(relation, is_locked(relation, locking));
        }
    }
}

/// Whether FOR UPDATE and the like are about this relation: named after OF, or nothing is.
fn is_locked(relation: &RelationRef, locking: &[Locking]) -> bool {
    let name = relation.alias.as_ref().map_or(relation.name.name.name, |alias| alias.name.name);
    let is_named = |locking: &Locking| locking.relations.iter().any(|named| named.name.name.name == name);
    locking.iter().any(|locking| locking.relations.is_empty() || is_named(locking))
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, parse_statements};
    use super::*;
    use crate::source::Span;

    #[derive(Default)]
    struct Told(Vec<String>);

    impl Visit for Told {
        fn reads(&mut self, relation: &RelationRef, locks: bool) {
            self.0.push(format!("{}{}", if locks { "locks " } else { "" }, relation.name));
        }

        fn writes(&mut self, relation: &RelationRef) {
            self.0.push(format!("writes {}", relation.name));
        }
    }

    fn told(text: &str) -> Vec<String> {
        let mut told = Told::default();
        for statement in parse_statements(text, &Origin::Elsewhere(Span::NONE)).expect("SQL") {
            visit_statement(&statement.kind, &mut told);
        }
        told.0
    }

    #[test]
    fn relations_are_told_by_what_becomes_of_them() {
        assert_eq!(told("select a into b from c, lateral (select 1 from d) e"), ["c", "d"]);
        assert_eq!(told("insert into a select * from b where c in (select 1 from d)"), ["writes a", "b", "d"]);
        assert_eq!(told("update a set b = (select 1 from c) from d join e on true"), ["writes a", "c", "d", "e"]);
        assert_eq!(told("with a as (delete from b returning *) select * from a"), ["writes b"]);
        assert_eq!(told("merge into a using b on true when matched then delete"), ["writes a", "b"]);
    }

    #[test]
    fn names_of_with_are_in_sight_after_their_query() {
        assert_eq!(told("with a as (select * from a), b as (select * from a) select * from b, s.b"), ["a", "s.b"]);
        assert_eq!(told("with recursive a as (select * from a) select * from a"), [""; 0]);
        assert_eq!(told("select * from (with a as (select 1) select * from a) b, a"), ["a"]);
    }

    #[test]
    fn row_locks_are_about_the_tables_they_name() {
        assert_eq!(told("select * from a, b c for update of c"), ["a", "locks b"]);
        assert_eq!(told("select * from a join b on true for share"), ["locks a", "locks b"]);
        assert_eq!(told("select * from a, (select * from b) c for update"), ["locks a", "b"]);
    }
}
