//! Queries. A query's extent is what would be within parentheses around it.
//!
//! No node of a query has a place. Its start follows from its first output column or its WITH; its end
//! from how far the walk came while it was converted.

use super::expr::is_implied;
use super::*;
use crate::syntax::{
    CommonTable, DataStatement, Expr, ExprKind, Grouping, IntoClause, LockStrength, Locking, Query, QueryBody, Select,
    SetOperation, SetOperator, Target, Values, With,
};

/// Words of LIMIT, FETCH, OFFSET and FOR UPDATE that may stand behind the last expression of a query.
const TAIL: [&str; 17] = [
    "limit", "all", "offset", "fetch", "first", "next", "row", "rows", "only", "for", "update", "share", "no", "key",
    "nowait", "skip", "locked",
];

impl Converter<'_> {
    /// A query of any form.
    pub(super) fn query(&self, select: &raw::SelectStmt) -> Placed<Query> {
        let outer = self.reach.replace(0);
        let placed = self.deeper(|| self.whole_query(select)).unwrap_or_else(|| self.opaque_query(select));
        self.reach.set(outer.max(placed.at.end));
        placed
    }

    fn whole_query(&self, select: &raw::SelectStmt) -> Placed<Query> {
        let with = select.withClause.get().map(|with| Box::new(self.with(with)));
        let (body, start) = match select.op {
            raw::SETOP_NONE if !select.valuesLists.is_empty() => self.values(&select.valuesLists),
            raw::SETOP_NONE => self.select(select),
            _ => self.set_operation(select),
        };
        let order_by = self.sort_list(&select.sortClause);
        let limit = self.limit(&select.limitCount);
        let offset = self.optional_expr(&select.limitOffset).map(Box::new);
        let locking = select.lockingClause.of::<raw::LockingClause>().map(|clause| self.locking(clause)).exact();
        let first = select.withClause.get().map_or(start, |with| self.at(with.location));
        let has_tail =
            !(select.limitCount.is_null() && select.limitOffset.is_null() && select.lockingClause.is_empty());
        let at = self.query_extent(first, has_tail);
        let query = Query {
            span: self.span(at),
            with,
            body,
            order_by,
            limit,
            offset,
            with_ties: select.limitOption == raw::LIMIT_OPTION_WITH_TIES,
            locking,
        };
        Placed { value: query, at }
    }

    /// From a query's first own token to its end, once everything in it is converted.
    fn query_extent(&self, mut first: usize, has_tail: bool) -> Extent {
        let mut end = self.after_query(first, self.reach.get(), has_tail);
        // `(SELECT …) ORDER BY a` is one node: parentheses that close before its end are within it.
        while first > 0 && self.kind(first - 1) == TokenKind::LeftParen && self.partner(first - 1) < end {
            first -= 1;
            end = self.after_query(first, end, has_tail);
        }
        Extent::new(first, end)
    }

    /// The index after what still belongs to a query that starts at `first`, from `end` on.
    fn after_query(&self, first: usize, mut end: usize, has_tail: bool) -> usize {
        loop {
            let closes = self.kind(end) == TokenKind::RightParen && (first..end).contains(&self.partner(end));
            let goes_on = closes || (has_tail && self.is_any(end, &TAIL));
            end = match () {
                () if goes_on => end + 1,
                () if has_tail && self.are_words(end, &["with", "ties"]) => end + 2,
                () => return end,
            };
        }
    }

    /// LIMIT; `LIMIT ALL` is none. In `FETCH FIRST ROW ONLY` the first two words stand for the 1.
    fn limit(&self, count: &Ptr<raw::Node>) -> Option<Box<Expr>> {
        let rest = Extent::new(self.walked.get(), self.end());
        let count = count.node()?;
        let fetch = if is_implied(count) { self.find_word(rest, "fetch").unwrap_or(rest.first) } else { rest.first };
        let limit = self.expr_or_implied_at(count, Extent::new(fetch, fetch + 2));
        (limit.kind != ExprKind::Null).then(|| Box::new(limit))
    }

    fn locking(&self, clause: &raw::LockingClause) -> Locking {
        Locking {
            strength: match clause.strength {
                raw::LCS_FORKEYSHARE => LockStrength::KeyShare,
                raw::LCS_FORSHARE => LockStrength::Share,
                raw::LCS_FORNOKEYUPDATE => LockStrength::NoKeyUpdate,
                _ => LockStrength::Update,
            },
            relations: clause.lockedRels.of::<raw::RangeVar>().map(|relation| self.relation(relation)).exact(),
        }
    }

    fn opaque_query(&self, select: &raw::SelectStmt) -> Placed<Query> {
        let mut leaf = select;
        while let Some(left) = leaf.larg.get() {
            leaf = left;
        }
        let first = match leaf.withClause.get() {
            Some(with) => self.at(with.location),
            None => self.select_start(leaf).unwrap_or_else(|| self.next_select()),
        };
        let at = Extent::new(first, first + 1);
        let query = Query {
            span: self.span(at),
            with: None,
            body: QueryBody::Opaque,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            locking: Vec::new(),
        };
        Placed { value: query, at }
    }

    // --- WITH -----------------------------------------------------------------------------------

    pub(super) fn with(&self, with: &raw::WithClause) -> With {
        let queries = with.ctes.of::<raw::CommonTableExpr>().filter_map(|table| self.common_table(table)).exact();
        With { recursive: with.recursive, queries }
    }

    fn common_table(&self, table: &raw::CommonTableExpr) -> Option<CommonTable> {
        let first = self.at(table.location);
        let name = self.ident(first, table.ctename.str()?);
        let mut end = self.name_end(first);
        let columns = self.name_list(&table.aliascolnames, end);
        if !columns.is_empty() {
            end = self.after_group(end);
        }
        let materialized = match table.ctematerialized {
            raw::CTEMaterializeAlways => Some(true),
            raw::CTEMaterializeNever => Some(false),
            _ => None,
        };
        // AS, [NOT] MATERIALIZED and the parenthesis.
        let paren = end + 1 + materialized.map_or(0, |materialized| if materialized { 1 } else { 2 });
        self.reached(paren + 1);
        let statement = self.data_statement(table.ctequery.node()?)?;
        self.reached(self.after_group(paren));
        Some(CommonTable { name, columns, materialized, statement })
    }

    /// A statement that yields rows; `None` for any other node.
    pub(super) fn data_statement(&self, node: Node) -> Option<DataStatement> {
        Some(match node {
            Node::SelectStmt(select) => DataStatement::Select(self.query(select).value),
            Node::InsertStmt(insert) => DataStatement::Insert(Box::new(self.insert(insert)?)),
            Node::UpdateStmt(update) => DataStatement::Update(Box::new(self.update(update)?)),
            Node::DeleteStmt(delete) => DataStatement::Delete(Box::new(self.delete(delete)?)),
            Node::MergeStmt(merge) => DataStatement::Merge(Box::new(self.merge(merge)?)),
            _ => return None,
        })
    }

    // --- SELECT ---------------------------------------------------------------------------------

    /// The body of a SELECT and its first token.
    fn select(&self, select: &raw::SelectStmt) -> (QueryBody, usize) {
        let start = self.select_start(select).unwrap_or_else(|| self.next_select());
        self.reached(start + 1);
        let distinct = (!select.distinctClause.is_empty()).then(|| self.exprs(&select.distinctClause));
        let mut targets = Vec::with_capacity(select.targetList.len());
        targets.extend(select.targetList.of::<raw::ResTarget>().filter_map(|target| self.target(target, start)));
        let body = Select {
            distinct,
            targets,
            into: select.intoClause.get().and_then(|into| self.select_into(into)),
            from: self.items(&select.fromClause),
            filter: self.optional_expr(&select.whereClause),
            group_by: select.groupClause.nodes().map(|node| self.grouping(node)).exact(),
            group_distinct: select.groupDistinct,
            having: self.optional_expr(&select.havingClause),
            windows: self.windows(&select.windowClause),
        };
        (QueryBody::Select(Box::new(body)), start)
    }

    fn windows(&self, list: &Ptr<raw::List>) -> Vec<crate::syntax::WindowDefinition> {
        let mut windows = Vec::with_capacity(list.len());
        for window in list.of::<raw::WindowDef>() {
            windows.push(self.window(window));
            self.reached(self.after_group(self.at(window.location)));
        }
        windows
    }

    /// The word SELECT, VALUES or TABLE of a leaf; in PL/pgSQL, where an expression has no SELECT, the first
    /// output column. `None` where nothing is written that has a place.
    fn select_start(&self, select: &raw::SelectStmt) -> Option<usize> {
        if let Some(Node::List(row)) = select.valuesLists.nodes().next() {
            return row.nodes().next().map(|value| self.before_opening(self.leftmost(value)));
        }
        let target = select.targetList.of::<raw::ResTarget>().next()?;
        if target.location < 0 {
            return self.table_command(select);
        }
        let mut start = self.at(target.location);
        if start > 0 && self.is_any(start - 1, &["distinct", "all"]) {
            start -= 1;
        } else if start > 0 && !select.distinctClause.is_empty() {
            // DISTINCT ON (…)
            start = self.partner(start - 1).saturating_sub(2);
        }
        if start > 0 && self.is_word(start - 1, "select") {
            start -= 1;
        }
        Some(start)
    }

    /// `TABLE a`, which the grammar turns into `SELECT * FROM a` with no place for the star.
    fn table_command(&self, select: &raw::SelectStmt) -> Option<usize> {
        let relation = select.fromClause.of::<raw::RangeVar>().next()?;
        Some(self.before_opening(self.relation_start(relation)))
    }

    /// The next SELECT: one without output columns has no place at all.
    fn next_select(&self) -> usize {
        let from = self.walked.get();
        (from..self.end()).find(|&index| self.is_word(index, "select")).unwrap_or(from.min(self.end()))
    }

    /// An output column; `start` is the query's first token.
    fn target(&self, target: &raw::ResTarget, start: usize) -> Option<Target> {
        if target.location < 0 {
            let star = crate::syntax::ColumnRef { parts: Box::new([]), star: true };
            let star = self.place(Extent::new(start, start + 1), ExprKind::Column(Box::new(star))).value;
            return Some(Target { span: star.span, expr: star, alias: None });
        }
        let first = self.at(target.location);
        let expr = self.placed_expr(target.val.node()?);
        let mut end = self.operand_end(expr.at, first);
        let alias = target.name.str().map(|name| {
            let at = self.skip_word(end, "as");
            end = self.name_end(at);
            self.ident(at, name)
        });
        self.reached(end);
        Some(Target { span: self.span(Extent::new(first, end)), expr: expr.value, alias })
    }

    /// RETURNING.
    pub(super) fn returning(&self, clause: &Ptr<raw::ReturningClause>) -> Vec<Target> {
        let Some(clause) = clause.get() else { return Vec::new() };
        clause.exprs.of::<raw::ResTarget>().filter_map(|target| self.target(target, 0)).exact()
    }

    /// `SELECT … INTO a`.
    fn select_into(&self, into: &raw::IntoClause) -> Option<Box<IntoClause>> {
        let relation = self.relation(into.rel.get()?);
        Some(Box::new(IntoClause {
            relation,
            columns: Vec::new(),
            access_method: None,
            options: Vec::new(),
            tablespace: None,
            on_commit: crate::syntax::OnCommit::PreserveRows,
            with_data: true,
        }))
    }

    fn grouping(&self, node: Node) -> Grouping {
        let Node::GroupingSet(set) = node else { return Grouping::Expr(self.expr(node)) };
        let first = self.at(set.location);
        let paren = first
            + match set.kind {
                raw::GROUPING_SET_EMPTY => 0,
                raw::GROUPING_SET_SETS => 2,
                _ => 1,
            };
        let content = || {
            let nested = self.deeper(|| set.content.nodes().map(|node| self.grouping(node)).exact());
            nested.unwrap_or_default()
        };
        let grouping = match set.kind {
            raw::GROUPING_SET_EMPTY => Grouping::Empty,
            raw::GROUPING_SET_ROLLUP => Grouping::Rollup(content()),
            raw::GROUPING_SET_CUBE => Grouping::Cube(content()),
            _ => Grouping::Sets(content()),
        };
        self.reached(self.after_group(paren));
        grouping
    }

    // --- VALUES and set operations --------------------------------------------------------------

    fn values(&self, lists: &Ptr<raw::List>) -> (QueryBody, usize) {
        let mut rows = Vec::with_capacity(lists.len());
        let mut start = None;
        for row in lists.nodes() {
            let Node::List(row) = row else { continue };
            let mut values = Vec::with_capacity(row.len());
            for value in row.nodes() {
                let value = self.placed_expr(value);
                start.get_or_insert_with(|| self.before_opening(value.at.first));
                values.push(value.value);
            }
            rows.push(values);
        }
        let start = start.unwrap_or_default();
        let elided = self.rows_cut_from(Extent::new(start, self.reach.get()));
        (QueryBody::Values(Values { rows, elided }), start)
    }

    /// How many rows were taken out of a VALUES list before it was parsed.
    fn rows_cut_from(&self, list: Extent) -> u32 {
        let Origin::Verbatim { cut: Some(cut), .. } = self.origin() else { return 0 };
        let start = self.bytes(list).start;
        let after = self.skip_closing(list.end);
        let end = self.bytes(Extent::new(after, after)).start;
        if (start..=end).contains(&(cut.at as usize)) { cut.rows } else { 0 }
    }

    fn set_operation(&self, select: &raw::SelectStmt) -> (QueryBody, usize) {
        let (Some(left), Some(right)) = (select.larg.get(), select.rarg.get()) else { return (QueryBody::Opaque, 0) };
        let mut left = self.query(left);
        let right = self.query(right);
        let last_word = self.before_opening(right.at.first);
        let word = last_word - usize::from(self.is_any(last_word, &["all", "distinct"]));
        if matches!(left.value.body, QueryBody::Opaque) {
            left.at.end = word.max(left.at.first);
            left.value.span = self.span(left.at);
        }
        let start = self.operand_start(left.at, word);
        self.reached(self.operand_end(right.at, last_word + 1));
        let operation = SetOperation {
            operator: match select.op {
                raw::SETOP_UNION => SetOperator::Union,
                raw::SETOP_INTERSECT => SetOperator::Intersect,
                _ => SetOperator::Except,
            },
            all: select.all,
            left: left.value,
            right: right.value,
        };
        (QueryBody::SetOperation(Box::new(operation)), start)
    }
}

impl DataStatement {
    /// As a statement of its own.
    pub(super) fn into_kind(self) -> StatementKind {
        match self {
            DataStatement::Select(query) => StatementKind::Select(Box::new(query)),
            DataStatement::Insert(insert) => StatementKind::Insert(insert),
            DataStatement::Update(update) => StatementKind::Update(update),
            DataStatement::Delete(delete) => StatementKind::Delete(delete),
            DataStatement::Merge(merge) => StatementKind::Merge(merge),
        }
    }
}
