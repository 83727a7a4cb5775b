//! FROM, and relations wherever they are named.

use super::*;
use crate::syntax::{
    Alias, ColumnShape, FromFunctions, FromItem, FromKind, FromTable, Ident, Join, JoinKind, Persistence, RelationRef,
};

/// The words before JOIN.
const JOIN_WORDS: [&str; 7] = ["natural", "cross", "inner", "left", "right", "full", "outer"];

impl Converter<'_> {
    /// The elements of FROM.
    pub(super) fn items(&self, list: &Ptr<raw::List>) -> Vec<FromItem> {
        list.nodes().map(|node| self.item(node).value).exact()
    }

    /// An element of FROM and its tokens.
    pub(super) fn item(&self, node: Node) -> Placed<FromItem> {
        let placed = self.deeper(|| self.item_by_type(node)).flatten().unwrap_or_else(|| self.opaque_item(node));
        self.reached(placed.at.end);
        placed
    }

    fn item_by_type(&self, node: Node) -> Option<Placed<FromItem>> {
        let (kind, at) = match node {
            Node::RangeVar(relation) => {
                let relation = self.placed_relation(relation);
                (FromKind::Relation(relation.value), relation.at)
            }
            Node::RangeSubselect(subselect) => self.subselect_item(subselect)?,
            Node::RangeFunction(functions) => self.function_item(functions)?,
            Node::JoinExpr(join) => self.join(join)?,
            Node::RangeTableSample(sample) => self.sample(sample)?,
            Node::RangeTableFunc(table) => self.xml_table(table),
            Node::JsonTable(table) => self.json_table(table),
            _ => return None,
        };
        Some(Placed { value: FromItem { span: self.span(at), kind }, at })
    }

    fn opaque_item(&self, node: Node) -> Placed<FromItem> {
        let mut leaf = node;
        let first = loop {
            match leaf {
                Node::JoinExpr(join) => match join.larg.node() {
                    Some(left) => leaf = left,
                    None => break self.walked.get(),
                },
                Node::RangeVar(relation) => break self.relation_start(relation),
                _ => break self.walked.get(),
            }
        };
        let at = Extent::new(first, first + 1);
        Placed { value: FromItem { span: self.span(at), kind: FromKind::Opaque }, at }
    }

    // --- relations ------------------------------------------------------------------------------

    /// A relation with its alias.
    pub(super) fn relation(&self, relation: &raw::RangeVar) -> RelationRef {
        self.placed_relation(relation).value
    }

    /// The first token of a relation, with ONLY.
    pub(super) fn relation_start(&self, relation: &raw::RangeVar) -> usize {
        let name = self.at(relation.location);
        let only = self.before_opening(name);
        if !relation.inh && only < name && self.is_word(only, "only") { only } else { name }
    }

    /// A relation with its alias, and the tokens of both.
    pub(super) fn placed_relation(&self, relation: &raw::RangeVar) -> Placed<RelationRef> {
        let name = self.at(relation.location);
        let names =
            [relation.catalogname.str(), relation.schemaname.str(), relation.relname.str()].into_iter().flatten();
        let (qualified, mut end) = self.qualified_name_of(names.clone(), names.count(), name);
        let first = self.relation_start(relation);
        if first < name {
            end = self.operand_end(Extent::new(name, end), first + 1);
        }
        if self.is_operator(end, "*") {
            end += 1;
        }
        let alias = relation.alias.get().map(|alias| {
            let (alias, after) = self.alias(alias, end);
            end = after;
            alias
        });
        let at = Extent::new(first, end);
        self.reached(end);
        let value = RelationRef {
            span: self.span(at),
            name: qualified,
            only: !relation.inh,
            persistence: match relation.relpersistence as u8 {
                b't' => Persistence::Temporary,
                b'u' => Persistence::Unlogged,
                _ => Persistence::Permanent,
            },
            alias,
        };
        Placed { value, at }
    }

    /// `[AS] name [(columns)]` from the token `index` on, and the index after it.
    fn alias(&self, alias: &raw::Alias, index: usize) -> (Alias, usize) {
        let at = self.skip_word(index, "as");
        let name = self.ident(at, alias.aliasname.str().unwrap_or_default());
        let mut end = self.name_end(at);
        let columns = self.name_list(&alias.colnames, end);
        if !columns.is_empty() {
            end = self.after_group(end);
        }
        (Alias { name, columns }, end)
    }

    fn optional_alias(&self, alias: &Ptr<raw::Alias>, end: usize) -> (Option<Alias>, usize) {
        match alias.get() {
            Some(alias) => {
                let (alias, end) = self.alias(alias, end);
                (Some(alias), end)
            }
            None => (None, end),
        }
    }

    /// The names between the parentheses that open at `paren`.
    pub(super) fn name_list(&self, names: &Ptr<raw::List>, paren: usize) -> Vec<Ident> {
        let mut at = paren + 1;
        let mut idents = Vec::with_capacity(names.len());
        for name in names.strings() {
            idents.push(self.ident(at, name));
            at = self.name_end(at) + 1;
        }
        idents
    }

    // --- the other kinds ------------------------------------------------------------------------

    fn subselect_item(&self, node: &raw::RangeSubselect) -> Option<(FromKind, Extent)> {
        let Some(Node::SelectStmt(select)) = node.subquery.node() else { return None };
        let query = self.query(select);
        let mut at = query.at;
        while at.first > 0 && self.kind(at.end) == TokenKind::RightParen && self.partner(at.end) + 1 == at.first {
            at = Extent::new(at.first - 1, at.end + 1);
        }
        let at = self.with_lateral(at, node.lateral);
        let (alias, end) = self.optional_alias(&node.alias, at.end);
        let kind = FromKind::Subquery { query: Box::new(query.value), lateral: node.lateral, alias };
        Some((kind, Extent::new(at.first, end)))
    }

    fn with_lateral(&self, at: Extent, lateral: bool) -> Extent {
        let written = lateral && at.first > 0 && self.is_word(at.first - 1, "lateral");
        Extent::new(at.first - usize::from(written), at.end)
    }

    fn function_item(&self, node: &raw::RangeFunction) -> Option<(FromKind, Extent)> {
        let mut functions = Vec::with_capacity(node.functions.len());
        let mut at: Option<Extent> = None;
        for function in node.functions.nodes() {
            let Node::List(function) = function else { continue };
            let mut parts = function.slots();
            let call = self.placed_expr(parts.next().flatten()?);
            at.get_or_insert(call.at);
            let columns = match parts.next().flatten() {
                Some(Node::List(columns)) => columns.of().filter_map(|column| self.column_shape(column)).exact(),
                _ => Vec::new(),
            };
            functions.push((call.value, columns));
        }
        let mut at = at?;
        if node.is_rowsfrom {
            let rows = at.first.saturating_sub(3);
            at = Extent::new(rows, self.after_group(rows + 2));
        }
        let mut at = self.with_lateral(at, node.lateral);
        at.end = self.skip_words(at.end, &["with", "ordinality"]);
        let (alias, end) = self.optional_alias(&node.alias, at.end);
        at.end = end;
        let columns: Vec<_> = node.coldeflist.of().filter_map(|column| self.column_shape(column)).exact();
        if !columns.is_empty() {
            at.end = self.after_group(self.skip_word(at.end, "as"));
        }
        let kind = FromKind::Functions(Box::new(FromFunctions {
            lateral: node.lateral,
            ordinality: node.ordinality,
            rows_from: node.is_rowsfrom,
            functions,
            alias,
            columns,
        }));
        Some((kind, at))
    }

    /// `name type` in a column definition list.
    pub(super) fn column_shape(&self, column: &raw::ColumnDef) -> Option<ColumnShape> {
        let name = self.ident(self.at(column.location), column.colname.str()?);
        Some(ColumnShape { name, ty: self.type_name(column.typeName.get()?) })
    }

    fn join(&self, node: &raw::JoinExpr) -> Option<(FromKind, Extent)> {
        let mut left = self.item(node.larg.node()?);
        let right = self.item(node.rarg.node()?);
        let join = self.before_opening(right.at.first);
        let mut words = join;
        while words > left.at.first && self.is_any(words - 1, &JOIN_WORDS) {
            words -= 1;
        }
        if matches!(left.value.kind, FromKind::Opaque) {
            left.at.end = words.max(left.at.first + 1);
            left.value.span = self.span(left.at);
        }
        let mut at = Extent::new(self.operand_start(left.at, words), self.operand_end(right.at, join + 1));
        let on = node.quals.node().map(|quals| {
            let quals = self.placed_expr(quals);
            at.end = self.operand_end(quals.at, at.end + 1);
            quals.value
        });
        let using = self.name_list(&node.usingClause, at.end + 1);
        if !using.is_empty() {
            at.end = self.after_group(at.end + 1);
        }
        let (using_alias, end) = self.optional_alias(&node.join_using_alias, at.end);
        at.end = end;
        let alias = node.alias.get().map(|alias| {
            // Only a join in parentheses can have one.
            let (alias, after) = self.alias(alias, at.end + 1);
            at = Extent::new(at.first.saturating_sub(1), after);
            alias
        });
        let join = Join {
            kind: join_kind(node.jointype),
            natural: node.isNatural,
            left: left.value,
            right: right.value,
            using,
            using_alias: using_alias.map(|alias| alias.name),
            on,
            alias,
        };
        Some((FromKind::Join(Box::new(join)), at))
    }

    fn sample(&self, node: &raw::RangeTableSample) -> Option<(FromKind, Extent)> {
        let relation = self.item(node.relation.node()?);
        let (method, paren) = self.qualified_name(&node.method, self.at(node.location));
        let args = self.exprs(&node.args);
        let mut end = self.after_group(paren);
        let repeatable = self.optional_expr(&node.repeatable).map(Box::new);
        if repeatable.is_some() {
            end = self.after_group(end + 1);
        }
        let at = Extent::new(relation.at.first, end);
        Some((FromKind::Sample { relation: Box::new(relation.value), method, args, repeatable }, at))
    }

    // --- XMLTABLE, JSON_TABLE -------------------------------------------------------------------

    fn xml_table(&self, node: &raw::RangeTableFunc) -> (FromKind, Extent) {
        let mut args: Vec<_> =
            [&node.rowexpr, &node.docexpr].into_iter().filter_map(|arg| self.optional_expr(arg)).exact();
        args.extend(node.namespaces.of::<raw::ResTarget>().filter_map(|space| self.optional_expr(&space.val)));
        let mut columns = Vec::with_capacity(node.columns.len());
        for column in node.columns.of::<raw::RangeTableFuncCol>() {
            let name = self.ident(self.at(column.location), column.colname.str().unwrap_or_default());
            columns.push((name, column.typeName.get().map(|ty| self.type_name(ty))));
            args.extend([&column.colexpr, &column.coldefexpr].into_iter().filter_map(|arg| self.optional_expr(arg)));
        }
        self.table_function("xmltable", node.location, node.lateral, &node.alias, (args, columns))
    }

    fn json_table(&self, node: &raw::JsonTable) -> (FromKind, Extent) {
        let mut args = Vec::new();
        if let Some(context) = node.context_item.get() {
            self.push_value(context, &mut args);
        }
        args.extend(node.pathspec.get().and_then(|path| self.optional_expr(&path.string)));
        self.push_passing(&node.passing, &mut args);
        let mut columns = Vec::new();
        self.json_columns(&node.columns, &mut columns);
        self.table_function("json_table", node.location, node.lateral, &node.alias, (args, columns))
    }

    /// The columns, those of NESTED PATH included.
    fn json_columns(&self, list: &Ptr<raw::List>, columns: &mut Vec<(Ident, Option<TypeName>)>) {
        for column in list.of::<raw::JsonTableColumn>() {
            if column.coltype == raw::JTC_NESTED {
                self.deeper(|| self.json_columns(&column.columns, columns));
            } else if let Some(name) = column.name.str() {
                let name = self.ident(self.at(column.location), name);
                columns.push((name, column.typeName.get().map(|ty| self.type_name(ty))));
            }
        }
    }

    fn table_function(
        &self,
        keyword: &'static str,
        location: raw::ParseLoc,
        lateral: bool,
        alias: &Ptr<raw::Alias>,
        (args, columns): (Vec<Expr>, Vec<(Ident, Option<TypeName>)>),
    ) -> (FromKind, Extent) {
        let first = self.at(location);
        let at = self.with_lateral(Extent::new(first, self.after_group(first + 1)), lateral);
        let (alias, end) = self.optional_alias(alias, at.end);
        let table = FromTable { keyword, lateral, args, columns, alias };
        (FromKind::Table(Box::new(table)), Extent::new(at.first, end))
    }
}

fn join_kind(kind: raw::JoinType) -> JoinKind {
    match kind {
        raw::JOIN_LEFT => JoinKind::Left,
        raw::JOIN_RIGHT => JoinKind::Right,
        raw::JOIN_FULL => JoinKind::Full,
        _ => JoinKind::Inner,
    }
}
