//! CREATE TABLE in all its forms.

use super::*;

/// Bits of `TableLikeClause.options`.
const LIKE_OPTIONS: [u32; 9] = [
    raw::CREATE_TABLE_LIKE_COMMENTS,
    raw::CREATE_TABLE_LIKE_COMPRESSION,
    raw::CREATE_TABLE_LIKE_CONSTRAINTS,
    raw::CREATE_TABLE_LIKE_DEFAULTS,
    raw::CREATE_TABLE_LIKE_GENERATED,
    raw::CREATE_TABLE_LIKE_IDENTITY,
    raw::CREATE_TABLE_LIKE_INDEXES,
    raw::CREATE_TABLE_LIKE_STATISTICS,
    raw::CREATE_TABLE_LIKE_STORAGE,
];

/// Where something is a column, its constraints and COLLATE follow each other in any order.
struct Qualifier<'t> {
    start: usize,
    constraint: Option<&'t raw::Constraint>,
}

impl Converter<'_> {
    pub(super) fn create_table(&self, stmt: &raw::CreateStmt, mut c: Cursor) -> StatementKind {
        StatementKind::CreateTable(Box::new(self.table(stmt, &mut c)))
    }

    /// CREATE [FOREIGN] TABLE as far as both are alike; the cursor ends up after it.
    pub(super) fn table(&self, stmt: &raw::CreateStmt, c: &mut Cursor) -> CreateTable {
        let relation = self.take_relation(&stmt.relation, c);
        let of_type = stmt.ofTypename.get().map(|ty| {
            c.eat("of");
            self.take_type(ty, c)
        });
        let mut inherits = Vec::new();
        if stmt.partbound.get().is_some() {
            c.eat("partition of");
            inherits.extend(stmt.inhRelations.of().next().map(|parent| self.take(self.placed_relation(parent), c)));
        }
        let elements = c.parens().map(|inside| self.table_elements(&stmt.tableElts, inside)).unwrap_or_default();
        let partition_bound = stmt.partbound.get().map(|bound| self.partition_bound(bound, c));
        if c.eat("inherits").is_some() {
            inherits = self.relations(&stmt.inhRelations);
            c.skip();
        }
        let partition_by = stmt.partspec.get().map(|spec| self.partition_by(spec, c));
        let access_method =
            if stmt.accessMethod.is_null() { None } else { c.eat("using").map(|_| c.name(&stmt.accessMethod)) };
        let options = if c.eat("with").is_some() { self.definitions_in_parens(&stmt.options, c) } else { Vec::new() };
        c.eat("without oids");
        c.eat_any(&["on commit drop", "on commit delete rows", "on commit preserve rows"]);
        let tablespace = c.eat("tablespace").and_then(|_| c.maybe_ident(&stmt.tablespacename));
        CreateTable {
            relation,
            if_not_exists: stmt.if_not_exists,
            elements,
            inherits,
            partition_bound,
            partition_by,
            of_type,
            options,
            on_commit: on_commit(stmt.oncommit),
            tablespace,
            access_method,
        }
    }

    fn table_elements(&self, list: &Ptr<raw::List>, c: Cursor) -> Vec<TableElement> {
        list.nodes().zip(c.pieces()).filter_map(|(element, piece)| self.table_element(element, piece)).exact()
    }

    fn table_element(&self, element: Node, c: Cursor) -> Option<TableElement> {
        match element {
            Node::ColumnDef(column) => Some(TableElement::Column(self.column_definition(column, c))),
            Node::Constraint(constraint) => self.constraint(constraint, c).map(TableElement::Constraint),
            Node::TableLikeClause(like) => {
                let relation = self.relation(like.relation.get()?);
                Some(TableElement::Like { relation, options: like_options(like.options), span: c.rest_span() })
            }
            _ => None,
        }
    }

    /// A column definition that is all of the cursor's tokens.
    pub(super) fn column_definition(&self, column: &raw::ColumnDef, mut c: Cursor) -> ColumnDefinition {
        let span = c.rest_span();
        let name = c.name(&column.colname);
        let ty = column.typeName.get().map(|ty| self.take_type(ty, &mut c));
        let storage = c.eat("storage").and_then(|_| {
            column.storage_name.str().inspect(|_| {
                c.bump();
            })
        });
        let compression = c.eat("compression").and_then(|_| {
            column.compression.str().inspect(|_| {
                c.bump();
            })
        });
        let fdw_options = if c.is("options") { self.generic_options(&column.fdwoptions, &mut c) } else { Vec::new() };
        ColumnDefinition {
            span,
            name,
            ty,
            collation: column.collClause.get().map(|collate| Box::new(self.collation(collate))),
            storage: storage.map(Name::from),
            compression: compression.map(Name::from),
            constraints: self.column_constraints(column, c),
            fdw_options,
        }
    }

    /// `COLLATE name`.
    pub(super) fn collation(&self, collate: &raw::CollateClause) -> QualifiedName {
        self.qualified_name(&collate.collname, self.at(collate.location) + 1).0
    }

    fn column_constraints(&self, column: &raw::ColumnDef, c: Cursor) -> Vec<Constraint> {
        self.constraints_in_a_row(&column.constraints, column.collClause.get(), c)
    }

    /// Constraints of a column or domain: each ends where the next one or COLLATE starts. Attributes
    /// such as DEFERRABLE are nodes of their own and belong to the constraint before them.
    pub(super) fn constraints_in_a_row(
        &self,
        list: &Ptr<raw::List>,
        collate: Option<&raw::CollateClause>,
        c: Cursor,
    ) -> Vec<Constraint> {
        let mut qualifiers: Vec<Qualifier> = list
            .of::<raw::Constraint>()
            .map(|constraint| Qualifier { start: self.at(constraint.location), constraint: Some(constraint) })
            .exact();
        if let Some(collate) = collate {
            let start = self.at(collate.location);
            let index = qualifiers.partition_point(|qualifier| qualifier.start < start);
            qualifiers.insert(index, Qualifier { start, constraint: None });
        }
        let ends = qualifiers.iter().skip(1).map(|next| next.start).chain([c.rest().end]);
        let mut constraints: Vec<Constraint> = Vec::with_capacity(list.len());
        for (qualifier, end) in qualifiers.iter().zip(ends) {
            let Some(constraint) = qualifier.constraint else { continue };
            let piece = c.between(qualifier.start, end);
            match self.constraint(constraint, piece) {
                Some(constraint) => constraints.push(constraint),
                None => constraint::add_attribute(constraints.last_mut(), constraint.contype, piece.rest_span()),
            }
        }
        constraints.shrink_to_fit();
        constraints
    }

    /// `PARTITION BY strategy (elements)` that is next.
    fn partition_by(&self, spec: &raw::PartitionSpec, c: &mut Cursor) -> PartitionBy {
        let start = c.index();
        c.eat("partition by");
        c.bump();
        let elements = c.parens().map(|inside| {
            let elements = spec.partParams.of::<raw::PartitionElem>().zip(inside.pieces());
            elements.map(|(element, piece)| self.partition_element(element, piece)).exact()
        });
        let strategy = match spec.strategy as u8 {
            b'l' => PartitionStrategy::List,
            b'h' => PartitionStrategy::Hash,
            _ => PartitionStrategy::Range,
        };
        PartitionBy { span: c.since(start), strategy, elements: elements.unwrap_or_default() }
    }

    fn partition_element(&self, element: &raw::PartitionElem, c: Cursor) -> IndexElement {
        let parts = index::ElementParts {
            name: &element.name,
            expr: &element.expr,
            collation: &element.collation,
            operator_class: &element.opclass,
        };
        self.element(&parts, c).0
    }

    /// `DEFAULT` or `FOR VALUES …` that is next.
    pub(super) fn partition_bound(&self, bound: &raw::PartitionBoundSpec, c: &mut Cursor) -> PartitionBound {
        let start = c.index();
        let kind = if bound.is_default {
            c.eat("default");
            PartitionBoundKind::Default
        } else {
            c.eat("for values");
            self.bound_values(bound, c)
        };
        PartitionBound { span: c.since(start), kind }
    }

    fn bound_values(&self, bound: &raw::PartitionBoundSpec, c: &mut Cursor) -> PartitionBoundKind {
        c.eat_any(&["in", "from", "with"]);
        c.skip();
        match bound.strategy as u8 {
            b'l' => PartitionBoundKind::List(self.exprs(&bound.listdatums)),
            b'h' => PartitionBoundKind::Hash { modulus: bound.modulus.into(), remainder: bound.remainder.into() },
            _ => {
                c.eat("to");
                c.skip();
                PartitionBoundKind::Range { from: self.exprs(&bound.lowerdatums), to: self.exprs(&bound.upperdatums) }
            }
        }
    }

    pub(super) fn create_table_as(&self, stmt: &raw::CreateTableAsStmt, mut c: Cursor) -> StatementKind {
        let Some(into) = stmt.into.get() else { return StatementKind::Other { tag: "CreateTableAsStmt" } };
        let into = self.new_relation(into, &mut c);
        c.eat("as");
        let (source, query_span) = match stmt.query.node() {
            Some(Node::ExecuteStmt(execute)) => {
                let start = c.index();
                c.eat("execute");
                let name = c.name(&execute.name);
                c.parens();
                (TableSource::Execute { name, args: self.exprs(&execute.params) }, c.since(start))
            }
            Some(Node::SelectStmt(query)) => {
                self.reached(c.index());
                let query = self.query(query);
                let span = self.span(query.at);
                (TableSource::Query(query.value), span)
            }
            _ => return StatementKind::Other { tag: "CreateTableAsStmt" },
        };
        StatementKind::CreateTableAs(Box::new(CreateTableAs {
            into,
            materialized_view: stmt.objtype == raw::OBJECT_MATVIEW,
            if_not_exists: stmt.if_not_exists,
            source,
            query_span,
        }))
    }

    /// The new relation and what is said about it before AS.
    fn new_relation(&self, into: &raw::IntoClause, c: &mut Cursor) -> IntoClause {
        let relation = self.take_relation(&into.rel, c);
        let columns = c.names_in_parens(&into.colNames);
        if c.eat("using").is_some() {
            c.bump();
        }
        let options = if c.eat("with").is_some() { self.definitions_in_parens(&into.options, c) } else { Vec::new() };
        c.eat("without oids");
        c.eat_any(&["on commit drop", "on commit delete rows", "on commit preserve rows"]);
        let tablespace = c.eat("tablespace").and_then(|_| c.maybe_ident(&into.tableSpaceName));
        IntoClause {
            relation,
            columns,
            access_method: into.accessMethod.str().map(Name::from),
            options,
            tablespace,
            on_commit: on_commit(into.onCommit),
            with_data: !into.skipData,
        }
    }
}

fn on_commit(action: raw::OnCommitAction) -> OnCommit {
    match action {
        raw::ONCOMMIT_DELETE_ROWS => OnCommit::DeleteRows,
        raw::ONCOMMIT_DROP => OnCommit::Drop,
        _ => OnCommit::PreserveRows,
    }
}

fn like_options(bits: u32) -> LikeOptions {
    let [comments, compression, constraints, defaults, generated, identity, indexes, statistics, storage] =
        LIKE_OPTIONS.map(|option| bits & option != 0);
    LikeOptions { comments, compression, constraints, defaults, generated, identity, indexes, statistics, storage }
}
