//! What queries and expressions mean: names resolved to objects, types known where they can be.
//!
//! The shape follows the server's own analysed trees, since everything that is printed or compared later
//! (`pg_get_expr`, `pg_get_viewdef`, `pg_depend`) is made from those. Objects are named by id and
//! columns by number, so that a tree stays true when they are renamed.
#![allow(missing_docs, reason = "the nodes and fields are those of the server's parsenodes.h and primnodes.h")]

use std::sync::Arc;

use super::{FunctionId, OperatorId, Type};
use crate::catalog::{Object, ObjectId};
use crate::source::Span;
use crate::syntax::{JoinKind, LockStrength, Name, SetOperator, SqlValue, TruthValue};

/// Type modifiers as written, at most three: `numeric(10, 2)`, `varchar(50)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Modifiers {
    count: u8,
    values: [i32; 3],
}

impl Modifiers {
    /// No modifier.
    pub const NONE: Modifiers = Modifiers { count: 0, values: [0; 3] };

    /// The first three of `values`.
    pub fn new(values: &[i32]) -> Modifiers {
        let mut modifiers = Modifiers::NONE;
        for (place, value) in modifiers.values.iter_mut().zip(values) {
            *place = *value;
            modifiers.count += 1;
        }
        modifiers
    }

    pub fn as_slice(&self) -> &[i32] {
        &self.values[..usize::from(self.count)]
    }

    pub fn is_none(self) -> bool {
        self.count == 0
    }
}

/// An expression. Its type is `None` where it cannot be known.
#[derive(Clone, Debug)]
pub struct Expr {
    pub span: Span,
    pub ty: Option<Type>,
    pub modifiers: Modifiers,
    pub node: Node,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Node {
    Constant(Constant),
    Var(Var),
    /// `$n`, or a parameter of a function by its number.
    Param(u32),
    /// A variable of the code around, by its place in [`super::Scope::variables`].
    Variable(u32),
    Call(Box<Call>),
    Aggregate(Box<Aggregate>),
    Window(Box<WindowCall>),
    Operator(Box<Operation>),
    Distinct(Box<Operation>),
    NullIf(Box<Operation>),
    /// `left op ANY (array)`, `left IN (…)`.
    ScalarArray(Box<ScalarArray>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Sublink(Box<Sublink>),
    Field(Box<FieldSelect>),
    Subscript(Box<Subscript>),
    Coercion(Box<Coercion>),
    Case(Box<Case>),
    /// The operand of the CASE around.
    CaseTest,
    Array(Vec<Expr>),
    Row(Row),
    RowCompare(Box<RowCompare>),
    Coalesce(Vec<Expr>),
    Greatest(Vec<Expr>),
    Least(Vec<Expr>),
    SqlValue(SqlValue),
    NullTest(Box<NullTest>),
    BooleanTest(Box<BooleanTest>),
    Collate(Box<Collate>),
    /// `VALUE` in a domain's CHECK.
    DomainValue,
    /// `DEFAULT`.
    Default,
    CurrentOf(Name),
    Grouping(Vec<Expr>),
    /// XML and SQL/JSON constructs, by their key word.
    Constructor {
        keyword: &'static str,
        args: Vec<Expr>,
    },
    /// `name => value` in a call: the parameter's name and number.
    NamedArgument {
        name: Name,
        number: u32,
        value: Box<Expr>,
    },
    /// What could not be resolved, with its parts.
    Unknown(Vec<Expr>),
}

/// A constant; what its text means is up to the expression's type.
#[derive(Clone, PartialEq, Debug)]
pub enum Constant {
    Null,
    Bool(bool),
    /// int2, int4, int8.
    Integer(i64),
    /// A number that is no integer constant, as written.
    Numeric(Box<str>),
    /// `B'01'` or `X'1f'`, with its first letter.
    Bits(Box<str>),
    /// The input text of a constant of the type.
    Text(Arc<str>),
    /// regclass, regproc, regtype … of an object, with the text it was written as.
    Object {
        id: ConstantObject,
        text: Box<str>,
    },
}

/// What a constant of a reg* type stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstantObject {
    Object(ObjectId),
    Function(FunctionId),
    Type(Type),
}

/// A column of a range entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Var {
    /// How many queries out.
    pub levels_up: u16,
    /// Index into [`Query::ranges`].
    pub range: u32,
    /// From 1; 0 for the whole row, negative for system columns.
    pub column: i16,
    /// The join whose column it was written as, and which.
    pub written_as: Option<(u32, i16)>,
}

/// Whether a conversion was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Call,
    ExplicitCast,
    ImplicitCast,
    /// `EXTRACT (…)`, `AT TIME ZONE` and the like.
    SqlSyntax,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// `None` where it is not known which of several it is, or whether there is one.
    pub function: Option<FunctionId>,
    /// As written.
    pub name: Name,
    pub name_span: Span,
    pub args: Vec<Expr>,
    pub variadic: bool,
    pub returns_set: bool,
    pub form: Form,
}

/// An aggregate call.
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub function: Option<FunctionId>,
    pub name: Name,
    pub name_span: Span,
    /// Of ordered-set aggregates.
    pub direct_args: Vec<Expr>,
    pub args: Vec<Expr>,
    pub order_by: Vec<SortKey>,
    pub star: bool,
    pub distinct: bool,
    pub variadic: bool,
    pub within_group: bool,
    pub filter: Option<Expr>,
    /// How many queries out it is computed.
    pub levels_up: u16,
}

/// A sort key with its own expression.
#[derive(Clone, Debug)]
pub struct SortKey {
    pub expr: Expr,
    pub order: Order,
}

/// How a sort key sorts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    pub descending: bool,
    pub nulls_first: bool,
    /// USING, where the operator is neither `<` nor `>` of the default class.
    pub operator: Option<Name>,
}

/// A window function call.
#[derive(Clone, Debug)]
pub struct WindowCall {
    pub function: Option<FunctionId>,
    pub name: Name,
    pub name_span: Span,
    pub args: Vec<Expr>,
    pub star: bool,
    pub filter: Option<Expr>,
    /// Index into [`Query::windows`].
    pub window: u32,
}

/// An operator's use.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `None` where it is not known which of several it is, or whether there is one.
    pub operator: Option<OperatorId>,
    pub name: Name,
    pub name_span: Span,
    pub left: Option<Expr>,
    pub right: Expr,
}

/// `left op ANY (right)`.
#[derive(Clone, Debug)]
pub struct ScalarArray {
    pub operator: Option<OperatorId>,
    pub name: Name,
    pub all: bool,
    pub left: Expr,
    pub right: Expr,
}

/// How a sub-select is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SublinkKind {
    Exists,
    Any,
    All,
    Scalar,
    Array,
}

/// A sub-select in an expression.
#[derive(Clone, Debug)]
pub struct Sublink {
    pub kind: SublinkKind,
    /// The left side of ANY and ALL, one for each column of the query.
    pub test: Vec<Expr>,
    /// The left side is a row.
    pub row: bool,
    /// The operator, for each column.
    pub operators: Vec<Option<OperatorId>>,
    pub operator: Option<Name>,
    pub query: Query,
}

/// `base.field`.
#[derive(Clone, Debug)]
pub struct FieldSelect {
    pub base: Expr,
    /// attnum.
    pub field: i16,
    pub name: Name,
}

/// `base[1]`, `base[1:2]`.
#[derive(Clone, Debug)]
pub struct Subscript {
    pub base: Expr,
    /// `Ok` for an index, `Err` for the two ends of a slice.
    pub path: Vec<SubscriptStep>,
}

/// A subscript.
#[derive(Clone, Debug)]
pub enum SubscriptStep {
    Index(Expr),
    Slice(Option<Expr>, Option<Expr>),
}

/// A conversion to the expression's type.
#[derive(Clone, Debug)]
pub struct Coercion {
    pub method: CoercionMethod,
    pub form: Form,
    pub arg: Expr,
}

/// How a value is converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CoercionMethod {
    /// The bytes stay.
    Relabel,
    Function(FunctionId),
    /// Through text.
    InOut,
    /// Each element.
    Array,
    /// To another row type.
    Row,
    Domain,
    /// To the type's own modifiers.
    Length,
    /// How is not known.
    Unknown,
}

/// CASE.
#[derive(Clone, Debug)]
pub struct Case {
    pub operand: Option<Expr>,
    pub arms: Vec<(Expr, Expr)>,
    /// NULL where none is written.
    pub otherwise: Expr,
    pub otherwise_written: bool,
}

/// `ROW (…)`.
#[derive(Clone, Debug)]
pub struct Row {
    pub fields: Vec<Expr>,
    pub names: Vec<Name>,
}

/// A comparison of two rows.
#[derive(Clone, Debug)]
pub struct RowCompare {
    pub operators: Vec<Option<OperatorId>>,
    pub name: Name,
    pub left: Vec<Expr>,
    pub right: Vec<Expr>,
}

/// `arg IS [NOT] NULL`.
#[derive(Clone, Debug)]
pub struct NullTest {
    pub arg: Expr,
    pub negated: bool,
}

/// `arg IS [NOT] TRUE`.
#[derive(Clone, Debug)]
pub struct BooleanTest {
    pub arg: Expr,
    pub value: TruthValue,
    pub negated: bool,
}

/// `arg COLLATE collation`.
#[derive(Clone, Debug)]
pub struct Collate {
    pub arg: Expr,
    pub schema: Option<Name>,
    pub collation: Name,
}

/// What a query does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    Select,
    Insert,
    Update,
    Delete,
    Merge,
}

/// A query with all names resolved.
#[derive(Clone, Debug)]
pub struct Query {
    pub span: Span,
    pub command: Command,
    pub recursive: bool,
    pub ctes: Vec<Cte>,
    pub ranges: Vec<RangeEntry>,
    pub from: Vec<FromNode>,
    pub filter: Option<Expr>,
    /// The output columns, and those that only sort or group.
    pub targets: Vec<Target>,
    /// DISTINCT, DISTINCT ON with its targets.
    pub distinct: Option<Vec<u32>>,
    pub distinct_on: bool,
    pub group_by: Vec<Grouping>,
    pub group_distinct: bool,
    /// Primary keys that let other columns of their tables go ungrouped.
    pub group_keys: Vec<ObjectId>,
    pub having: Option<Expr>,
    pub windows: Vec<Window>,
    pub order_by: Vec<TargetOrder>,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    pub with_ties: bool,
    pub set_operation: Option<Box<SetNode>>,
    pub locking: Vec<Locking>,
    /// Aggregates are computed in it.
    pub aggregates: bool,
    /// The relation that is written to, an index into `ranges`.
    pub result: Option<u32>,
    /// What INSERT and UPDATE write, and how MERGE and ON CONFLICT do.
    pub writes: Vec<Write>,
    /// The values of the further rows of INSERT … VALUES, one row after the other.
    pub row_values: Vec<Expr>,
    /// Conditions of ON CONFLICT and of MERGE.
    pub more_values: Vec<Expr>,
    /// The columns of ON CONFLICT (…).
    pub conflict_columns: Vec<i16>,
    pub returning: Vec<Target>,
    /// Parts that could not be followed; what the query reads and needs may be more than is here.
    pub incomplete: bool,
}

/// A query of WITH.
#[derive(Clone, Debug)]
pub struct Cte {
    pub name: Name,
    /// As written behind the name.
    pub columns: Vec<Name>,
    pub materialized: Option<bool>,
    pub query: Query,
    pub output: Vec<RangeColumn>,
}

/// An output column.
#[derive(Clone, Debug)]
pub struct Target {
    pub name: Name,
    pub expr: Expr,
    /// It only sorts or groups.
    pub junk: bool,
    /// The place of the alias, or of the expression.
    pub name_span: Span,
}

/// A column that is written to.
#[derive(Clone, Debug)]
pub struct Write {
    /// attnum; 0 where it is not known.
    pub column: i16,
    pub value: Option<Expr>,
    pub update: bool,
}

/// ORDER BY a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TargetOrder {
    pub target: u32,
    pub order: Order,
}

/// An element of GROUP BY; columns are targets.
#[derive(Clone, PartialEq, Debug)]
pub enum Grouping {
    Target(u32),
    /// Several in parentheses within a grouping set.
    Targets(Vec<u32>),
    Empty,
    Rollup(Vec<Grouping>),
    Cube(Vec<Grouping>),
    Sets(Vec<Grouping>),
}

/// A window.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its name in WINDOW.
    pub name: Option<Name>,
    pub base: Option<Name>,
    pub partition_by: Vec<u32>,
    pub order_by: Vec<TargetOrder>,
    /// The FRAMEOPTION bits of parsenodes.h.
    pub frame_options: i32,
    pub frame: Vec<Expr>,
}

/// FOR UPDATE and the others.
#[derive(Clone, Debug)]
pub struct Locking {
    pub strength: LockStrength,
    pub ranges: Vec<u32>,
}

/// A tree of set operations.
#[derive(Clone, Debug)]
pub enum SetNode {
    Leaf(Query),
    Operation { operator: SetOperator, all: bool, left: Box<SetNode>, right: Box<SetNode> },
}

/// An element of FROM.
#[derive(Clone, Debug)]
pub enum FromNode {
    Range(u32),
    Join(Box<JoinNode>),
}

/// A join.
#[derive(Clone, Debug)]
pub struct JoinNode {
    /// Its own range entry.
    pub range: u32,
    pub kind: JoinKind,
    pub natural: bool,
    pub left: FromNode,
    pub right: FromNode,
    pub using: Vec<Name>,
    pub using_alias: Option<Name>,
    pub on: Option<Expr>,
}

/// A column of a range entry.
#[derive(Clone, Debug)]
pub struct RangeColumn {
    pub name: Name,
    pub ty: Option<Type>,
    pub modifiers: Modifiers,
}

/// What can be read from (RangeTblEntry).
#[derive(Clone, Debug)]
pub struct RangeEntry {
    pub span: Span,
    /// The alias, else the relation's or function's own name.
    pub name: Name,
    /// An alias is written.
    pub aliased: bool,
    /// Column names that the alias gives, from the first on.
    pub alias_columns: Vec<Name>,
    pub lateral: bool,
    pub kind: RangeKind,
    /// False when there may be columns that are not known.
    pub columns_known: bool,
}

/// What a [`RangeEntry`] is.
#[derive(Clone, Debug)]
pub enum RangeKind {
    /// A relation as it is at this moment.
    Relation {
        id: ObjectId,
        object: Arc<Object>,
        only: bool,
    },
    Subquery {
        query: Box<Query>,
        columns: Vec<RangeColumn>,
    },
    Join(JoinRange),
    Functions {
        functions: Vec<RangeFunction>,
        ordinality: bool,
        columns: Vec<RangeColumn>,
    },
    Values {
        rows: Vec<Vec<Expr>>,
        columns: Vec<RangeColumn>,
    },
    Cte {
        name: Name,
        levels_up: u16,
        index: u32,
        recursive: bool,
        columns: Vec<RangeColumn>,
    },
    /// XMLTABLE, JSON_TABLE.
    Table {
        keyword: &'static str,
        args: Vec<Expr>,
        columns: Vec<RangeColumn>,
    },
    /// Nothing is known of it.
    Unknown,
}

/// The columns of a join.
#[derive(Clone, Debug)]
pub struct JoinRange {
    pub kind: JoinKind,
    /// The first `merged` columns are those of USING.
    pub merged: usize,
    /// What each column is.
    pub columns: Vec<(RangeColumn, Expr)>,
    /// The two inputs of the merged columns.
    pub merged_from: Vec<(Var, Var)>,
}

/// A function in FROM.
#[derive(Clone, Debug)]
pub struct RangeFunction {
    pub expr: Expr,
    /// How many columns it gives.
    pub columns: usize,
    /// Its column definition list.
    pub definition: Vec<RangeColumn>,
}

impl Query {
    /// A query of which nothing is known.
    pub fn unknown(span: Span) -> Query {
        Query {
            span,
            command: Command::Select,
            recursive: false,
            ctes: Vec::new(),
            ranges: Vec::new(),
            from: Vec::new(),
            filter: None,
            targets: Vec::new(),
            distinct: None,
            distinct_on: false,
            group_by: Vec::new(),
            group_distinct: false,
            group_keys: Vec::new(),
            having: None,
            windows: Vec::new(),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            set_operation: None,
            locking: Vec::new(),
            aggregates: false,
            result: None,
            writes: Vec::new(),
            row_values: Vec::new(),
            more_values: Vec::new(),
            conflict_columns: Vec::new(),
            returning: Vec::new(),
            incomplete: true,
        }
    }
}

impl Query {
    /// view_query_is_auto_updatable: whether a view of this query can be written to, as far as the query decides.
    pub fn is_updatable(&self) -> bool {
        let plain = self.ctes.is_empty()
            && self.distinct.is_none()
            && self.group_by.is_empty()
            && self.having.is_none()
            && self.set_operation.is_none()
            && self.limit.is_none()
            && self.offset.is_none()
            && self.windows.is_empty()
            && !self.aggregates;
        let [FromNode::Range(of)] = self.from[..] else { return false };
        let writable = |class| {
            use crate::catalog::RelationClass::{ForeignTable, PartitionedTable, Table, View};
            matches!(class, Table | View | ForeignTable | PartitionedTable)
        };
        let relation = match self.ranges.get(of as usize).map(|range| &range.kind) {
            Some(RangeKind::Relation { object, .. }) => object.as_relation(),
            _ => None,
        };
        let is_column = |target: &Target| matches!(&target.expr.node, Node::Var(var) if var.column > 0);
        plain && relation.is_some_and(|it| writable(it.class)) && self.targets.iter().any(is_column)
    }
}
