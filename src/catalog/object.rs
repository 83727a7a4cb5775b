//! What the objects of the catalog are. Field names follow the system catalogs.

use std::sync::Arc;

use super::analyze::ExprAnalysis;
use super::{Acl, ObjectId};
use crate::source::Span;
use crate::syntax::{
    CastContext, Expr, Firing, Name, ParameterMode, PartitionStrategy, Persistence, PolicyCommand, Query,
    ReferentialAction, ReplicaIdentity, Statement, TriggerEvents, TriggerTiming, Volatility,
};

/// An object at one moment of its life.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its name, without schema.
    pub name: Name,
    /// The schema it lives in; `None` for what lives in none.
    pub schema: Option<ObjectId>,
    /// The role that owns it; `None` for what has no owner of its own (constraints, policies …).
    pub owner: Option<ObjectId>,
    /// `None`: the built-in default privileges of its kind.
    pub acl: Option<Arc<Acl>>,
    /// COMMENT ON.
    pub comment: Option<Arc<str>>,
    /// The extension it is a member of.
    pub extension: Option<ObjectId>,
    /// Its name where it was made; [`Span::NONE`] for the empty server's.
    pub span: Span,
    /// What it needs to exist.
    pub depends: Vec<Dependency>,
    /// What it is.
    pub kind: Kind,
}

/// Why one object needs another (pg_depend).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dependency {
    /// The part of the dependent that needs it, and goes when `on` is dropped.
    pub part: Part,
    /// The object that is needed.
    pub on: ObjectId,
    /// The number of the column of `on` that is needed; `None` for the whole.
    pub column: Option<i16>,
    /// What happens when `on` is dropped.
    pub kind: DependencyKind,
}

impl Dependency {
    /// The whole dependent needs `on`: RESTRICT refuses to drop that, CASCADE drops the dependent.
    pub fn normal(on: ObjectId) -> Dependency {
        Dependency { part: Part::Whole, on, column: None, kind: DependencyKind::Normal }
    }

    /// The dependent goes with `on`, even with RESTRICT.
    pub fn auto(on: ObjectId) -> Dependency {
        Dependency { kind: DependencyKind::Auto, ..Dependency::normal(on) }
    }

    /// The dependent is a part of `on`.
    pub fn internal(on: ObjectId) -> Dependency {
        Dependency { kind: DependencyKind::Internal, ..Dependency::normal(on) }
    }

    /// Only this column of `on` is needed.
    #[must_use]
    pub fn on_column(self, column: i16) -> Dependency {
        Dependency { column: Some(column), ..self }
    }

    /// Only this part of the dependent needs it.
    #[must_use]
    pub fn of(self, part: Part) -> Dependency {
        Dependency { part, ..self }
    }
}

/// A part of an object that can go without the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// The whole object.
    Whole,
    /// A column of a relation.
    Column(i16),
    /// The default of a column.
    Default(i16),
    /// What is said of the other object in a list: a table in a publication.
    Entry,
}

/// What happens to the dependent when the other is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DependencyKind {
    /// RESTRICT refuses, CASCADE drops it.
    Normal,
    /// It goes as well, even with RESTRICT.
    Auto,
    /// It is a part of the other and cannot be dropped on its own.
    Internal,
    /// It is a partition's copy of the other: it cannot be dropped on its own, but goes with its partition.
    Partition,
    /// It is a member of the extension and cannot be dropped on its own.
    Extension,
}

/// What an object is.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each variant is documented at the type it holds")]
pub enum Kind {
    Schema,
    Relation(Relation),
    Sequence(Sequence),
    Index(Index),
    Constraint(Constraint),
    Policy(Policy),
    Trigger(Trigger),
    Rule(Rule),
    Routine(Routine),
    Type(Type),
    Role(Role),
    Extension(Extension),
    Publication(Publication),
    EventTrigger(EventTrigger),
    Statistics(Statistics),
    Cast(Cast),
    Operator(Operator),
    DefaultPrivileges(DefaultPrivileges),
    ForeignServer {
        wrapper: ObjectId,
    },
    Bucket(Bucket),
    Subscription {
        /// Whether it asks its publisher for changes.
        enabled: bool,
        /// Whether it has a slot there.
        slot: bool,
    },
    /// A kind of which rules need no more than that it exists.
    Other(Tag),
}

/// Kinds of objects, without what they hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names of the kinds")]
pub enum Tag {
    Schema,
    Relation,
    Sequence,
    Index,
    Constraint,
    Policy,
    Trigger,
    Rule,
    Routine,
    Type,
    Role,
    Extension,
    Publication,
    EventTrigger,
    Statistics,
    Cast,
    Operator,
    DefaultPrivileges,
    ForeignServer,
    Bucket,
    AccessMethod,
    Collation,
    Conversion,
    Database,
    ForeignDataWrapper,
    Language,
    OperatorClass,
    OperatorFamily,
    Subscription,
    Tablespace,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Transform,
    UserMapping,
    /// A job of pg_cron.
    CronJob,
}

impl Object {
    /// The kind, without what it holds.
    pub fn tag(&self) -> Tag {
        match &self.kind {
            Kind::Schema => Tag::Schema,
            Kind::Relation(_) => Tag::Relation,
            Kind::Sequence(_) => Tag::Sequence,
            Kind::Index(_) => Tag::Index,
            Kind::Constraint(_) => Tag::Constraint,
            Kind::Policy(_) => Tag::Policy,
            Kind::Trigger(_) => Tag::Trigger,
            Kind::Rule(_) => Tag::Rule,
            Kind::Routine(_) => Tag::Routine,
            Kind::Type(_) => Tag::Type,
            Kind::Role(_) => Tag::Role,
            Kind::Extension(_) => Tag::Extension,
            Kind::Publication(_) => Tag::Publication,
            Kind::EventTrigger(_) => Tag::EventTrigger,
            Kind::Statistics(_) => Tag::Statistics,
            Kind::Cast(_) => Tag::Cast,
            Kind::Operator(_) => Tag::Operator,
            Kind::DefaultPrivileges(_) => Tag::DefaultPrivileges,
            Kind::ForeignServer { .. } => Tag::ForeignServer,
            Kind::Bucket(_) => Tag::Bucket,
            Kind::Subscription { .. } => Tag::Subscription,
            Kind::Other(tag) => *tag,
        }
    }

    /// The relation or domain this object is a part of.
    pub fn attached_to(&self) -> Option<ObjectId> {
        match &self.kind {
            Kind::Index(index) => Some(index.table),
            Kind::Constraint(constraint) => Some(constraint.of),
            Kind::Policy(policy) => Some(policy.table),
            Kind::Trigger(trigger) => Some(trigger.table),
            Kind::Rule(rule) => Some(rule.table),
            Kind::Statistics(statistics) => Some(statistics.table),
            _ => None,
        }
    }

    /// The relation, where it is one.
    pub fn as_relation(&self) -> Option<&Relation> {
        if let Kind::Relation(relation) = &self.kind { Some(relation) } else { None }
    }

    /// The index, where it is one.
    pub fn as_index(&self) -> Option<&Index> {
        if let Kind::Index(index) = &self.kind { Some(index) } else { None }
    }

    /// The constraint, where it is one.
    pub fn as_constraint(&self) -> Option<&Constraint> {
        if let Kind::Constraint(constraint) = &self.kind { Some(constraint) } else { None }
    }

    /// The policy, where it is one.
    pub fn as_policy(&self) -> Option<&Policy> {
        if let Kind::Policy(policy) = &self.kind { Some(policy) } else { None }
    }

    /// The routine, where it is one.
    pub fn as_routine(&self) -> Option<&Routine> {
        if let Kind::Routine(routine) = &self.kind { Some(routine) } else { None }
    }

    /// The type, where it is one.
    pub fn as_type(&self) -> Option<&Type> {
        if let Kind::Type(ty) = &self.kind { Some(ty) } else { None }
    }

    /// The sequence, where it is one.
    pub fn as_sequence(&self) -> Option<&Sequence> {
        if let Kind::Sequence(sequence) = &self.kind { Some(sequence) } else { None }
    }

    /// The role, where it is one.
    pub fn as_role(&self) -> Option<&Role> {
        if let Kind::Role(role) = &self.kind { Some(role) } else { None }
    }

    /// The trigger, where it is one.
    pub fn as_trigger(&self) -> Option<&Trigger> {
        if let Kind::Trigger(trigger) = &self.kind { Some(trigger) } else { None }
    }
}

/// pg_class.relkind of what holds rows or looks as if.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RelationClass {
    /// `r`
    Table,
    /// `p`
    PartitionedTable,
    /// `v`
    View,
    /// `m`
    MaterializedView,
    /// `f`
    ForeignTable,
    /// `c`
    CompositeType,
}

/// A table, view, materialized view, foreign table or composite type.
#[derive(Clone, Debug)]
pub struct Relation {
    /// relkind.
    pub class: RelationClass,
    /// relpersistence.
    pub persistence: Persistence,
    /// The columns in order of their numbers, dropped ones left out. `None` inside a view's column
    /// type means it could not be computed.
    pub columns: Vec<Arc<Column>>,
    /// The highest column number ever given, dropped columns included.
    pub last_column_number: i16,
    /// False when columns may be missing because a statement could not be understood.
    pub columns_known: bool,
    /// reloptions, by name, `toast.` before those of the TOAST table.
    pub options: Vec<(Name, Arc<str>)>,
    /// relrowsecurity: where it was switched on.
    pub row_security: Option<Span>,
    /// relforcerowsecurity.
    pub force_row_security: bool,
    /// PARTITION BY.
    pub partition_key: Option<Arc<PartitionKey>>,
    /// The parents: of INHERITS, or the one partitioned table.
    pub parents: Vec<ObjectId>,
    /// FOR VALUES, where it is a partition.
    pub bound: Option<Arc<crate::syntax::PartitionBound>>,
    /// The query of a view or materialized view.
    pub query: Option<Arc<ViewQuery>>,
    /// relreplident.
    pub replica_identity: ReplicaIdentity,
    /// WITH NO DATA, not refreshed since.
    pub populated: bool,
    /// Access method, where one is named.
    pub access_method: Option<Name>,
    /// Tablespace, where one is named.
    pub tablespace: Option<Name>,
    /// The foreign server.
    pub server: Option<ObjectId>,
    /// The row type.
    pub row_type: Option<ObjectId>,
    /// OF type.
    pub of_type: Option<ObjectId>,
}

impl Relation {
    /// The column of this name.
    pub fn column(&self, name: Name) -> Option<&Arc<Column>> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether it is a view that reads with the caller's rights (security_invoker, since 15).
    pub fn is_security_invoker(&self) -> bool {
        let option = self.options.iter().find(|(name, _)| name.as_str() == "security_invoker");
        // parse_bool takes each word's beginnings, as long as they say which it is.
        option.is_some_and(|(_, value)| match value.to_ascii_lowercase().as_str() {
            "1" | "on" => true,
            word => !word.is_empty() && ("true".starts_with(word) || "yes".starts_with(word)),
        })
    }

    /// The column of this number.
    pub fn column_number(&self, number: i16) -> Option<&Arc<Column>> {
        self.columns.iter().find(|column| column.number == number)
    }
}

/// A view's query.
#[derive(Clone, Debug)]
pub struct ViewQuery {
    /// The tree.
    pub query: Query,
    /// Its text.
    pub span: Span,
    /// Each relation it reads itself (not through another view), with the columns (empty: only the rows).
    pub reads: Vec<(ObjectId, Vec<i16>)>,
}

/// A column (pg_attribute).
#[derive(Clone, Debug)]
pub struct Column {
    /// attname.
    pub name: Name,
    /// attnum.
    pub number: i16,
    /// Its type; `None` where it could not be computed (an expression of a view).
    pub ty: Option<TypeRef>,
    /// attnotnull.
    pub not_null: bool,
    /// DEFAULT.
    pub default: Option<Arc<Expr>>,
    /// Whether it is identity.
    pub identity: Option<Identity>,
    /// GENERATED ALWAYS AS (…).
    pub generated: Option<Arc<Generated>>,
    /// attcollation, where it is not the type's own.
    pub collation: Option<Name>,
    /// attstorage, where it was set.
    pub storage: Option<Name>,
    /// attcompression, where it was set.
    pub compression: Option<Name>,
    /// attstattarget, where it was set.
    pub statistics: Option<i32>,
    /// The column privileges.
    pub acl: Option<Arc<Acl>>,
    /// COMMENT ON COLUMN.
    pub comment: Option<Arc<str>>,
    /// How many parents it comes from.
    pub inherited: u16,
    /// It is (also) this table's own.
    pub local: bool,
    /// Its name where it was made.
    pub span: Span,
}

/// Identity columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identity {
    /// GENERATED ALWAYS.
    Always,
    /// GENERATED BY DEFAULT.
    ByDefault,
}

/// A generated column's expression.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The expression.
    pub expr: Expr,
    /// False for VIRTUAL (18).
    pub stored: bool,
}

/// A type with its modifiers, as a column has it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeRef {
    /// The (element) type.
    pub id: ObjectId,
    /// atttypmod's parts as written: `[10, 2]` of `numeric(10, 2)`, `[50]` of `varchar(50)`.
    pub modifiers: Vec<i32>,
    /// Whether it is the array of it.
    pub array: bool,
}

/// PARTITION BY.
#[derive(Clone, Debug)]
pub struct PartitionKey {
    /// LIST, RANGE, HASH.
    pub strategy: PartitionStrategy,
    /// Columns by number, or expressions.
    pub keys: Vec<Key>,
}

/// A column or an expression of an index or partition key.
#[derive(Clone, Debug)]
pub enum Key {
    /// attnum.
    Column(i16),
    /// Anything else.
    Expr(Arc<Expr>),
}

/// A sequence.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// `int2`, `int4` or `int8`.
    pub data_type: Name,
    /// INCREMENT.
    pub increment: i64,
    /// MINVALUE.
    pub min_value: i64,
    /// MAXVALUE.
    pub max_value: i64,
    /// START.
    pub start: i64,
    /// CACHE.
    pub cache: i64,
    /// CYCLE.
    pub cycle: bool,
    /// Table and column number it is OWNED BY.
    pub owned_by: Option<(ObjectId, i16)>,
    /// It belongs to an identity column.
    pub identity: bool,
    /// relpersistence.
    pub persistence: Persistence,
}

/// An index.
#[derive(Clone, Debug)]
pub struct Index {
    /// The table or materialized view.
    pub table: ObjectId,
    /// `btree`, `gin` …
    pub access_method: Name,
    /// indisunique.
    pub unique: bool,
    /// indisprimary.
    pub primary: bool,
    /// indisexclusion.
    pub exclusion: bool,
    /// indnullsnotdistinct.
    pub nulls_not_distinct: bool,
    /// The key columns.
    pub keys: Vec<IndexColumn>,
    /// INCLUDE, by column number.
    pub include: Vec<i16>,
    /// WHERE.
    pub predicate: Option<Arc<Expr>>,
    /// Storage parameters.
    pub options: Vec<(Name, Arc<str>)>,
    /// Tablespace, where one is named.
    pub tablespace: Option<Name>,
    /// indisvalid: false on a partitioned table while a partition lacks its own.
    pub valid: bool,
    /// The index of the partitioned table that it is a part of.
    pub parent: Option<ObjectId>,
    /// The constraint it is the index of.
    pub constraint: Option<ObjectId>,
    /// CLUSTER ON.
    pub clustered: bool,
}

/// A key column of an index.
#[derive(Clone, Debug)]
pub struct IndexColumn {
    /// The column or expression.
    pub key: Key,
    /// Operator class, where it is not the default one.
    pub operator_class: Option<Name>,
    /// Parameters of the operator class.
    pub operator_class_options: Vec<(Name, Arc<str>)>,
    /// Collation, where it is not the column's own.
    pub collation: Option<Name>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST in effect (the default follows `descending`).
    pub nulls_first: bool,
}

/// A constraint of a table or domain.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// The table or domain.
    pub of: ObjectId,
    /// What it says.
    pub kind: ConstraintKind,
    /// convalidated.
    pub validated: bool,
    /// conenforced (18).
    pub enforced: bool,
    /// condeferrable.
    pub deferrable: bool,
    /// condeferred.
    pub initially_deferred: bool,
    /// connoinherit.
    pub no_inherit: bool,
    /// The constraint of the parent it comes from.
    pub parent: Option<ObjectId>,
    /// coninhcount.
    pub inherited: u16,
    /// conislocal.
    pub local: bool,
}

impl Constraint {
    /// A constraint with the flags that it has where nothing else is said: checked at once, always, and its table's own.
    pub fn new(of: ObjectId, kind: ConstraintKind) -> Constraint {
        Constraint {
            of,
            kind,
            validated: true,
            enforced: true,
            deferrable: false,
            initially_deferred: false,
            no_inherit: false,
            parent: None,
            inherited: 0,
            local: true,
        }
    }
}

/// What a constraint says.
#[derive(Clone, Debug)]
pub enum ConstraintKind {
    /// NOT NULL of a column, an object of its own from 18 on; of a domain (column 0) from 17 on.
    NotNull {
        /// attnum.
        column: i16,
    },
    /// What CREATE CONSTRAINT TRIGGER leaves beside the trigger.
    Trigger,
    /// CHECK.
    Check {
        /// The condition.
        expr: Arc<Expr>,
        /// The columns it reads (conkey).
        columns: Vec<i16>,
    },
    /// PRIMARY KEY.
    Primary {
        /// conkey.
        columns: Vec<i16>,
        /// conindid.
        index: ObjectId,
    },
    /// UNIQUE.
    Unique {
        /// conkey.
        columns: Vec<i16>,
        /// conindid.
        index: ObjectId,
    },
    /// EXCLUDE.
    Exclude {
        /// conkey; 0 for an expression.
        columns: Vec<i16>,
        /// conindid.
        index: ObjectId,
        /// The operators.
        operators: Vec<Name>,
    },
    /// FOREIGN KEY.
    ForeignKey(ForeignKey),
}

/// A foreign key.
#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// conkey: the referencing columns.
    pub columns: Vec<i16>,
    /// confrelid.
    pub references: ObjectId,
    /// confkey.
    pub referenced_columns: Vec<i16>,
    /// The unique index on the referenced table that it uses.
    pub index: Option<ObjectId>,
    /// confupdtype.
    pub on_update: ReferentialAction,
    /// confdeltype.
    pub on_delete: ReferentialAction,
    /// confdelsetcols.
    pub delete_columns: Vec<i16>,
    /// MATCH FULL.
    pub match_full: bool,
    /// PERIOD (18).
    pub period: bool,
}

/// A row security policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The table.
    pub table: ObjectId,
    /// False for AS RESTRICTIVE.
    pub permissive: bool,
    /// FOR.
    pub command: PolicyCommand,
    /// TO; empty: PUBLIC.
    pub roles: Vec<ObjectId>,
    /// USING.
    pub using: Option<Arc<Expr>>,
    /// WITH CHECK.
    pub check: Option<Arc<Expr>>,
    /// USING as it was resolved when it was written.
    pub(crate) using_resolved: Option<Arc<ExprAnalysis>>,
    /// WITH CHECK as it was resolved when it was written.
    pub(crate) check_resolved: Option<Arc<ExprAnalysis>>,
}

impl Policy {
    /// USING or WITH CHECK as it was resolved when it was written.
    pub(crate) fn resolved(&self, in_check: bool) -> Option<&Arc<ExprAnalysis>> {
        if in_check { self.check_resolved.as_ref() } else { self.using_resolved.as_ref() }
    }
}

/// A trigger.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The relation.
    pub table: ObjectId,
    /// BEFORE, AFTER, INSTEAD OF.
    pub timing: TriggerTiming,
    /// INSERT, UPDATE, DELETE, TRUNCATE.
    pub events: TriggerEvents,
    /// UPDATE OF, by column number.
    pub columns: Vec<i16>,
    /// FOR EACH ROW.
    pub for_each_row: bool,
    /// WHEN.
    pub when: Option<Arc<Expr>>,
    /// The function.
    pub function: Option<ObjectId>,
    /// Its arguments.
    pub args: Vec<Arc<str>>,
    /// REFERENCING OLD TABLE AS.
    pub old_table: Option<Name>,
    /// REFERENCING NEW TABLE AS.
    pub new_table: Option<Name>,
    /// FROM of a constraint trigger.
    pub from: Option<ObjectId>,
    /// CONSTRAINT TRIGGER.
    pub constraint: bool,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// ENABLE or DISABLE.
    pub firing: Firing,
    /// The trigger of the partitioned table it comes from.
    pub parent: Option<ObjectId>,
}

/// A rewrite rule other than a view's own.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The relation.
    pub table: ObjectId,
    /// The event.
    pub event: PolicyCommand,
    /// INSTEAD.
    pub instead: bool,
    /// What is done.
    pub actions: Arc<[Statement]>,
    /// ENABLE or DISABLE.
    pub firing: Firing,
}

/// prokind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoutineKind {
    /// `f`
    Function,
    /// `p`
    Procedure,
    /// `a`
    Aggregate,
    /// `w`
    Window,
}

/// A function, procedure or aggregate.
#[derive(Clone, Debug)]
pub struct Routine {
    /// prokind.
    pub kind: RoutineKind,
    /// All parameters, OUT and TABLE ones too.
    pub parameters: Vec<RoutineParameter>,
    /// prorettype; `None` for a procedure without OUT parameters.
    pub returns: Option<TypeRef>,
    /// proretset.
    pub returns_set: bool,
    /// prolang.
    pub language: Name,
    /// provolatile.
    pub volatility: Volatility,
    /// prosecdef.
    pub security_definer: bool,
    /// proisstrict.
    pub strict: bool,
    /// proleakproof.
    pub leakproof: bool,
    /// proconfig, as `name=value`.
    pub settings: Vec<(Name, Arc<str>)>,
    /// prosrc: the exact text; empty for an SQL-standard body.
    pub source: Arc<str>,
    /// The code where it was written.
    pub body: Option<Arc<crate::syntax::FunctionBody>>,
    /// proparallel, where it is not unsafe.
    pub parallel: Option<Name>,
    /// procost, where it is not the language's own.
    pub cost: Option<Box<str>>,
    /// prorows, where it is not 1000.
    pub rows: Option<Box<str>>,
    /// It has SUPPORT or TRANSFORM, which are not kept.
    pub has_more: bool,
    /// How many parameters of an ordered-set aggregate are direct.
    pub direct_args: Option<u32>,
}

/// A parameter of a routine.
#[derive(Clone, Debug)]
pub struct RoutineParameter {
    /// Its name.
    pub name: Option<Name>,
    /// Its mode.
    pub mode: ParameterMode,
    /// Its type.
    pub ty: TypeRef,
    /// DEFAULT.
    pub default: Option<Arc<Expr>>,
}

/// A type.
#[derive(Clone, Debug)]
pub struct Type {
    /// typtype and what goes with it.
    pub class: TypeClass,
    /// typcategory.
    pub category: char,
    /// typispreferred.
    pub preferred: bool,
}

/// typtype.
#[derive(Clone, Debug)]
pub enum TypeClass {
    /// `b`, or a shell.
    Base,
    /// `c`: the row type of a relation.
    Composite {
        /// The relation.
        relation: ObjectId,
    },
    /// `d`
    Domain {
        /// What it is made of.
        base: TypeRef,
        /// NOT NULL.
        not_null: bool,
        /// DEFAULT.
        default: Option<Arc<Expr>>,
    },
    /// `e`
    Enum {
        /// In order of enumsortorder.
        labels: Vec<EnumLabel>,
    },
    /// `p`
    Pseudo,
    /// `r`
    Range {
        /// What it is a range of.
        subtype: TypeRef,
    },
    /// `m`
    Multirange {
        /// The range type.
        range: ObjectId,
    },
}

/// A label of an enum.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnumLabel {
    /// The text.
    pub text: Arc<str>,
    /// Where it was added.
    pub span: Span,
    /// The transaction that added it, while a use in it is refused (55P04).
    pub added_in: u32,
}

/// A role.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// SUPERUSER.
    pub superuser: bool,
    /// INHERIT.
    pub inherit: bool,
    /// LOGIN.
    pub login: bool,
    /// BYPASSRLS.
    pub bypass_rls: bool,
    /// CREATEROLE.
    pub create_role: bool,
    /// CREATEDB.
    pub create_db: bool,
    /// REPLICATION.
    pub replication: bool,
    /// The roles it is a member of: role, INHERIT, SET, ADMIN.
    pub member_of: Vec<Membership>,
    /// ALTER ROLE … SET.
    pub settings: Vec<(Name, Arc<str>)>,
}

/// A membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The group.
    pub role: ObjectId,
    /// WITH INHERIT.
    pub inherit: bool,
    /// WITH SET.
    pub set: bool,
    /// WITH ADMIN.
    pub admin: bool,
}

/// An extension; `Object::schema` is `None`, `schema` here is extnamespace.
#[derive(Clone, Debug)]
pub struct Extension {
    /// extnamespace.
    pub schema: ObjectId,
    /// extversion, where it is known.
    pub version: Option<Arc<str>>,
    /// extrelocatable.
    pub relocatable: bool,
}

/// A publication.
#[derive(Clone, Debug)]
pub struct Publication {
    /// FOR ALL TABLES.
    pub all_tables: bool,
    /// FOR TABLE.
    pub tables: Vec<PublishedTable>,
    /// FOR TABLES IN SCHEMA.
    pub schemas: Vec<ObjectId>,
    /// `publish`.
    pub actions: TriggerEvents,
    /// `publish_via_partition_root`.
    pub via_root: bool,
}

/// A table of a publication.
#[derive(Clone, Debug)]
pub struct PublishedTable {
    /// The table.
    pub table: ObjectId,
    /// The columns; empty: all.
    pub columns: Vec<i16>,
    /// WHERE.
    pub filter: Option<Arc<Expr>>,
}

/// An event trigger.
#[derive(Clone, Debug)]
pub struct EventTrigger {
    /// The event.
    pub event: Name,
    /// The tags it is for; empty: all.
    pub tags: Vec<Arc<str>>,
    /// The function.
    pub function: Option<ObjectId>,
    /// ENABLE or DISABLE.
    pub firing: Firing,
}

/// Extended statistics.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// The table.
    pub table: ObjectId,
    /// `ndistinct`, `dependencies`, `mcv`.
    pub kinds: Vec<Name>,
    /// Columns and expressions.
    pub keys: Vec<Key>,
}

/// A cast.
#[derive(Clone, Debug)]
pub struct Cast {
    /// From.
    pub source: TypeRef,
    /// To.
    pub target: TypeRef,
    /// When it applies by itself.
    pub context: CastContext,
    /// The function; `None`: binary coercible or through text.
    pub function: Option<ObjectId>,
    /// Through text.
    pub inout: bool,
}

/// An operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// `None` for a prefix operator.
    pub left: Option<TypeRef>,
    /// The right operand.
    pub right: TypeRef,
    /// The result; `None` where it is not known.
    pub result: Option<TypeRef>,
    /// The function.
    pub function: Option<ObjectId>,
}

/// What ALTER DEFAULT PRIVILEGES left (pg_default_acl).
#[derive(Clone, Debug)]
pub struct DefaultPrivileges {
    /// The role whose new objects get them.
    pub role: ObjectId,
    /// IN SCHEMA.
    pub schema: Option<ObjectId>,
    /// Tables, sequences, routines, types or schemas.
    pub object: Tag,
    /// Global entries replace the built-in default; entries of a schema add to it.
    pub acl: Acl,
}

/// A row of storage.buckets.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// Its column `name`, which need not be its id; `None`: not known.
    pub title: Option<Name>,
    /// public; `None`: not known.
    pub public: Option<bool>,
}
