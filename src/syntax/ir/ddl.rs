//! Statements other than queries.

use super::{
    ColumnShape, DataStatement, Definition, Delete, DropBehavior, Expr, Ident, Insert, IntoClause, Merge, Name,
    OperatorName, QualifiedName, Query, RelationRef, RoleSpec, Statement, TypeName, Update,
};
use crate::source::Span;

/// What a statement is. Large variants are boxed.
#[derive(Clone, PartialEq, Debug)]
pub enum StatementKind {
    // Queries
    Select(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    Merge(Box<Merge>),
    // Relations
    CreateTable(Box<CreateTable>),
    CreateTableAs(Box<CreateTableAs>),
    AlterTable(Box<AlterTable>),
    /// ALTER TABLE, INDEX or MATERIALIZED VIEW ALL IN TABLESPACE; `owned_by` empty: of anybody.
    MoveAllInTablespace {
        kind: RelationKind,
        from: Ident,
        owned_by: Vec<RoleSpec>,
        to: Ident,
    },
    CreateIndex(Box<CreateIndex>),
    CreateView(Box<CreateView>),
    CreateSequence(Box<CreateSequence>),
    AlterSequence(Box<AlterSequence>),
    CreateStatistics(Box<CreateStatistics>),
    AlterStatistics {
        name: QualifiedName,
        if_exists: bool,
        target: Option<i64>,
    },
    RefreshMaterializedView {
        relation: Box<RelationRef>,
        concurrently: Option<Span>,
        with_data: bool,
    },
    Truncate {
        relations: Vec<RelationRef>,
        restart_identity: bool,
        behavior: DropBehavior,
    },
    Lock {
        relations: Vec<RelationRef>,
        mode: LockMode,
        nowait: bool,
    },
    Cluster {
        relation: Option<Box<RelationRef>>,
        index: Option<Ident>,
        options: Vec<Definition>,
    },
    Reindex(Box<Reindex>),
    /// VACUUM, or ANALYZE where `vacuum` is false.
    Vacuum {
        vacuum: bool,
        options: Vec<Definition>,
        relations: Vec<VacuumRelation>,
    },
    Copy(Box<Copy>),
    // Row security, triggers, rules
    CreatePolicy(Box<CreatePolicy>),
    AlterPolicy(Box<AlterPolicy>),
    CreateTrigger(Box<CreateTrigger>),
    CreateEventTrigger(Box<CreateEventTrigger>),
    AlterEventTrigger {
        name: Ident,
        firing: Firing,
    },
    CreateRule(Box<CreateRule>),
    // Code
    CreateFunction(Box<CreateFunction>),
    AlterFunction(Box<AlterFunction>),
    Do(Box<DoBlock>),
    Call(Box<Expr>),
    /// RETURN, in BEGIN ATOMIC alone.
    Return(Box<Expr>),
    // Types
    CreateEnum {
        name: QualifiedName,
        labels: Vec<Label>,
    },
    AlterEnum(Box<AlterEnum>),
    CreateCompositeType {
        name: QualifiedName,
        attributes: Vec<ColumnShape>,
    },
    AlterCompositeType {
        name: QualifiedName,
        actions: Vec<AttributeAction>,
    },
    CreateDomain(Box<CreateDomain>),
    AlterDomain(Box<AlterDomain>),
    CreateRange {
        name: QualifiedName,
        definitions: Vec<Definition>,
    },
    /// CREATE AGGREGATE, OPERATOR, TYPE (base or shell), TEXT SEARCH …, COLLATION.
    Define(Box<Define>),
    AlterType {
        name: QualifiedName,
        definitions: Vec<Definition>,
    },
    // Schemas, extensions, foreign data, replication
    CreateSchema(Box<CreateSchema>),
    CreateExtension {
        name: Ident,
        if_not_exists: bool,
        options: Vec<Definition>,
    },
    AlterExtension {
        name: Ident,
        options: Vec<Definition>,
    },
    AlterExtensionContents {
        extension: Ident,
        add: bool,
        object: Box<ObjectRef>,
    },
    CreateForeignTable(Box<CreateForeignTable>),
    CreateForeignDataWrapper {
        name: Ident,
        options: Vec<Definition>,
    },
    CreateForeignServer(Box<CreateForeignServer>),
    AlterForeignServer {
        name: Ident,
        version: Option<Box<str>>,
        options: Vec<Definition>,
    },
    AlterForeignDataWrapper {
        name: Ident,
        options: Vec<Definition>,
    },
    CreateUserMapping {
        user: RoleSpec,
        server: Ident,
        if_not_exists: bool,
    },
    AlterUserMapping {
        user: RoleSpec,
        server: Ident,
    },
    DropUserMapping {
        user: RoleSpec,
        server: Ident,
        if_exists: bool,
    },
    ImportForeignSchema(Box<ImportForeignSchema>),
    CreatePublication(Box<CreatePublication>),
    AlterPublication(Box<AlterPublication>),
    CreateSubscription {
        name: Ident,
        publications: Vec<Name>,
        options: Vec<Definition>,
    },
    AlterSubscription {
        name: Ident,
        /// REFRESH PUBLICATION.
        refresh: bool,
        options: Vec<Definition>,
    },
    DropSubscription {
        name: Ident,
        if_exists: bool,
    },
    // Casts, operator classes, languages, …
    CreateCast(Box<CreateCast>),
    CreateTransform {
        ty: TypeName,
        language: Ident,
        replace: bool,
    },
    CreateConversion {
        name: QualifiedName,
        function: QualifiedName,
    },
    CreateOperatorClass(Box<CreateOperatorClass>),
    CreateOperatorFamily {
        name: QualifiedName,
        access_method: Ident,
    },
    AlterOperatorFamily {
        name: QualifiedName,
        access_method: Ident,
    },
    AlterOperator {
        operator: Box<OperatorSignature>,
        definitions: Vec<Definition>,
    },
    CreateLanguage {
        name: Ident,
        replace: bool,
        handler: Option<QualifiedName>,
    },
    CreateAccessMethod {
        name: Ident,
        kind: char,
        handler: QualifiedName,
    },
    AlterCollationRefreshVersion {
        name: QualifiedName,
    },
    AlterTextSearchDictionary {
        name: QualifiedName,
        options: Vec<Definition>,
    },
    AlterTextSearchConfiguration {
        name: QualifiedName,
    },
    // What works on any kind of object
    Drop(Box<Drop>),
    Rename(Box<Rename>),
    SetSchema {
        object: Box<ObjectRef>,
        if_exists: bool,
        schema: Ident,
    },
    SetOwner {
        object: Box<ObjectRef>,
        owner: RoleSpec,
    },
    DependsOnExtension {
        object: Box<ObjectRef>,
        extension: Ident,
        remove: bool,
    },
    Comment {
        object: Box<ObjectRef>,
        comment: Option<Box<str>>,
    },
    SecurityLabel {
        object: Box<ObjectRef>,
        provider: Option<Name>,
        label: Option<Box<str>>,
    },
    // Privileges and roles
    Grant(Box<Grant>),
    GrantRole(Box<GrantRole>),
    AlterDefaultPrivileges(Box<AlterDefaultPrivileges>),
    CreateRole {
        name: Ident,
        kind: RoleStatementKind,
        options: Vec<Definition>,
    },
    AlterRole {
        role: RoleSpec,
        options: Vec<Definition>,
        action: GroupAction,
    },
    AlterRoleSet {
        role: Option<RoleSpec>,
        database: Option<Ident>,
        setting: SetVariable,
    },
    DropRole {
        roles: Vec<RoleSpec>,
        if_exists: bool,
    },
    DropOwned {
        roles: Vec<RoleSpec>,
        behavior: DropBehavior,
    },
    ReassignOwned {
        roles: Vec<RoleSpec>,
        to: RoleSpec,
    },
    // Cluster-wide
    CreateDatabase {
        name: Ident,
        options: Vec<Definition>,
    },
    AlterDatabase {
        name: Ident,
        options: Vec<Definition>,
    },
    AlterDatabaseSet {
        name: Ident,
        setting: SetVariable,
    },
    AlterDatabaseRefreshCollation {
        name: Ident,
    },
    DropDatabase {
        name: Ident,
        if_exists: bool,
        options: Vec<Definition>,
    },
    CreateTablespace {
        name: Ident,
        options: Vec<Definition>,
    },
    AlterTablespace {
        name: Ident,
        options: Vec<Definition>,
    },
    DropTablespace {
        name: Ident,
        if_exists: bool,
    },
    AlterSystem {
        setting: SetVariable,
    },
    // Session
    Transaction(Transaction),
    Set(SetVariable),
    Show {
        name: Name,
    },
    Discard {
        what: &'static str,
    },
    SetConstraints {
        constraints: Vec<QualifiedName>,
        deferred: bool,
    },
    Prepare {
        name: Ident,
        types: Vec<TypeName>,
        statement: Box<Statement>,
    },
    Execute {
        name: Ident,
        args: Vec<Expr>,
    },
    Deallocate {
        name: Option<Ident>,
    },
    Explain {
        options: Vec<Definition>,
        statement: Box<Statement>,
    },
    DeclareCursor {
        name: Ident,
        query: Box<Query>,
    },
    Fetch {
        cursor: Ident,
        moves: bool,
    },
    ClosePortal {
        name: Option<Ident>,
    },
    Listen {
        channel: Ident,
    },
    Unlisten {
        channel: Option<Ident>,
    },
    Notify {
        channel: Ident,
        payload: Option<Box<str>>,
    },
    Load {
        library: Box<str>,
    },
    Checkpoint,
    /// A kind without a form of ours: none of PostgreSQL 18.
    Other {
        tag: &'static str,
    },
}

/// Lock modes of tables, weakest first, by their names in `pg_locks` without `Lock`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

// --- tables -------------------------------------------------------------------------------------

/// CREATE TABLE.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateTable {
    pub relation: RelationRef,
    pub if_not_exists: bool,
    pub elements: Vec<TableElement>,
    /// INHERITS, or the one parent of PARTITION OF.
    pub inherits: Vec<RelationRef>,
    pub partition_bound: Option<PartitionBound>,
    pub partition_by: Option<PartitionBy>,
    /// OF type.
    pub of_type: Option<TypeName>,
    pub options: Vec<Definition>,
    pub on_commit: OnCommit,
    pub tablespace: Option<Ident>,
    pub access_method: Option<Ident>,
}

/// What happens to a temporary table at commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnCommit {
    PreserveRows,
    DeleteRows,
    Drop,
}

/// An element between the parentheses of CREATE TABLE.
#[derive(Clone, PartialEq, Debug)]
pub enum TableElement {
    Column(ColumnDefinition),
    Constraint(Constraint),
    Like { relation: RelationRef, options: LikeOptions, span: Span },
}

/// What LIKE copies beyond names, types and NOT NULL.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LikeOptions {
    pub comments: bool,
    pub compression: bool,
    pub constraints: bool,
    pub defaults: bool,
    pub generated: bool,
    pub identity: bool,
    pub indexes: bool,
    pub statistics: bool,
    pub storage: bool,
}

/// A column where a table, a typed table or a foreign table is made, or a column added.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnDefinition {
    pub span: Span,
    pub name: Ident,
    /// `None` in typed tables and partitions (`name WITH OPTIONS …`).
    pub ty: Option<TypeName>,
    pub collation: Option<Box<QualifiedName>>,
    pub storage: Option<Name>,
    pub compression: Option<Name>,
    pub constraints: Vec<Constraint>,
    pub fdw_options: Vec<Definition>,
}

/// A constraint of a column, a table or a domain.
#[derive(Clone, PartialEq, Debug)]
pub struct Constraint {
    pub span: Span,
    /// CONSTRAINT name.
    pub name: Option<Ident>,
    pub kind: ConstraintKind,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// NOT VALID.
    pub not_valid: Option<Span>,
    /// False for NOT ENFORCED.
    pub enforced: bool,
    pub no_inherit: bool,
}

/// What a constraint says.
#[derive(Clone, PartialEq, Debug)]
pub enum ConstraintKind {
    Null,
    /// `columns` holds the one column of a table constraint; empty on a column.
    NotNull {
        column: Option<Ident>,
    },
    Default(Expr),
    Identity {
        always: bool,
        options: Vec<SequenceOption>,
    },
    Generated {
        expr: Expr,
        stored: bool,
    },
    Check(Expr),
    Primary(Box<Key>),
    Unique {
        key: Box<Key>,
        nulls_not_distinct: bool,
    },
    Exclude(Box<Exclude>),
    ForeignKey(Box<ForeignKey>),
}

/// PRIMARY KEY or UNIQUE.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Key {
    /// Empty on a column.
    pub columns: Vec<Ident>,
    /// The last column is WITHOUT OVERLAPS.
    pub without_overlaps: bool,
    pub include: Vec<Ident>,
    pub options: Vec<Definition>,
    /// USING INDEX.
    pub index: Option<Ident>,
    pub tablespace: Option<Ident>,
}

/// EXCLUDE.
#[derive(Clone, PartialEq, Debug)]
pub struct Exclude {
    pub access_method: Option<Ident>,
    pub elements: Vec<(IndexElement, OperatorName)>,
    pub include: Vec<Ident>,
    pub options: Vec<Definition>,
    pub tablespace: Option<Ident>,
    pub filter: Option<Expr>,
}

/// REFERENCES.
#[derive(Clone, PartialEq, Debug)]
pub struct ForeignKey {
    /// The referencing columns; empty on a column.
    pub columns: Vec<Ident>,
    pub references: RelationRef,
    /// Empty: the referenced table's primary key.
    pub referenced_columns: Vec<Ident>,
    pub with_period: bool,
    pub match_full: bool,
    pub on_update: ReferentialAction,
    pub on_delete: ReferentialAction,
    /// `SET NULL (columns)`.
    pub delete_columns: Vec<Ident>,
}

/// What a foreign key does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReferentialAction {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// PARTITION BY.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionBy {
    pub span: Span,
    pub strategy: PartitionStrategy,
    pub elements: Vec<IndexElement>,
}

/// How rows are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartitionStrategy {
    List,
    Range,
    Hash,
}

/// FOR VALUES.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionBound {
    pub span: Span,
    pub kind: PartitionBoundKind,
}

/// Which rows a partition takes.
#[derive(Clone, PartialEq, Debug)]
pub enum PartitionBoundKind {
    Default,
    /// IN (…)
    List(Vec<Expr>),
    /// FROM (…) TO (…); MINVALUE and MAXVALUE are column references of that name.
    Range {
        from: Vec<Expr>,
        to: Vec<Expr>,
    },
    Hash {
        modulus: i64,
        remainder: i64,
    },
}

/// CREATE TABLE … AS, CREATE MATERIALIZED VIEW.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateTableAs {
    pub into: IntoClause,
    pub materialized_view: bool,
    pub if_not_exists: bool,
    pub source: TableSource,
    /// The text of the query.
    pub query_span: Span,
}

/// Where CREATE TABLE AS takes its rows from.
#[derive(Clone, PartialEq, Debug)]
pub enum TableSource {
    Query(Query),
    Execute { name: Ident, args: Vec<Expr> },
}

/// ALTER TABLE, VIEW, INDEX, SEQUENCE, FOREIGN TABLE, MATERIALIZED VIEW (what the grammar treats alike).
#[derive(Clone, PartialEq, Debug)]
pub struct AlterTable {
    /// The word after ALTER.
    pub kind: RelationKind,
    pub relation: RelationRef,
    pub if_exists: bool,
    pub actions: Vec<TableAction>,
}

/// The words that name a kind of relation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RelationKind {
    Table,
    View,
    MaterializedView,
    Index,
    Sequence,
    ForeignTable,
    CompositeType,
}

/// One action of ALTER TABLE with its extent.
#[derive(Clone, PartialEq, Debug)]
pub struct TableAction {
    pub span: Span,
    pub kind: TableActionKind,
}

/// What an action of ALTER TABLE does.
#[derive(Clone, PartialEq, Debug)]
pub enum TableActionKind {
    AddColumn {
        column: Box<ColumnDefinition>,
        if_not_exists: bool,
    },
    DropColumn {
        column: Ident,
        if_exists: bool,
        behavior: DropBehavior,
    },
    SetDefault {
        column: Ident,
        default: Expr,
    },
    DropDefault {
        column: Ident,
    },
    SetNotNull {
        column: Ident,
    },
    DropNotNull {
        column: Ident,
    },
    SetExpression {
        column: Ident,
        expr: Expr,
    },
    DropExpression {
        column: Ident,
        if_exists: bool,
    },
    SetStatistics {
        column: ColumnNumberOrName,
        target: Option<i64>,
    },
    SetColumnOptions {
        column: Ident,
        options: Vec<Definition>,
        reset: bool,
    },
    SetStorage {
        column: Ident,
        storage: Name,
    },
    SetCompression {
        column: Ident,
        compression: Name,
    },
    AlterColumnType {
        column: Ident,
        ty: TypeName,
        collation: Option<QualifiedName>,
        using: Option<Expr>,
    },
    AddIdentity {
        column: Ident,
        always: bool,
        options: Vec<SequenceOption>,
    },
    SetIdentity {
        column: Ident,
        always: Option<bool>,
        options: Vec<SequenceOption>,
    },
    DropIdentity {
        column: Ident,
        if_exists: bool,
    },
    AddConstraint(Box<Constraint>),
    AlterConstraint(Box<AlterConstraint>),
    ValidateConstraint {
        name: Ident,
    },
    DropConstraint {
        name: Ident,
        if_exists: bool,
        behavior: DropBehavior,
    },
    AttachPartition {
        partition: RelationRef,
        bound: Box<PartitionBound>,
    },
    /// ALTER INDEX … ATTACH PARTITION.
    AttachIndex {
        index: RelationRef,
    },
    DetachPartition {
        partition: RelationRef,
        concurrently: bool,
        finalize: bool,
    },
    EnableRowSecurity,
    DisableRowSecurity,
    ForceRowSecurity,
    NoForceRowSecurity,
    Trigger {
        which: TriggerSelection,
        firing: Firing,
    },
    Rule {
        name: Ident,
        firing: Firing,
    },
    ClusterOn {
        index: Ident,
    },
    SetWithoutCluster,
    SetWithoutOids,
    SetLogged,
    SetUnlogged,
    SetAccessMethod {
        method: Option<Ident>,
    },
    SetTablespace {
        tablespace: Ident,
    },
    SetOptions(Vec<Definition>),
    ResetOptions(Vec<Definition>),
    Inherit {
        parent: RelationRef,
    },
    NoInherit {
        parent: RelationRef,
    },
    OfType(TypeName),
    NotOf,
    SetOwner(RoleSpec),
    ReplicaIdentity(ReplicaIdentity),
    /// ALTER FOREIGN TABLE … OPTIONS, or of a column of it.
    ForeignOptions {
        column: Option<Ident>,
        options: Vec<Definition>,
    },
}

/// `ALTER COLUMN 2 SET STATISTICS` names an index column by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnNumberOrName {
    Name(Ident),
    Number(i64),
}

/// `ALTER CONSTRAINT`; `None` leaves a property as it is.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterConstraint {
    pub name: Ident,
    pub deferrable: Option<bool>,
    pub initially_deferred: Option<bool>,
    pub enforced: Option<bool>,
    pub inherit: Option<bool>,
}

/// Which triggers ENABLE or DISABLE is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TriggerSelection {
    Name(Ident),
    All,
    User,
}

/// When a trigger or rule fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Firing {
    Enabled,
    Always,
    Replica,
    Disabled,
}

/// REPLICA IDENTITY.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplicaIdentity {
    Default,
    Full,
    Nothing,
    Index(Ident),
}

// --- indexes, views, sequences ------------------------------------------------------------------

/// CREATE INDEX.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateIndex {
    pub name: Option<Ident>,
    pub relation: RelationRef,
    pub unique: bool,
    /// The place of the word.
    pub concurrently: Option<Span>,
    pub if_not_exists: bool,
    pub access_method: Option<Ident>,
    pub elements: Vec<IndexElement>,
    pub include: Vec<IndexElement>,
    pub nulls_not_distinct: bool,
    pub options: Vec<Definition>,
    pub tablespace: Option<Ident>,
    pub filter: Option<Expr>,
}

/// A column or expression of an index, a partition key, an exclusion or a conflict target.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexElement {
    pub span: Span,
    pub key: IndexKey,
    pub collation: Option<Box<QualifiedName>>,
    pub operator_class: Option<Box<QualifiedName>>,
    pub operator_class_options: Vec<Definition>,
    pub descending: bool,
    /// As written.
    pub nulls_first: Option<bool>,
}

/// What is indexed.
#[derive(Clone, PartialEq, Debug)]
pub enum IndexKey {
    Column(Ident),
    Expr(Expr),
}

/// CREATE VIEW.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateView {
    pub relation: RelationRef,
    pub replace: bool,
    pub columns: Vec<Ident>,
    pub options: Vec<Definition>,
    pub query: Query,
    /// The text of the query.
    pub query_span: Span,
    pub check_option: Option<CheckOption>,
}

/// WITH CHECK OPTION.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckOption {
    Local,
    Cascaded,
}

/// CREATE SEQUENCE.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateSequence {
    pub relation: RelationRef,
    pub if_not_exists: bool,
    pub options: Vec<SequenceOption>,
}

/// ALTER SEQUENCE (what is not RENAME, OWNER, SET SCHEMA).
#[derive(Clone, PartialEq, Debug)]
pub struct AlterSequence {
    pub relation: RelationRef,
    pub if_exists: bool,
    pub options: Vec<SequenceOption>,
}

/// An option of a sequence.
#[derive(Clone, PartialEq, Debug)]
pub enum SequenceOption {
    As(TypeName),
    IncrementBy(i64),
    /// `None` for NO MINVALUE.
    MinValue(Option<i64>),
    MaxValue(Option<i64>),
    Start(i64),
    /// `None` for RESTART without a value.
    Restart(Option<i64>),
    Cache(i64),
    Cycle(bool),
    /// `OWNED BY a.b.c`; `None` for OWNED BY NONE.
    OwnedBy(Option<Box<[Ident]>>),
    /// SEQUENCE NAME in an identity column of a dump.
    Name(QualifiedName),
    Logged(bool),
}

/// CREATE STATISTICS.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateStatistics {
    pub name: Option<QualifiedName>,
    pub if_not_exists: bool,
    pub kinds: Vec<Name>,
    pub elements: Vec<IndexKey>,
    pub relation: RelationRef,
}

/// REINDEX.
#[derive(Clone, PartialEq, Debug)]
pub struct Reindex {
    pub target: ReindexTarget,
    pub concurrently: Option<Span>,
    pub options: Vec<Definition>,
}

/// What is rebuilt.
#[derive(Clone, PartialEq, Debug)]
pub enum ReindexTarget {
    Index(RelationRef),
    Table(RelationRef),
    Schema(Ident),
    System(Option<Ident>),
    Database(Option<Ident>),
}

/// A relation of VACUUM or ANALYZE.
#[derive(Clone, PartialEq, Debug)]
pub struct VacuumRelation {
    pub relation: RelationRef,
    pub columns: Vec<Ident>,
}

/// COPY.
#[derive(Clone, PartialEq, Debug)]
pub struct Copy {
    pub relation: Option<RelationRef>,
    pub query: Option<DataStatement>,
    pub columns: Vec<Ident>,
    pub from: bool,
    /// `None` for STDIN and STDOUT.
    pub file: Option<Box<str>>,
    pub program: bool,
    pub options: Vec<Definition>,
    pub filter: Option<Expr>,
}

// --- row security, triggers, rules --------------------------------------------------------------

/// The commands a policy is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PolicyCommand {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

/// CREATE POLICY.
#[derive(Clone, PartialEq, Debug)]
pub struct CreatePolicy {
    pub name: Ident,
    pub relation: RelationRef,
    pub permissive: bool,
    pub command: PolicyCommand,
    /// PUBLIC where nothing is written (then with the statement's span).
    pub roles: Vec<RoleSpec>,
    pub using: Option<Expr>,
    pub check: Option<Expr>,
}

/// ALTER POLICY (what is not RENAME).
#[derive(Clone, PartialEq, Debug)]
pub struct AlterPolicy {
    pub name: Ident,
    pub relation: RelationRef,
    pub roles: Option<Vec<RoleSpec>>,
    pub using: Option<Expr>,
    pub check: Option<Expr>,
}

/// When a trigger fires relative to the event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TriggerTiming {
    Before,
    After,
    InsteadOf,
}

/// Events of a trigger.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TriggerEvents {
    pub insert: bool,
    pub update: bool,
    pub delete: bool,
    pub truncate: bool,
}

/// CREATE TRIGGER.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateTrigger {
    pub name: Ident,
    pub replace: bool,
    pub constraint: bool,
    pub relation: RelationRef,
    pub timing: TriggerTiming,
    pub events: TriggerEvents,
    /// UPDATE OF.
    pub columns: Vec<Ident>,
    pub for_each_row: bool,
    pub when: Option<Expr>,
    pub function: QualifiedName,
    pub args: Vec<Box<str>>,
    /// REFERENCING: name, whether NEW, whether TABLE.
    pub transition_tables: Vec<(Ident, bool)>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// FROM of a constraint trigger.
    pub from: Option<RelationRef>,
}

/// CREATE EVENT TRIGGER.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateEventTrigger {
    pub name: Ident,
    pub event: Name,
    /// `WHEN tag IN (…)`.
    pub tags: Vec<Box<str>>,
    pub function: QualifiedName,
}

/// CREATE RULE.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateRule {
    pub name: Ident,
    pub replace: bool,
    pub relation: RelationRef,
    /// `Select`, `Insert`, `Update` or `Delete`.
    pub event: PolicyCommand,
    pub instead: bool,
    pub filter: Option<Expr>,
    pub actions: Vec<Statement>,
}

// --- code ---------------------------------------------------------------------------------------

/// CREATE FUNCTION or PROCEDURE.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateFunction {
    pub name: QualifiedName,
    pub replace: bool,
    pub procedure: bool,
    pub parameters: Vec<Parameter>,
    /// `None` for a procedure, or where OUT parameters say it.
    pub returns: Option<TypeName>,
    /// RETURNS TABLE; its columns are parameters with [`ParameterMode::Table`].
    pub returns_table: bool,
    pub options: FunctionOptions,
    pub body: Option<FunctionBody>,
}

/// Parameter modes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterMode {
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

/// A parameter of a function.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    pub span: Span,
    pub name: Option<Ident>,
    pub mode: ParameterMode,
    pub ty: TypeName,
    pub default: Option<Expr>,
}

/// How often a function must be called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// Options of CREATE and ALTER FUNCTION; `None` where nothing is written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FunctionOptions {
    pub language: Option<Ident>,
    pub volatility: Option<(Volatility, Span)>,
    pub security_definer: Option<(bool, Span)>,
    pub strict: Option<bool>,
    pub leakproof: Option<bool>,
    pub parallel: Option<Name>,
    pub window: bool,
    pub cost: Option<Box<str>>,
    pub rows: Option<Box<str>>,
    pub support: Option<QualifiedName>,
    /// SET and RESET, in order.
    pub settings: Vec<SetVariable>,
    pub transform_types: Vec<TypeName>,
    /// The first option that says again what another one said, which the server refuses.
    pub repeated: Option<Span>,
}

/// A function's code.
#[derive(Clone, PartialEq, Debug)]
pub enum FunctionBody {
    /// `AS '…'`; `link_symbol` is the second string of a C function.
    Text { code: CodeText, link_symbol: Option<Box<str>> },
    /// `RETURN expr`.
    Return(Expr),
    /// BEGIN ATOMIC … END.
    Atomic(Vec<Statement>),
}

/// Code in a string constant.
#[derive(Clone, PartialEq, Debug)]
pub struct CodeText {
    /// The whole constant with its quotes.
    pub span: Span,
    /// What is between the quotes, in the file.
    pub inner: Span,
    /// The code with escapes resolved; whoever reads it shares it.
    pub text: std::sync::Arc<str>,
    /// The file's bytes at `inner` are `text`, so that an offset in one is an offset in the other.
    pub verbatim: bool,
    pub(in crate::syntax) kept: crate::syntax::code::Kept,
}

/// ALTER FUNCTION, PROCEDURE, ROUTINE (what is not RENAME, OWNER, SET SCHEMA).
#[derive(Clone, PartialEq, Debug)]
pub struct AlterFunction {
    pub kind: ObjectKind,
    pub function: FunctionSignature,
    pub options: FunctionOptions,
}

/// A routine named where it exists already.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionSignature {
    pub span: Span,
    pub name: QualifiedName,
    /// `None` where no argument list is written.
    pub args: Option<Vec<Parameter>>,
}

/// An operator named where it exists already; `None` for NONE.
#[derive(Clone, PartialEq, Debug)]
pub struct OperatorSignature {
    pub operator: OperatorName,
    pub left: Option<TypeName>,
    pub right: Option<TypeName>,
}

/// DO.
#[derive(Clone, PartialEq, Debug)]
pub struct DoBlock {
    /// `plpgsql` where nothing is written.
    pub language: Name,
    pub code: CodeText,
}

// --- types --------------------------------------------------------------------------------------

/// A string constant that is a name, such as an enum label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub text: Box<str>,
    pub span: Span,
}

/// ALTER TYPE … ADD VALUE or RENAME VALUE.
#[derive(Clone, PartialEq, Debug)]
pub enum AlterEnum {
    Add { name: QualifiedName, label: Label, if_not_exists: bool, neighbor: Option<(EnumPosition, Label)> },
    Rename { name: QualifiedName, from: Label, to: Label },
}

/// BEFORE or AFTER.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnumPosition {
    Before,
    After,
}

/// An action of ALTER TYPE on a composite type.
#[derive(Clone, PartialEq, Debug)]
pub struct AttributeAction {
    pub span: Span,
    pub kind: AttributeActionKind,
    pub behavior: DropBehavior,
}

/// What an [`AttributeAction`] does.
#[derive(Clone, PartialEq, Debug)]
pub enum AttributeActionKind {
    Add { name: Ident, ty: TypeName },
    Drop { name: Ident, if_exists: bool },
    Type { name: Ident, ty: TypeName },
}

/// CREATE DOMAIN.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateDomain {
    pub name: QualifiedName,
    pub ty: TypeName,
    pub collation: Option<QualifiedName>,
    pub constraints: Vec<Constraint>,
}

/// ALTER DOMAIN (what is not RENAME, OWNER, SET SCHEMA).
#[derive(Clone, PartialEq, Debug)]
pub struct AlterDomain {
    pub name: QualifiedName,
    pub action: DomainAction,
}

/// What ALTER DOMAIN does.
#[derive(Clone, PartialEq, Debug)]
pub enum DomainAction {
    SetDefault(Expr),
    DropDefault,
    SetNotNull,
    DropNotNull,
    AddConstraint(Constraint),
    DropConstraint { name: Ident, if_exists: bool, behavior: DropBehavior },
    ValidateConstraint { name: Ident },
}

/// CREATE AGGREGATE, OPERATOR, TYPE (base or shell), TEXT SEARCH …, COLLATION.
#[derive(Clone, PartialEq, Debug)]
pub struct Define {
    pub kind: ObjectKind,
    pub name: QualifiedName,
    pub replace: bool,
    pub if_not_exists: bool,
    /// Arguments of an aggregate; `None` for the old style, where `basetype` says it.
    pub args: Option<Vec<Parameter>>,
    /// How many of an ordered-set aggregate's arguments are direct.
    pub direct_args: Option<u32>,
    pub definitions: Vec<Definition>,
}

// --- schemas, foreign data, replication ---------------------------------------------------------

/// CREATE SCHEMA.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateSchema {
    /// `None`: named after the role.
    pub name: Option<Ident>,
    pub authorization: Option<RoleSpec>,
    pub if_not_exists: bool,
    pub elements: Vec<Statement>,
}

/// CREATE FOREIGN TABLE.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateForeignTable {
    pub table: CreateTable,
    pub server: Ident,
    pub options: Vec<Definition>,
}

/// CREATE SERVER.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateForeignServer {
    pub name: Ident,
    pub if_not_exists: bool,
    pub wrapper: Ident,
    pub ty: Option<Box<str>>,
    pub version: Option<Box<str>>,
    pub options: Vec<Definition>,
}

/// IMPORT FOREIGN SCHEMA.
#[derive(Clone, PartialEq, Debug)]
pub struct ImportForeignSchema {
    pub remote_schema: Ident,
    pub server: Ident,
    pub into: Ident,
    /// `Some(true)` for LIMIT TO, `Some(false)` for EXCEPT.
    pub limit_to: Option<bool>,
    pub tables: Vec<RelationRef>,
}

/// CREATE PUBLICATION.
#[derive(Clone, PartialEq, Debug)]
pub struct CreatePublication {
    pub name: Ident,
    pub all_tables: bool,
    pub objects: Vec<PublicationObject>,
    pub options: Vec<Definition>,
}

/// ALTER PUBLICATION (what is not RENAME or OWNER).
#[derive(Clone, PartialEq, Debug)]
pub struct AlterPublication {
    pub name: Ident,
    pub action: PublicationAction,
    pub objects: Vec<PublicationObject>,
    pub options: Vec<Definition>,
}

/// ADD, DROP or SET.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PublicationAction {
    Add,
    Drop,
    SetObjects,
    SetOptions,
}

/// What is published.
#[derive(Clone, PartialEq, Debug)]
pub enum PublicationObject {
    Table { relation: RelationRef, columns: Vec<Ident>, filter: Option<Expr> },
    TablesInSchema(Ident),
    TablesInCurrentSchema,
}

/// CREATE CAST.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateCast {
    pub source: TypeName,
    pub target: TypeName,
    /// `None` for WITHOUT FUNCTION and WITH INOUT.
    pub function: Option<FunctionSignature>,
    pub inout: bool,
    pub context: CastContext,
}

/// When a cast applies by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CastContext {
    Explicit,
    Assignment,
    Implicit,
}

/// CREATE OPERATOR CLASS.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateOperatorClass {
    pub name: QualifiedName,
    pub family: Option<QualifiedName>,
    pub access_method: Ident,
    pub ty: TypeName,
    pub default: bool,
}

// --- any kind of object -------------------------------------------------------------------------

/// Kinds of objects, as words after DROP, ALTER, COMMENT ON, GRANT ON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ObjectKind {
    AccessMethod,
    Aggregate,
    Attribute,
    Cast,
    Collation,
    Column,
    Conversion,
    Database,
    Domain,
    DomainConstraint,
    EventTrigger,
    Extension,
    ForeignDataWrapper,
    ForeignServer,
    ForeignTable,
    Function,
    Index,
    Language,
    LargeObject,
    MaterializedView,
    Operator,
    OperatorClass,
    OperatorFamily,
    ParameterSetting,
    Policy,
    Procedure,
    Publication,
    Role,
    Routine,
    Rule,
    Schema,
    Sequence,
    Statistics,
    Subscription,
    Table,
    TableConstraint,
    Tablespace,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Transform,
    Trigger,
    Type,
    UserMapping,
    View,
}

/// An object named in DROP, ALTER, COMMENT ON, GRANT and the like.
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectRef {
    pub kind: ObjectKind,
    pub span: Span,
    pub name: ObjectName,
}

/// How objects of the different kinds are named.
#[derive(Clone, PartialEq, Debug)]
pub enum ObjectName {
    /// Most kinds, and the table kinds.
    Qualified(QualifiedName),
    /// Policies, triggers, rules, table constraints, columns: `name ON relation` or `relation.column`.
    OfRelation {
        relation: QualifiedName,
        name: Ident,
    },
    /// Functions, procedures, routines, aggregates.
    Function(FunctionSignature),
    Operator(OperatorSignature),
    /// Types and domains.
    Type(TypeName),
    OfDomain {
        domain: TypeName,
        name: Ident,
    },
    Cast {
        source: TypeName,
        target: TypeName,
    },
    Transform {
        ty: TypeName,
        language: Ident,
    },
    /// Operator classes and families.
    OfAccessMethod {
        name: QualifiedName,
        access_method: Ident,
    },
    LargeObject(i64),
    /// A role, as in ALTER … OWNER of nothing else.
    Role(RoleSpec),
}

/// DROP.
#[derive(Clone, PartialEq, Debug)]
pub struct Drop {
    pub kind: ObjectKind,
    pub objects: Vec<ObjectRef>,
    pub if_exists: bool,
    pub behavior: DropBehavior,
    /// DROP INDEX CONCURRENTLY: the place of the word.
    pub concurrently: Option<Span>,
}

/// RENAME.
#[derive(Clone, PartialEq, Debug)]
pub struct Rename {
    /// The object; for columns, attributes and constraints an [`ObjectName::OfRelation`].
    pub object: ObjectRef,
    /// The word after ALTER where the object is a column, attribute or constraint of a relation.
    pub relation_kind: Option<RelationKind>,
    /// Whether ONLY stands before that relation.
    pub only: bool,
    pub new_name: Ident,
    pub if_exists: bool,
    pub behavior: DropBehavior,
}

// --- privileges, roles --------------------------------------------------------------------------

/// A privilege, maybe on columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Privilege {
    pub span: Span,
    /// `None` for ALL.
    pub name: Option<Name>,
    pub columns: Vec<Ident>,
}

/// GRANT or REVOKE on objects.
#[derive(Clone, PartialEq, Debug)]
pub struct Grant {
    /// False for REVOKE.
    pub grant: bool,
    /// Empty for ALL.
    pub privileges: Vec<Privilege>,
    pub target: GrantTarget,
    pub grantees: Vec<RoleSpec>,
    /// WITH GRANT OPTION, or REVOKE GRANT OPTION FOR.
    pub grant_option: bool,
    pub granted_by: Option<RoleSpec>,
    pub behavior: DropBehavior,
}

/// What privileges are granted on.
#[derive(Clone, PartialEq, Debug)]
pub enum GrantTarget {
    Objects {
        kind: ObjectKind,
        objects: Vec<ObjectRef>,
    },
    AllInSchema {
        kind: ObjectKind,
        schemas: Vec<Ident>,
    },
    /// In ALTER DEFAULT PRIVILEGES.
    Defaults {
        kind: ObjectKind,
    },
}

/// GRANT or REVOKE of roles.
#[derive(Clone, PartialEq, Debug)]
pub struct GrantRole {
    pub grant: bool,
    pub roles: Vec<Ident>,
    pub grantees: Vec<RoleSpec>,
    /// ADMIN, INHERIT, SET; false where REVOKE takes only the option.
    pub options: Vec<Definition>,
    pub granted_by: Option<RoleSpec>,
    pub behavior: DropBehavior,
}

/// ALTER DEFAULT PRIVILEGES.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterDefaultPrivileges {
    /// FOR ROLE; empty: the current one.
    pub roles: Vec<RoleSpec>,
    /// IN SCHEMA; empty: everywhere.
    pub schemas: Vec<Ident>,
    pub grant: Grant,
}

/// CREATE ROLE, USER or GROUP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoleStatementKind {
    Role,
    User,
    Group,
}

/// ALTER GROUP … ADD or DROP USER.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupAction {
    None,
    Add,
    Drop,
}

// --- session ------------------------------------------------------------------------------------

/// SET, RESET and the forms of it in other statements.
#[derive(Clone, PartialEq, Debug)]
pub struct SetVariable {
    pub span: Span,
    pub name: Name,
    pub local: bool,
    pub value: SetValue,
}

/// What a setting is set to.
#[derive(Clone, PartialEq, Debug)]
pub enum SetValue {
    /// The arguments as text; several for lists such as search_path.
    To(Vec<SetArgument>),
    Default,
    FromCurrent,
    Reset,
    /// RESET ALL.
    ResetAll,
    /// SET TRANSACTION and SET SESSION CHARACTERISTICS.
    Transaction(Vec<Definition>),
}

/// A value of a setting.
#[derive(Clone, PartialEq, Debug)]
pub struct SetArgument {
    pub text: Box<str>,
    pub span: Span,
}

/// Transaction control.
#[derive(Clone, PartialEq, Debug)]
pub enum Transaction {
    Begin { options: Vec<Definition> },
    Commit { chain: bool },
    Rollback { chain: bool },
    Savepoint(Ident),
    Release(Ident),
    RollbackTo(Ident),
    Prepare,
    CommitPrepared,
    RollbackPrepared,
}

impl StatementKind {
    /// Whether it only reads or writes rows, or asks about a query.
    pub fn is_data(&self) -> bool {
        matches!(
            self,
            StatementKind::Select(_)
                | StatementKind::Insert(_)
                | StatementKind::Update(_)
                | StatementKind::Delete(_)
                | StatementKind::Merge(_)
        )
    }
}
