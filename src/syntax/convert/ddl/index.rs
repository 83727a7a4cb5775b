//! Indexes, statistics, and the elements that indexes and partition keys share.

use super::*;

/// What the nodes of index elements and of partition key elements have in common.
pub(super) struct ElementParts<'t> {
    pub name: &'t Ptr<c_char>,
    pub expr: &'t Ptr<raw::Node>,
    pub collation: &'t Ptr<raw::List>,
    pub operator_class: &'t Ptr<raw::List>,
}

impl Converter<'_> {
    pub(super) fn create_index(&self, stmt: &raw::IndexStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["create unique index", "create index"]);
        let concurrently = if stmt.concurrent { c.eat("concurrently") } else { None };
        if stmt.if_not_exists {
            c.eat("if not exists");
        }
        let name = c.maybe_ident(&stmt.idxname);
        c.eat("on");
        let relation = self.take_relation(&stmt.relation, &mut c);
        // The parser fills in btree where nothing is written.
        let access_method = c.eat("using").and_then(|_| c.maybe_ident(&stmt.accessMethod));
        let elements = self.elements_in_parens(&stmt.indexParams, &mut c);
        let include = c.eat("include").map(|_| self.elements_in_parens(&stmt.indexIncludingParams, &mut c));
        c.eat_any(&["nulls not distinct", "nulls distinct"]);
        let options = c.eat("with").map(|_| self.definitions_in_parens(&stmt.options, &mut c));
        let tablespace = c.eat("tablespace").and_then(|_| c.maybe_ident(&stmt.tableSpace));
        StatementKind::CreateIndex(Box::new(CreateIndex {
            name,
            relation,
            unique: stmt.unique,
            concurrently,
            if_not_exists: stmt.if_not_exists,
            access_method,
            elements,
            include: include.unwrap_or_default(),
            nulls_not_distinct: stmt.nulls_not_distinct,
            options: options.unwrap_or_default(),
            tablespace,
            filter: self.optional_expr(&stmt.whereClause),
        }))
    }

    fn elements_in_parens(&self, list: &Ptr<raw::List>, c: &mut Cursor) -> Vec<IndexElement> {
        c.parens().map(|inside| self.index_elements(list, inside.rest())).unwrap_or_default()
    }

    /// The columns and expressions of an index or a conflict target, which stand within these tokens.
    pub(in crate::syntax::convert) fn index_elements(
        &self,
        list: &Ptr<raw::List>,
        within: Extent,
    ) -> Vec<IndexElement> {
        let pieces = Cursor::new(&self.places, within).pieces();
        list.of().zip(pieces).map(|(element, piece)| self.index_element(element, piece)).exact()
    }

    /// An element that is all of the cursor's tokens.
    pub(super) fn index_element(&self, element: &raw::IndexElem, c: Cursor) -> IndexElement {
        let parts = ElementParts {
            name: &element.name,
            expr: &element.expr,
            collation: &element.collation,
            operator_class: &element.opclass,
        };
        let (mut index_element, mut c) = self.element(&parts, c);
        index_element.operator_class_options = self.definitions_in_parens(&element.opclassopts, &mut c);
        index_element.descending = element.ordering == raw::SORTBY_DESC;
        index_element.nulls_first = match element.nulls_ordering {
            raw::SORTBY_NULLS_FIRST => Some(true),
            raw::SORTBY_NULLS_LAST => Some(false),
            _ => None,
        };
        index_element
    }

    /// Key, COLLATE and operator class, and the cursor after them.
    pub(super) fn element<'c>(&self, parts: &ElementParts, mut c: Cursor<'c>) -> (IndexElement, Cursor<'c>) {
        let span = c.rest_span();
        let key = self.index_key(parts.name, parts.expr, &mut c);
        let collation = c.eat("collate").map(|_| Box::new(c.qualified(parts.collation)));
        let operator_class = (!parts.operator_class.is_empty()).then(|| Box::new(c.qualified(parts.operator_class)));
        let element = IndexElement {
            span,
            key,
            collation,
            operator_class,
            operator_class_options: Vec::new(),
            descending: false,
            nulls_first: None,
        };
        (element, c)
    }

    /// A column, a call, or an expression in parentheses.
    fn index_key(&self, name: &Ptr<c_char>, expr: &Ptr<raw::Node>, c: &mut Cursor) -> IndexKey {
        let Some(expr) = expr.node() else { return IndexKey::Column(c.name(name)) };
        let start = c.index();
        let placed = self.placed_expr(expr);
        if c.parens().is_none() {
            c.seek(placed.at.end.max(start + 1));
        }
        IndexKey::Expr(placed.value)
    }

    pub(super) fn create_statistics(&self, stmt: &raw::CreateStatsStmt, mut c: Cursor) -> StatementKind {
        c.eat("create statistics");
        if stmt.if_not_exists {
            c.eat("if not exists");
        }
        let name = (!stmt.defnames.is_empty()).then(|| c.qualified(&stmt.defnames));
        c.parens();
        c.eat("on");
        let elements = stmt.exprs.of::<raw::StatsElem>().zip(c.pieces());
        let elements = elements.map(|(element, mut piece)| self.index_key(&element.name, &element.expr, &mut piece));
        let elements = elements.exact();
        let kinds = stmt.stat_types.strings().map(Name::from).exact();
        let Some(relation) = stmt.relations.of().next().map(|relation| self.relation(relation)) else {
            return StatementKind::Other { tag: "CreateStatsStmt" };
        };
        StatementKind::CreateStatistics(Box::new(CreateStatistics {
            name,
            if_not_exists: stmt.if_not_exists,
            kinds,
            elements,
            relation,
        }))
    }

    pub(super) fn alter_statistics(&self, stmt: &raw::AlterStatsStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter statistics");
        if stmt.missing_ok {
            c.eat("if exists");
        }
        let target = stmt.stxstattarget.node().and_then(options::number);
        StatementKind::AlterStatistics { name: c.qualified(&stmt.defnames), if_exists: stmt.missing_ok, target }
    }

    pub(super) fn reindex(&self, stmt: &raw::ReindexStmt, mut c: Cursor) -> StatementKind {
        c.eat("reindex");
        let options = self.definitions_in_parens(&stmt.params, &mut c);
        c.eat_any(&["index", "table", "schema", "system", "database"]);
        let concurrently = c.eat("concurrently").or_else(|| concurrently_option(&options));
        let relation = stmt.relation.get().map(|relation| self.relation(relation));
        let target = match (stmt.kind, relation) {
            (raw::REINDEX_OBJECT_INDEX, Some(relation)) => ReindexTarget::Index(relation),
            (_, Some(relation)) => ReindexTarget::Table(relation),
            (raw::REINDEX_OBJECT_SCHEMA, None) => ReindexTarget::Schema(c.name(&stmt.name)),
            (raw::REINDEX_OBJECT_SYSTEM, None) => ReindexTarget::System(c.maybe_ident(&stmt.name)),
            (_, None) => ReindexTarget::Database(c.maybe_ident(&stmt.name)),
        };
        StatementKind::Reindex(Box::new(Reindex { target, concurrently, options }))
    }

    pub(super) fn cluster(&self, stmt: &raw::ClusterStmt, mut c: Cursor) -> StatementKind {
        c.eat("cluster");
        let start = c;
        let options = if c.is_kind(TokenKind::LeftParen) {
            self.definitions_in_parens(&stmt.params, &mut c)
        } else {
            c.eat("verbose");
            self.definitions(&stmt.params, start.until(c.index()))
        };
        let relation_first = c;
        let index = if stmt.indexname.is_null() {
            None
        } else if c.is_ahead(1, "on") {
            c.maybe_ident(&stmt.indexname)
        } else {
            self.take_relation(&stmt.relation, &mut c);
            c.eat("using");
            c.maybe_ident(&stmt.indexname)
        };
        let relation = stmt.relation.get().map(|_| self.take_relation(&stmt.relation, &mut { relation_first }));
        StatementKind::Cluster { relation: relation.map(Box::new), index, options }
    }
}

/// CONCURRENTLY among the options of REINDEX, if it is not switched off.
fn concurrently_option(options: &[Definition]) -> Option<Span> {
    let option = options.iter().rfind(|option| option.name.as_str() == "concurrently")?;
    let value = option.value.as_ref().and_then(DefinitionValue::text).unwrap_or_default();
    (!["false", "off", "0"].contains(&value.as_str())).then_some(option.span)
}
