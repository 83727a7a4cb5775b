//! Expressions.

use super::{Ident, Name, QualifiedName, Query, SortBy, TypeName, WindowDefinition};
use crate::source::Span;

/// An expression with its exact extent, parentheses around it left out.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Integer(i64),
    /// A number that is no int4, as written.
    Float(Box<str>),
    /// Any string constant, escapes resolved.
    String(Box<str>),
    /// `B'01'` or `X'1f'`, with its first letter.
    BitString(Box<str>),
    /// `a`, `t.a`, `s.t.a`, `t.*`, `*`.
    Column(Box<ColumnRef>),
    /// `$1`.
    Param(u32),
    Cast(Box<Cast>),
    Operator(Box<Operation>),
    /// `a = ANY (array)`, `a = ALL (array)`.
    Quantified(Box<Quantified>),
    /// `a IS [NOT] DISTINCT FROM b`.
    Distinct(Box<Comparison>),
    /// `NULLIF (a, b)`.
    NullIf(Box<Comparison>),
    In(Box<InList>),
    Like(Box<Like>),
    Between(Box<Between>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Subquery(Box<Subquery>),
    Case(Box<Case>),
    Coalesce(Vec<Expr>),
    Greatest(Vec<Expr>),
    Least(Vec<Expr>),
    /// `CURRENT_DATE`, `CURRENT_USER` and the others that look like columns.
    SqlValue(SqlValue),
    Call(Box<Call>),
    Row(Vec<Expr>),
    Array(Vec<Expr>),
    Indirection(Box<Indirection>),
    Collate(Box<Collate>),
    NullTest(Box<NullTest>),
    BooleanTest(Box<BooleanTest>),
    /// `DEFAULT` in VALUES, INSERT and UPDATE.
    Default,
    CurrentOf(Name),
    Grouping(Vec<Expr>),
    /// XML and SQL/JSON constructors and predicates, by their key word (`json_object`, `xmlelement`, `is_json`).
    Constructor(Box<Constructor>),
    /// Nested deeper than we follow; only its extent is known.
    Opaque,
}

/// `a`, `t.a`, `s.t.a`; with `star`, the parts before `.*`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnRef {
    pub parts: Box<[Ident]>,
    pub star: bool,
}

impl ColumnRef {
    /// The column's own name; `None` for a star.
    pub fn column(&self) -> Option<Ident> {
        if self.star { None } else { self.parts.last().copied() }
    }

    /// The table or alias before it.
    pub fn qualifier(&self) -> Option<Ident> {
        let before = if self.star { &self.parts[..] } else { self.parts.split_last()?.1 };
        before.last().copied()
    }
}

/// `expr::type` or `CAST (expr AS type)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Cast {
    pub expr: Expr,
    pub ty: TypeName,
}

/// An operator's name, maybe in `OPERATOR(schema.name)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorName {
    pub schema: Option<Name>,
    pub name: Name,
    pub span: Span,
}

/// `left op right` or `op right`.
#[derive(Clone, PartialEq, Debug)]
pub struct Operation {
    pub operator: OperatorName,
    pub left: Option<Expr>,
    pub right: Expr,
}

/// `left op ANY (right)`; `right` is an array.
#[derive(Clone, PartialEq, Debug)]
pub struct Quantified {
    pub operator: OperatorName,
    pub left: Expr,
    pub right: Expr,
    pub all: bool,
}

/// Two operands of a construct that has a `NOT` form.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    pub left: Expr,
    pub right: Expr,
    pub negated: bool,
}

/// `expr [NOT] IN (a, b)`.
#[derive(Clone, PartialEq, Debug)]
pub struct InList {
    pub expr: Expr,
    pub list: Vec<Expr>,
    pub negated: bool,
}

/// Which kind of pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PatternKind {
    Like,
    ILike,
    Similar,
}

/// `expr [NOT] LIKE pattern [ESCAPE escape]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Like {
    pub kind: PatternKind,
    pub expr: Expr,
    pub pattern: Expr,
    pub escape: Option<Expr>,
    pub negated: bool,
}

/// `expr [NOT] BETWEEN [SYMMETRIC] low AND high`.
#[derive(Clone, PartialEq, Debug)]
pub struct Between {
    pub expr: Expr,
    pub low: Expr,
    pub high: Expr,
    pub negated: bool,
    pub symmetric: bool,
}

/// How a sub-select is used.
#[derive(Clone, PartialEq, Debug)]
pub enum SubqueryKind {
    Exists,
    /// `test op ANY (query)`; `test IN (query)` has the operator `=` and `written_in`.
    Any {
        test: Expr,
        operator: OperatorName,
        written_in: bool,
    },
    All {
        test: Expr,
        operator: OperatorName,
    },
    /// `(SELECT …)` as a value.
    Scalar,
    /// `ARRAY (SELECT …)`.
    Array,
}

/// A sub-select in an expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Subquery {
    pub kind: SubqueryKind,
    pub query: Query,
}

/// `CASE [operand] WHEN … THEN … [ELSE …] END`.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    pub operand: Option<Expr>,
    /// Condition and result of each WHEN.
    pub arms: Vec<(Expr, Expr)>,
    pub otherwise: Option<Expr>,
}

/// The values of the SQL standard that are written without parentheses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SqlValue {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

/// A function call (also `EXTRACT`, `TRIM`, `POSITION`, `AT TIME ZONE`, which the grammar turns into one).
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    pub function: QualifiedName,
    pub args: Vec<Argument>,
    /// `count(*)`.
    pub star: bool,
    pub distinct: bool,
    /// The last argument is written after VARIADIC.
    pub variadic: bool,
    pub order_by: Vec<SortBy>,
    pub within_group: bool,
    pub filter: Option<Expr>,
    pub over: Option<Box<WindowDefinition>>,
}

/// An argument of a call, maybe `name => value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Argument {
    pub name: Option<Ident>,
    pub value: Expr,
}

/// `base.field`, `base[1]`, `base[1:2]`, `(row).*`.
#[derive(Clone, PartialEq, Debug)]
pub struct Indirection {
    pub base: Expr,
    pub path: Vec<Accessor>,
}

/// One step of an [`Indirection`].
#[derive(Clone, PartialEq, Debug)]
pub enum Accessor {
    Field(Ident),
    Star,
    Subscript(Expr),
    Slice(Option<Expr>, Option<Expr>),
}

/// `expr COLLATE collation`.
#[derive(Clone, PartialEq, Debug)]
pub struct Collate {
    pub expr: Expr,
    pub collation: QualifiedName,
}

/// `expr IS [NOT] NULL`.
#[derive(Clone, PartialEq, Debug)]
pub struct NullTest {
    pub expr: Expr,
    pub negated: bool,
}

/// What a boolean test asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TruthValue {
    True,
    False,
    Unknown,
}

/// `expr IS [NOT] TRUE | FALSE | UNKNOWN`.
#[derive(Clone, PartialEq, Debug)]
pub struct BooleanTest {
    pub expr: Expr,
    pub value: TruthValue,
    pub negated: bool,
}

/// An XML or SQL/JSON construct: its word and all expressions in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Constructor {
    pub keyword: &'static str,
    pub args: Vec<Expr>,
    /// RETURNING type, or the type of XMLSERIALIZE.
    pub ty: Option<TypeName>,
}
