//! SELECT, INSERT, UPDATE, DELETE, MERGE.

use super::{Expr, Ident, Name, QualifiedName, TypeName};
use crate::source::Span;

/// A query: WITH, a body, and what is written after the body.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    pub span: Span,
    pub with: Option<Box<With>>,
    pub body: QueryBody,
    pub order_by: Vec<SortBy>,
    pub limit: Option<Box<Expr>>,
    pub offset: Option<Box<Expr>>,
    /// FETCH FIRST … WITH TIES.
    pub with_ties: bool,
    pub locking: Vec<Locking>,
}

/// The part of a query that makes rows.
#[derive(Clone, PartialEq, Debug)]
pub enum QueryBody {
    Select(Box<Select>),
    Values(Values),
    SetOperation(Box<SetOperation>),
    /// Nested deeper than we follow.
    Opaque,
}

/// Rows of a VALUES list.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Values {
    pub rows: Vec<Vec<Expr>>,
    /// Rows that the text has beyond `rows`: a large data statement is not held in memory.
    pub elided: u32,
}

/// UNION, INTERSECT, EXCEPT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// Two queries combined.
#[derive(Clone, PartialEq, Debug)]
pub struct SetOperation {
    pub operator: SetOperator,
    pub all: bool,
    pub left: Query,
    pub right: Query,
}

/// `WITH [RECURSIVE] …`.
#[derive(Clone, PartialEq, Debug)]
pub struct With {
    pub recursive: bool,
    pub queries: Vec<CommonTable>,
}

/// One query of a WITH.
#[derive(Clone, PartialEq, Debug)]
pub struct CommonTable {
    pub name: Ident,
    pub columns: Vec<Ident>,
    /// `Some(true)` for MATERIALIZED, `Some(false)` for NOT MATERIALIZED.
    pub materialized: Option<bool>,
    pub statement: DataStatement,
}

/// A statement that yields rows: the body of a CTE, of COPY (…), of a rule, of EXPLAIN.
#[derive(Clone, PartialEq, Debug)]
pub enum DataStatement {
    Select(Query),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    Merge(Box<Merge>),
}

/// A [`DataStatement`] where it stands, be it within another statement or one by itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum DataRef<'a> {
    Select(&'a Query),
    Insert(&'a Insert),
    Update(&'a Update),
    Delete(&'a Delete),
    Merge(&'a Merge),
}

impl DataStatement {
    /// The statement where it stands.
    pub fn as_ref(&self) -> DataRef<'_> {
        match self {
            DataStatement::Select(query) => DataRef::Select(query),
            DataStatement::Insert(insert) => DataRef::Insert(insert),
            DataStatement::Update(update) => DataRef::Update(update),
            DataStatement::Delete(delete) => DataRef::Delete(delete),
            DataStatement::Merge(merge) => DataRef::Merge(merge),
        }
    }
}

impl super::StatementKind {
    /// The statement as one that yields or writes rows; `None` for any other.
    pub fn as_data(&self) -> Option<DataRef<'_>> {
        use super::StatementKind as Kind;
        Some(match self {
            Kind::Select(query) => DataRef::Select(query),
            Kind::Insert(insert) => DataRef::Insert(insert),
            Kind::Update(update) => DataRef::Update(update),
            Kind::Delete(delete) => DataRef::Delete(delete),
            Kind::Merge(merge) => DataRef::Merge(merge),
            _ => return None,
        })
    }
}

/// `SELECT …` without its ORDER BY and LIMIT.
#[derive(Clone, PartialEq, Debug)]
pub struct Select {
    /// `Some([])` for DISTINCT, `Some([…])` for DISTINCT ON.
    pub distinct: Option<Vec<Expr>>,
    pub targets: Vec<Target>,
    /// SELECT … INTO.
    pub into: Option<Box<IntoClause>>,
    pub from: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub group_by: Vec<Grouping>,
    pub group_distinct: bool,
    pub having: Option<Expr>,
    pub windows: Vec<WindowDefinition>,
}

/// An output column.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    pub span: Span,
    pub expr: Expr,
    pub alias: Option<Ident>,
}

/// The new relation of SELECT INTO or CREATE TABLE AS.
#[derive(Clone, PartialEq, Debug)]
pub struct IntoClause {
    pub relation: RelationRef,
    pub columns: Vec<Ident>,
    pub access_method: Option<Name>,
    pub options: Vec<super::Definition>,
    pub tablespace: Option<Ident>,
    pub on_commit: super::OnCommit,
    pub with_data: bool,
}

/// An element of GROUP BY.
#[derive(Clone, PartialEq, Debug)]
pub enum Grouping {
    Expr(Expr),
    /// `()`.
    Empty,
    Rollup(Vec<Grouping>),
    Cube(Vec<Grouping>),
    Sets(Vec<Grouping>),
}

/// Persistence as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Persistence {
    Permanent,
    Unlogged,
    Temporary,
}

/// A relation named in a statement.
#[derive(Clone, PartialEq, Debug)]
pub struct RelationRef {
    /// The name and, where it is written, its alias.
    pub span: Span,
    pub name: QualifiedName,
    /// ONLY is written.
    pub only: bool,
    /// TEMP or UNLOGGED, where a relation is made.
    pub persistence: Persistence,
    pub alias: Option<Alias>,
}

/// `AS name (columns)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Alias {
    pub name: Ident,
    pub columns: Vec<Ident>,
}

/// An element of FROM.
#[derive(Clone, PartialEq, Debug)]
pub struct FromItem {
    pub span: Span,
    pub kind: FromKind,
}

/// What a [`FromItem`] is.
#[derive(Clone, PartialEq, Debug)]
pub enum FromKind {
    Relation(RelationRef),
    Subquery {
        query: Box<Query>,
        lateral: bool,
        alias: Option<Alias>,
    },
    Functions(Box<FromFunctions>),
    Join(Box<Join>),
    Sample {
        relation: Box<FromItem>,
        method: QualifiedName,
        args: Vec<Expr>,
        repeatable: Option<Box<Expr>>,
    },
    /// XMLTABLE, JSON_TABLE.
    Table(Box<FromTable>),
    /// Nested deeper than we follow.
    Opaque,
}

/// `f(…) [WITH ORDINALITY]` or `ROWS FROM (…)`.
#[derive(Clone, PartialEq, Debug)]
pub struct FromFunctions {
    pub lateral: bool,
    pub ordinality: bool,
    pub rows_from: bool,
    /// Each call with its own column definition list.
    pub functions: Vec<(Expr, Vec<ColumnShape>)>,
    pub alias: Option<Alias>,
    /// `AS t (a int, b text)`.
    pub columns: Vec<ColumnShape>,
}

/// A column of a column definition list.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnShape {
    pub name: Ident,
    pub ty: TypeName,
}

/// XMLTABLE or JSON_TABLE.
#[derive(Clone, PartialEq, Debug)]
pub struct FromTable {
    pub keyword: &'static str,
    pub lateral: bool,
    pub args: Vec<Expr>,
    /// Column names with their types (`None`: FOR ORDINALITY).
    pub columns: Vec<(Ident, Option<TypeName>)>,
    pub alias: Option<Alias>,
}

/// Kinds of join.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// A join.
#[derive(Clone, PartialEq, Debug)]
pub struct Join {
    pub kind: JoinKind,
    pub natural: bool,
    pub left: FromItem,
    pub right: FromItem,
    pub using: Vec<Ident>,
    /// `USING (…) AS name`.
    pub using_alias: Option<Ident>,
    pub on: Option<Expr>,
    pub alias: Option<Alias>,
}

/// An element of ORDER BY.
#[derive(Clone, PartialEq, Debug)]
pub struct SortBy {
    pub expr: Expr,
    /// `Some(true)` for DESC, `Some(false)` for ASC as written.
    pub descending: Option<bool>,
    pub nulls_first: Option<bool>,
    pub using: Option<super::OperatorName>,
}

/// A window, named in WINDOW or written in OVER.
#[derive(Clone, PartialEq, Debug)]
pub struct WindowDefinition {
    pub name: Option<Ident>,
    /// `OVER name` or the window it copies.
    pub base: Option<Ident>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortBy>,
    /// The FRAMEOPTION bits of parsenodes.h.
    pub frame_options: i32,
    pub frame: Vec<Expr>,
}

/// FOR UPDATE and the others.
#[derive(Clone, PartialEq, Debug)]
pub struct Locking {
    pub strength: LockStrength,
    pub relations: Vec<RelationRef>,
}

/// Row lock strengths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockStrength {
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

/// INSERT.
#[derive(Clone, PartialEq, Debug)]
pub struct Insert {
    pub with: Option<Box<With>>,
    pub relation: RelationRef,
    pub columns: Vec<TargetColumn>,
    /// `None` for DEFAULT VALUES.
    pub source: Option<Query>,
    pub overriding: Option<Overriding>,
    pub on_conflict: Option<Box<OnConflict>>,
    pub returning: Vec<Target>,
    /// Where the INSERTs of the same form are whose rows are counted here as elided.
    pub repeats: Vec<Span>,
}

/// OVERRIDING USER VALUE or SYSTEM VALUE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overriding {
    User,
    System,
}

/// A column that is written to, maybe a part of it.
#[derive(Clone, PartialEq, Debug)]
pub struct TargetColumn {
    pub name: Ident,
    pub path: Vec<super::Accessor>,
}

/// ON CONFLICT.
#[derive(Clone, PartialEq, Debug)]
pub struct OnConflict {
    pub target: Option<ConflictTarget>,
    /// `None` for DO NOTHING.
    pub update: Option<ConflictUpdate>,
}

/// What decides that rows conflict.
#[derive(Clone, PartialEq, Debug)]
pub enum ConflictTarget {
    Columns { elements: Vec<super::IndexElement>, filter: Option<Expr> },
    Constraint(Ident),
}

/// DO UPDATE.
#[derive(Clone, PartialEq, Debug)]
pub struct ConflictUpdate {
    pub set: Vec<Assignment>,
    pub filter: Option<Expr>,
}

/// `column = value`. `(a, b) = …` gives one each: with its own field where a row is written; else the first has
/// the whole value, and those of the others are opaque at the same place, so that nothing is counted twice.
#[derive(Clone, PartialEq, Debug)]
pub struct Assignment {
    pub column: TargetColumn,
    pub value: Expr,
}

/// UPDATE.
#[derive(Clone, PartialEq, Debug)]
pub struct Update {
    pub with: Option<Box<With>>,
    pub relation: RelationRef,
    pub set: Vec<Assignment>,
    pub from: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub returning: Vec<Target>,
}

/// DELETE.
#[derive(Clone, PartialEq, Debug)]
pub struct Delete {
    pub with: Option<Box<With>>,
    pub relation: RelationRef,
    pub using: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub returning: Vec<Target>,
}

/// MERGE.
#[derive(Clone, PartialEq, Debug)]
pub struct Merge {
    pub with: Option<Box<With>>,
    pub relation: RelationRef,
    pub source: FromItem,
    pub on: Expr,
    pub arms: Vec<MergeArm>,
    pub returning: Vec<Target>,
}

/// One WHEN of a MERGE.
#[derive(Clone, PartialEq, Debug)]
pub struct MergeArm {
    pub matched: MergeMatch,
    pub condition: Option<Expr>,
    pub action: MergeAction,
}

/// Which rows an arm is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MergeMatch {
    Matched,
    NotMatchedBySource,
    NotMatchedByTarget,
}

/// What an arm does.
#[derive(Clone, PartialEq, Debug)]
pub enum MergeAction {
    Nothing,
    Delete,
    Update(Vec<Assignment>),
    Insert { columns: Vec<TargetColumn>, values: Vec<Expr> },
}
