//! Views, materialized views, sequences.

use super::*;

impl Converter<'_> {
    pub(super) fn create_view(&self, stmt: &raw::ViewStmt, mut c: Cursor) -> StatementKind {
        let relation = self.take_relation(&stmt.view, &mut c);
        let columns = c.names_in_parens(&stmt.aliases);
        let options = c.eat("with").map(|_| self.definitions_in_parens(&stmt.options, &mut c));
        c.eat("as");
        let Some(Node::SelectStmt(select)) = stmt.query.node() else { return StatementKind::Other { tag: "ViewStmt" } };
        let recursive = recursive_part(select);
        self.reached(c.index());
        let placed = self.query(recursive.unwrap_or(select));
        let query = match recursive {
            Some(_) => recursive_query(&relation, &columns, placed.value),
            None => placed.value,
        };
        StatementKind::CreateView(Box::new(CreateView {
            relation,
            replace: stmt.replace,
            columns,
            options: options.unwrap_or_default(),
            query,
            query_span: self.span(placed.at),
            check_option: match stmt.withCheckOption {
                raw::LOCAL_CHECK_OPTION => Some(CheckOption::Local),
                raw::CASCADED_CHECK_OPTION => Some(CheckOption::Cascaded),
                _ => None,
            },
        }))
    }

    pub(super) fn refresh(&self, stmt: &raw::RefreshMatViewStmt, mut c: Cursor) -> StatementKind {
        c.eat("refresh materialized view");
        let concurrently = if stmt.concurrent { c.eat("concurrently") } else { None };
        let relation = Box::new(self.take_relation(&stmt.relation, &mut c));
        StatementKind::RefreshMaterializedView { relation, concurrently, with_data: !stmt.skipData }
    }

    pub(super) fn create_sequence(&self, stmt: &raw::CreateSeqStmt, mut c: Cursor) -> StatementKind {
        StatementKind::CreateSequence(Box::new(CreateSequence {
            relation: self.take_relation(&stmt.sequence, &mut c),
            if_not_exists: stmt.if_not_exists,
            options: self.sequence_options(&stmt.options, c),
        }))
    }

    pub(super) fn alter_sequence(&self, stmt: &raw::AlterSeqStmt, mut c: Cursor) -> StatementKind {
        StatementKind::AlterSequence(Box::new(AlterSequence {
            relation: self.take_relation(&stmt.sequence, &mut c),
            if_exists: stmt.missing_ok,
            options: self.sequence_options(&stmt.options, c),
        }))
    }
}

/// The query of a recursive view, which the parser wraps in a WITH that nobody wrote.
fn recursive_part(select: &raw::SelectStmt) -> Option<&raw::SelectStmt> {
    let with = select.withClause.get().filter(|with| with.location < 0)?;
    match with.ctes.of::<raw::CommonTableExpr>().next()?.ctequery.node()? {
        Node::SelectStmt(query) => Some(query),
        _ => None,
    }
}

/// `WITH RECURSIVE view (columns) AS (query) SELECT columns FROM view`.
fn recursive_query(view: &RelationRef, columns: &[Ident], query: Query) -> Query {
    let target = |column: &Ident| Target {
        span: column.span,
        expr: Expr {
            span: column.span,
            kind: ExprKind::Column(Box::new(ColumnRef { parts: Box::new([*column]), star: false })),
        },
        alias: None,
    };
    let name = view.name.name;
    let from = RelationRef {
        span: name.span,
        name: QualifiedName::unqualified(name),
        only: false,
        persistence: Persistence::Permanent,
        alias: None,
    };
    let select = Select {
        distinct: None,
        targets: columns.iter().map(target).collect(),
        into: None,
        from: vec![FromItem { span: name.span, kind: FromKind::Relation(from) }],
        filter: None,
        group_by: Vec::new(),
        group_distinct: false,
        having: None,
        windows: Vec::new(),
    };
    let span = query.span;
    let statement = DataStatement::Select(query);
    let table = CommonTable { name, columns: columns.to_vec(), materialized: None, statement };
    Query {
        span,
        with: Some(Box::new(With { recursive: true, queries: vec![table] })),
        body: QueryBody::Select(Box::new(select)),
        order_by: Vec::new(),
        limit: None,
        offset: None,
        with_ties: false,
        locking: Vec::new(),
    }
}
