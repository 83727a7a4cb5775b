//! Expressions. An expression's extent leaves out parentheses around it; a larger one that holds it
//! takes them in.

use super::*;
use crate::syntax::ffi::Literal;
use crate::syntax::{
    Accessor, Between, BooleanTest, Case, Collate, ColumnRef, Comparison, ExprKind, InList, Indirection, Like,
    NullTest, Operation, OperatorName, PatternKind, Quantified, SqlValue, Subquery, SubqueryKind, TruthValue, intern,
};
use raw::SQLValueFunctionOp;

impl Converter<'_> {
    /// An expression.
    pub(super) fn expr(&self, node: Node) -> Expr {
        self.placed_expr(node).value
    }

    /// An expression that may be left out.
    pub(super) fn optional_expr(&self, node: &Ptr<raw::Node>) -> Option<Expr> {
        node.node().map(|node| self.expr(node))
    }

    /// The expressions of a list.
    pub(super) fn exprs(&self, list: &Ptr<raw::List>) -> Vec<Expr> {
        let mut exprs = Vec::with_capacity(list.len());
        exprs.extend(list.nodes().map(|node| self.expr(node)));
        exprs
    }

    /// The one expression of a text parsed as such.
    pub(super) fn only_expression(&self, roots: &Ptr<raw::List>) -> Option<Expr> {
        let statement = roots.of::<raw::RawStmt>().next()?;
        let Node::SelectStmt(select) = statement.stmt.node()? else { return None };
        if select.targetList.len() != 1 || !select.fromClause.is_empty() {
            return None;
        }
        let target = select.targetList.of::<raw::ResTarget>().next()?;
        self.optional_expr(&target.val)
    }

    /// An expression and its tokens.
    pub(super) fn placed_expr(&self, node: Node) -> Placed<Expr> {
        let placed = self.deeper(|| self.by_type(node)).unwrap_or_else(|| self.opaque(node));
        self.reached(placed.at.end);
        placed
    }

    /// An expression that ends before the token `end`, which is all that is known of one that is too deep.
    fn placed_expr_before(&self, node: Node, end: usize) -> Placed<Expr> {
        let outer = self.limit.replace(end);
        let placed = self.placed_expr(node);
        self.limit.set(outer);
        placed
    }

    pub(super) fn place(&self, at: Extent, kind: ExprKind) -> Placed<Expr> {
        Placed { value: Expr { span: self.span(at), kind }, at }
    }

    fn by_type(&self, node: Node) -> Placed<Expr> {
        match node {
            Node::ColumnRef(node) => self.column(node),
            Node::A_Const(node) => self.constant(node),
            Node::FuncCall(node) => self.call(node),
            Node::A_Expr(node) => self.operation(node),
            Node::TypeCast(node) => self.cast(node),
            Node::BoolExpr(node) => self.boolean(node),
            Node::SubLink(node) => self.subquery(node),
            Node::NullTest(node) => self.null_test(node),
            Node::BooleanTest(node) => self.boolean_test(node),
            Node::CaseExpr(node) => self.case(node),
            Node::ParamRef(node) => self.one_token(node.location, ExprKind::Param(node.number.max(0) as u32)),
            Node::CoalesceExpr(node) => self.list_call(node.location, &node.args, ExprKind::Coalesce),
            Node::MinMaxExpr(node) if node.op == raw::IS_GREATEST => {
                self.list_call(node.location, &node.args, ExprKind::Greatest)
            }
            Node::MinMaxExpr(node) => self.list_call(node.location, &node.args, ExprKind::Least),
            Node::GroupingFunc(node) => self.list_call(node.location, &node.args, ExprKind::Grouping),
            Node::SQLValueFunction(node) => self.sql_value(node),
            Node::RowExpr(node) => self.row(node),
            Node::A_ArrayExpr(node) => self.array(node),
            Node::A_Indirection(node) => self.indirection(node),
            Node::CollateClause(node) => self.collate(node),
            Node::SetToDefault(node) => self.one_token(node.location, ExprKind::Default),
            Node::CurrentOfExpr(node) => self.current_of(node),
            Node::NamedArgExpr(node) => match node.arg.node() {
                Some(arg) => self.placed_expr(arg),
                None => self.opaque(Node::NamedArgExpr(node)),
            },
            other => self.constructor(other).unwrap_or_else(|| self.opaque(other)),
        }
    }

    fn one_token(&self, location: raw::ParseLoc, kind: ExprKind) -> Placed<Expr> {
        let first = self.at(location);
        self.place(Extent::new(first, first + 1), kind)
    }

    /// `WORD (a, b)`.
    fn list_call(
        &self,
        location: raw::ParseLoc,
        args: &Ptr<raw::List>,
        kind: impl FnOnce(Vec<Expr>) -> ExprKind,
    ) -> Placed<Expr> {
        let first = self.at(location);
        let args = self.exprs(args);
        self.place(Extent::new(first, self.after_group(first + 1)), kind(args))
    }

    // --- leaves ---------------------------------------------------------------------------------

    fn column(&self, column: &raw::ColumnRef) -> Placed<Expr> {
        let first = self.at(column.location);
        let star = matches!(column.fields.nodes().next_back(), Some(Node::A_Star(_)));
        let (parts, mut end) = match column.fields.len() {
            1 if star => (Vec::new(), first + 1),
            count => self.dotted(column.fields.strings(), count - usize::from(star), first),
        };
        if star && !parts.is_empty() {
            end += 2;
        }
        let column = ColumnRef { parts: parts.into(), star };
        self.place(Extent::new(first, end), ExprKind::Column(Box::new(column)))
    }

    fn constant(&self, constant: &raw::A_Const) -> Placed<Expr> {
        if constant.location < 0 {
            return self.implied(constant_kind(constant));
        }
        let first = self.at(constant.location);
        let end = match constant.value() {
            Literal::String(_) | Literal::BitString(_) => self.string_end(first),
            Literal::Integer(_) | Literal::Float(_) => self.number_end(first),
            Literal::Null | Literal::Boolean(_) => first + 1,
        };
        self.place(Extent::new(first, end), constant_kind(constant))
    }

    /// An expression; a constant that nobody wrote is at `place`.
    pub(super) fn expr_or_implied_at(&self, node: Node, place: Extent) -> Expr {
        match node {
            Node::A_Const(constant) if constant.location < 0 => self.place(place, constant_kind(constant)).value,
            node => self.expr(node),
        }
    }

    /// The parser folds minus signs into the number, which may be in parentheses.
    fn number_end(&self, mut index: usize) -> usize {
        while self.is_operator(index, "-") {
            index += 1;
        }
        self.after_group(index)
    }

    /// What the grammar adds and nobody wrote: it is where the walk has come to.
    fn implied(&self, kind: ExprKind) -> Placed<Expr> {
        let end = self.walked.get().max(1);
        self.place(Extent::new(end - 1, end), kind)
    }

    fn sql_value(&self, value: &raw::SQLValueFunction) -> Placed<Expr> {
        let first = self.at(value.location);
        let Some((kind, has_precision)) = sql_value(value.op) else { return self.implied(ExprKind::Opaque) };
        let end = if has_precision { self.after_group(first + 1) } else { first + 1 };
        self.place(Extent::new(first, end), ExprKind::SqlValue(kind))
    }

    /// `WHERE CURRENT OF cursor` has no location, but it is all of the WHERE clause.
    fn current_of(&self, current: &raw::CurrentOfExpr) -> Placed<Expr> {
        let rest = Extent::new(self.walked.get(), self.end());
        let first = self.find_words(rest, &["current", "of"]).unwrap_or(rest.first);
        let name = current.cursor_name.str().unwrap_or_default();
        self.place(Extent::new(first, self.name_end(first + 2)), ExprKind::CurrentOf(intern(name)))
    }

    // --- operators ------------------------------------------------------------------------------

    fn operation(&self, node: &raw::A_Expr) -> Placed<Expr> {
        let operator = self.at(node.location);
        match node.kind {
            raw::AEXPR_OP => self.plain_operation(node, operator),
            raw::AEXPR_OP_ANY | raw::AEXPR_OP_ALL => self.quantified(node, operator),
            raw::AEXPR_DISTINCT | raw::AEXPR_NOT_DISTINCT => {
                let negated = node.kind == raw::AEXPR_NOT_DISTINCT;
                let after = operator + if negated { 4 } else { 3 };
                let (left, right, at) = self.operands(node, operator, after);
                self.place(at, ExprKind::Distinct(Box::new(Comparison { left, right, negated })))
            }
            raw::AEXPR_NULLIF => {
                let (left, right) = (self.required_expr(&node.lexpr), self.required_expr(&node.rexpr));
                let at = Extent::new(operator, self.after_group(operator + 1));
                self.place(at, ExprKind::NullIf(Box::new(Comparison { left, right, negated: false })))
            }
            raw::AEXPR_IN => self.in_list(node, operator),
            raw::AEXPR_LIKE => self.like(node, operator, PatternKind::Like),
            raw::AEXPR_ILIKE => self.like(node, operator, PatternKind::ILike),
            raw::AEXPR_SIMILAR => self.like(node, operator, PatternKind::Similar),
            _ => self.between(node, operator),
        }
    }

    /// The operand before an operator, and the first token of the whole.
    pub(super) fn left_operand(&self, node: Option<Node>, operator: usize) -> (Expr, usize) {
        let left = match node {
            Some(node) => self.placed_expr_before(node, operator),
            None => self.implied(ExprKind::Opaque),
        };
        (left.value, self.operand_start(left.at, operator))
    }

    /// An operand that is written from the token `after` on, and the end of the whole.
    fn right_operand(&self, node: Option<Node>, after: usize) -> (Expr, usize) {
        let right = match node {
            Some(node) => self.placed_expr(node),
            None => self.implied(ExprKind::Opaque),
        };
        let end = self.operand_end(right.at, after);
        self.reached(end);
        (right.value, end)
    }

    fn operands(&self, node: &raw::A_Expr, operator: usize, after: usize) -> (Expr, Expr, Extent) {
        let (left, first) = self.left_operand(node.lexpr.node(), operator);
        let (right, end) = self.right_operand(node.rexpr.node(), after);
        (left, right, Extent::new(first, end))
    }

    /// An operand within its own brackets.
    pub(super) fn required_expr(&self, node: &Ptr<raw::Node>) -> Expr {
        self.optional_expr(node).unwrap_or_else(|| self.implied(ExprKind::Opaque).value)
    }

    fn plain_operation(&self, node: &raw::A_Expr, operator: usize) -> Placed<Expr> {
        let (name, after) = self.operator_name(&node.name, operator);
        let (left, first) = match node.lexpr.node() {
            Some(left) => {
                let (left, first) = self.left_operand(Some(left), operator);
                (Some(left), first)
            }
            None => (None, operator),
        };
        let (right, end) = self.right_operand(node.rexpr.node(), after);
        self.place(Extent::new(first, end), ExprKind::Operator(Box::new(Operation { operator: name, left, right })))
    }

    /// An operator's name as written, and the index after it.
    pub(super) fn operator_name(&self, names: &Ptr<raw::List>, first: usize) -> (OperatorName, usize) {
        let end = if self.is_word(first, "operator") {
            self.after_group(first + 1)
        } else if self.is_word(first, "not") {
            first + 2
        } else {
            first + 1
        };
        let mut parts = names.strings().rev();
        let name = intern(parts.next().unwrap_or_default());
        let schema = parts.next().map(intern);
        (OperatorName { schema, name, span: self.span(Extent::new(first, end)) }, end)
    }

    fn quantified(&self, node: &raw::A_Expr, operator: usize) -> Placed<Expr> {
        let (name, any) = self.operator_name(&node.name, operator);
        let (left, first) = self.left_operand(node.lexpr.node(), operator);
        let right = self.required_expr(&node.rexpr);
        let all = node.kind == raw::AEXPR_OP_ALL;
        let quantified = Quantified { operator: name, left, right, all };
        self.place(Extent::new(first, self.after_group(any + 1)), ExprKind::Quantified(Box::new(quantified)))
    }

    fn in_list(&self, node: &raw::A_Expr, operator: usize) -> Placed<Expr> {
        let negated = node.name.strings().next() == Some("<>");
        let (expr, first) = self.left_operand(node.lexpr.node(), operator);
        let list = match node.rexpr.node() {
            Some(Node::List(list)) => list.nodes().map(|node| self.expr(node)).exact(),
            _ => Vec::new(),
        };
        let paren = self.skip_word(operator, "not") + 1;
        self.place(Extent::new(first, self.after_group(paren)), ExprKind::In(Box::new(InList { expr, list, negated })))
    }

    fn like(&self, node: &raw::A_Expr, operator: usize, kind: PatternKind) -> Placed<Expr> {
        let negated = node.name.strings().next().is_some_and(|name| name.starts_with('!'));
        let word = self.skip_word(operator, "not");
        let after = word + if kind == PatternKind::Similar { 2 } else { 1 };
        let (expr, first) = self.left_operand(node.lexpr.node(), operator);
        // With ESCAPE, and always after SIMILAR TO, the pattern is wrapped in a call that has the operator's place.
        let (pattern, escape) = match node.rexpr.node() {
            Some(Node::FuncCall(call)) if call.location == node.location => {
                let mut args = call.args.nodes();
                (args.next(), args.next())
            }
            other => (other, None),
        };
        let (pattern, mut end) = self.right_operand(pattern, after);
        let escape = escape.map(|escape| {
            let (escape, escape_end) = self.right_operand(Some(escape), end + 1);
            end = escape_end;
            escape
        });
        let like = Like { kind, expr, pattern, escape, negated };
        self.place(Extent::new(first, end), ExprKind::Like(Box::new(like)))
    }

    fn between(&self, node: &raw::A_Expr, operator: usize) -> Placed<Expr> {
        let negated = matches!(node.kind, raw::AEXPR_NOT_BETWEEN | raw::AEXPR_NOT_BETWEEN_SYM);
        let symmetric = matches!(node.kind, raw::AEXPR_BETWEEN_SYM | raw::AEXPR_NOT_BETWEEN_SYM);
        let mut after = self.skip_word(operator, "not") + 1;
        after += usize::from(self.is_any(after, &["symmetric", "asymmetric"]));
        let (expr, first) = self.left_operand(node.lexpr.node(), operator);
        let mut bounds = match node.rexpr.node() {
            Some(Node::List(list)) => [list.nodes().next(), list.nodes().nth(1)].into_iter(),
            _ => [None, None].into_iter(),
        };
        let (low, and) = self.right_operand(bounds.next().flatten(), after);
        let (high, end) = self.right_operand(bounds.next().flatten(), and + 1);
        let between = Between { expr, low, high, negated, symmetric };
        self.place(Extent::new(first, end), ExprKind::Between(Box::new(between)))
    }

    fn boolean(&self, node: &raw::BoolExpr) -> Placed<Expr> {
        let location = self.at(node.location);
        match node.boolop {
            raw::AND_EXPR => self.chain(&node.args, ExprKind::And),
            raw::OR_EXPR => self.chain(&node.args, ExprKind::Or),
            _ => self.not(node.args.nodes().next(), location),
        }
    }

    /// `a AND b AND c`, which the parser makes one node, whatever parentheses are around the first ones.
    fn chain(&self, args: &Ptr<raw::List>, kind: impl FnOnce(Vec<Expr>) -> ExprKind) -> Placed<Expr> {
        let mut exprs = Vec::with_capacity(args.len());
        let mut at: Option<Extent> = None;
        for arg in args.nodes() {
            let arg = self.placed_expr(arg);
            exprs.push(arg.value);
            at = Some(match at {
                None => arg.at,
                Some(before) => {
                    let operator = self.before_opening(arg.at.first);
                    let first = self.operand_start(before, operator);
                    Extent::new(first, self.operand_end(arg.at, operator + 1))
                }
            });
        }
        let at = at.unwrap_or(Extent::new(0, 0));
        self.reached(at.end);
        self.place(at, kind(exprs))
    }

    /// `NOT a`; but `a NOT IN (SELECT …)` and `a IS NOT DOCUMENT` are the same node.
    fn not(&self, arg: Option<Node>, location: usize) -> Placed<Expr> {
        let arg = match arg {
            Some(arg) => self.placed_expr(arg),
            None => self.implied(ExprKind::Opaque),
        };
        let at = if arg.at.first <= location {
            arg.at
        } else {
            Extent::new(location, self.operand_end(arg.at, location + 1))
        };
        self.place(at, ExprKind::Not(Box::new(arg.value)))
    }

    fn null_test(&self, node: &raw::NullTest) -> Placed<Expr> {
        let operator = self.at(node.location);
        let negated = node.nulltesttype == raw::IS_NOT_NULL;
        let (expr, first) = self.left_operand(node.arg.node(), operator);
        let words = match (self.is_word(operator, "is"), negated) {
            (false, _) => 1, // ISNULL, NOTNULL
            (true, false) => 2,
            (true, true) => 3,
        };
        let at = Extent::new(first, operator + words);
        self.place(at, ExprKind::NullTest(Box::new(NullTest { expr, negated })))
    }

    fn boolean_test(&self, node: &raw::BooleanTest) -> Placed<Expr> {
        let operator = self.at(node.location);
        let (value, negated) = match node.booltesttype {
            raw::IS_TRUE => (TruthValue::True, false),
            raw::IS_NOT_TRUE => (TruthValue::True, true),
            raw::IS_FALSE => (TruthValue::False, false),
            raw::IS_NOT_FALSE => (TruthValue::False, true),
            raw::IS_UNKNOWN => (TruthValue::Unknown, false),
            _ => (TruthValue::Unknown, true),
        };
        let (expr, first) = self.left_operand(node.arg.node(), operator);
        let at = Extent::new(first, operator + if negated { 3 } else { 2 });
        self.place(at, ExprKind::BooleanTest(Box::new(BooleanTest { expr, value, negated })))
    }

    fn collate(&self, node: &raw::CollateClause) -> Placed<Expr> {
        let operator = self.at(node.location);
        let (expr, first) = self.left_operand(node.arg.node(), operator);
        let (collation, end) = self.qualified_name(&node.collname, operator + 1);
        self.place(Extent::new(first, end), ExprKind::Collate(Box::new(Collate { expr, collation })))
    }

    // --- what has its own brackets --------------------------------------------------------------

    fn case(&self, node: &raw::CaseExpr) -> Placed<Expr> {
        let first = self.at(node.location);
        let operand = node.arg.node().map(|arg| self.expr(arg));
        let mut arms = Vec::with_capacity(node.args.len());
        let mut end = first + 1;
        for arm in node.args.of::<raw::CaseWhen>() {
            if let (Some(condition), Some(result)) = (arm.expr.node(), arm.result.node()) {
                let condition = self.expr(condition);
                let result = self.placed_expr(result);
                end = result.at.end;
                arms.push((condition, result.value));
            }
        }
        let otherwise = node.defresult.node().map(|otherwise| {
            let otherwise = self.placed_expr(otherwise);
            end = otherwise.at.end;
            otherwise.value
        });
        let end = self.skip_closing(end) + 1;
        let case = Case { operand, arms, otherwise };
        self.place(Extent::new(first, end), ExprKind::Case(Box::new(case)))
    }

    fn row(&self, node: &raw::RowExpr) -> Placed<Expr> {
        let first = self.at(node.location);
        let paren = self.skip_word(first, "row");
        let fields = self.exprs(&node.args);
        self.place(Extent::new(first, self.after_group(paren)), ExprKind::Row(fields))
    }

    fn array(&self, node: &raw::A_ArrayExpr) -> Placed<Expr> {
        let first = self.at(node.location);
        let bracket = self.skip_word(first, "array");
        let elements = self.exprs(&node.elements);
        self.place(Extent::new(first, self.after_group(bracket)), ExprKind::Array(elements))
    }

    fn indirection(&self, node: &raw::A_Indirection) -> Placed<Expr> {
        let base = match node.arg.node() {
            Some(base) => self.placed_expr(base),
            None => self.implied(ExprKind::Opaque),
        };
        let start = self.skip_closing(base.at.end);
        let first = self.operand_start(base.at, start);
        let (path, end) = self.accessors(&node.indirection, start);
        let indirection = Indirection { base: base.value, path };
        self.place(Extent::new(first, end), ExprKind::Indirection(Box::new(indirection)))
    }

    /// `.field`, `.*`, `[1]` from the token `index` on, and the index after them.
    pub(super) fn accessors(&self, list: &Ptr<raw::List>, mut index: usize) -> (Vec<Accessor>, usize) {
        let mut path = Vec::with_capacity(list.len());
        for step in list.nodes() {
            path.push(match step {
                Node::String(name) => {
                    let name = self.ident(index + 1, name.sval.str().unwrap_or_default());
                    index = self.name_end(index + 1);
                    Accessor::Field(name)
                }
                Node::A_Indices(indices) => {
                    index = self.after_group(index);
                    let (low, high) = (self.optional_expr(&indices.lidx), self.optional_expr(&indices.uidx));
                    match high {
                        Some(subscript) if !indices.is_slice => Accessor::Subscript(subscript),
                        high => Accessor::Slice(low, high),
                    }
                }
                _ => {
                    index += 2;
                    Accessor::Star
                }
            });
        }
        self.reached(index);
        (path, index)
    }

    fn subquery(&self, node: &raw::SubLink) -> Placed<Expr> {
        let location = self.at(node.location);
        let (kind, first, paren) = match node.subLinkType {
            raw::EXISTS_SUBLINK => (SubqueryKind::Exists, location, location + 1),
            raw::ARRAY_SUBLINK => (SubqueryKind::Array, location, location + 1),
            raw::ANY_SUBLINK | raw::ALL_SUBLINK => self.quantified_subquery(node, location),
            _ => {
                let paren = self.innermost(location);
                (SubqueryKind::Scalar, paren, paren)
            }
        };
        let Some(Node::SelectStmt(select)) = node.subselect.node() else { return self.implied(ExprKind::Opaque) };
        self.reached(paren + 1);
        let query = self.query(select).value;
        let at = Extent::new(first, self.after_group(paren));
        self.place(at, ExprKind::Subquery(Box::new(Subquery { kind, query })))
    }

    fn quantified_subquery(&self, node: &raw::SubLink, operator: usize) -> (SubqueryKind, usize, usize) {
        let (test, first) = self.left_operand(node.testexpr.node(), operator);
        if node.operName.is_empty() {
            let word = self.skip_word(operator, "not");
            let operator = OperatorName { schema: None, name: intern("="), span: self.token_span(word) };
            return (SubqueryKind::Any { test, operator, written_in: true }, first, word + 1);
        }
        let (operator, any) = self.operator_name(&node.operName, operator);
        let kind = match node.subLinkType {
            raw::ALL_SUBLINK => SubqueryKind::All { test, operator },
            _ => SubqueryKind::Any { test, operator, written_in: false },
        };
        (kind, first, any + 1)
    }

    /// `((a))`: the inner parenthesis of those that open at `paren` and have nothing between them.
    fn innermost(&self, mut paren: usize) -> usize {
        while self.kind(paren + 1) == TokenKind::LeftParen && self.partner(paren + 1) + 1 == self.partner(paren) {
            paren += 1;
        }
        paren
    }
}

/// Whether it is a constant that the grammar adds and nobody wrote.
pub(super) fn is_implied(node: Node) -> bool {
    matches!(node, Node::A_Const(constant) if constant.location < 0)
}

fn constant_kind(constant: &raw::A_Const) -> ExprKind {
    match constant.value() {
        Literal::Null => ExprKind::Null,
        Literal::Boolean(value) => ExprKind::Bool(value),
        Literal::Integer(value) => ExprKind::Integer(value.into()),
        Literal::Float(value) => ExprKind::Float(value.into()),
        Literal::String(value) => ExprKind::String(value.into()),
        Literal::BitString(value) => ExprKind::BitString(value.into()),
    }
}

/// Which value it is, and whether a precision is written after it.
fn sql_value(op: SQLValueFunctionOp) -> Option<(SqlValue, bool)> {
    Some(match op {
        raw::SVFOP_CURRENT_DATE => (SqlValue::CurrentDate, false),
        raw::SVFOP_CURRENT_TIME => (SqlValue::CurrentTime, false),
        raw::SVFOP_CURRENT_TIME_N => (SqlValue::CurrentTime, true),
        raw::SVFOP_CURRENT_TIMESTAMP => (SqlValue::CurrentTimestamp, false),
        raw::SVFOP_CURRENT_TIMESTAMP_N => (SqlValue::CurrentTimestamp, true),
        raw::SVFOP_LOCALTIME => (SqlValue::LocalTime, false),
        raw::SVFOP_LOCALTIME_N => (SqlValue::LocalTime, true),
        raw::SVFOP_LOCALTIMESTAMP => (SqlValue::LocalTimestamp, false),
        raw::SVFOP_LOCALTIMESTAMP_N => (SqlValue::LocalTimestamp, true),
        raw::SVFOP_CURRENT_ROLE => (SqlValue::CurrentRole, false),
        raw::SVFOP_CURRENT_USER => (SqlValue::CurrentUser, false),
        raw::SVFOP_USER => (SqlValue::User, false),
        raw::SVFOP_SESSION_USER => (SqlValue::SessionUser, false),
        raw::SVFOP_CURRENT_CATALOG => (SqlValue::CurrentCatalog, false),
        raw::SVFOP_CURRENT_SCHEMA => (SqlValue::CurrentSchema, false),
        _ => return None,
    })
}
