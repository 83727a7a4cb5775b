//! What an object needs to exist, read off its content (pg_depend).

use super::{
    Constraint, ConstraintKind, Dependency, DependencyKind, Index, Key, Kind, Object, ObjectId, Part, Relation,
    RelationClass, Routine, Tag, Type, TypeClass, TypeRef,
};

impl Object {
    /// Calls `each` with all that this object needs: what replay recorded in `depends` (the objects that
    /// expressions and queries name), and what follows from the rest of it.
    pub fn each_need(&self, mut each: impl FnMut(Dependency)) {
        self.depends.iter().copied().for_each(&mut each);
        if let Some(schema) = self.schema.filter(|_| !self.follows_its_relation()) {
            each(Dependency::normal(schema));
        }
        if let Some(extension) = self.extension {
            each(Dependency { kind: DependencyKind::Extension, ..Dependency::normal(extension) });
        }
        self.needs_of_content(&mut each);
    }

    /// An index and a row type live in their relation's schema, and need no schema of their own.
    fn follows_its_relation(&self) -> bool {
        match &self.kind {
            Kind::Index(_) => true,
            Kind::Type(ty) => matches!(ty.class, TypeClass::Composite { .. }),
            _ => false,
        }
    }

    fn needs_of_content(&self, each: &mut impl FnMut(Dependency)) {
        match &self.kind {
            Kind::Relation(relation) => relation_needs(relation, each),
            Kind::Index(index) => index_needs(index, each),
            Kind::Constraint(constraint) => constraint_needs(constraint, each),
            Kind::Routine(routine) => routine_needs(routine, each),
            Kind::Type(ty) => type_needs(ty, each),
            Kind::Sequence(sequence) => {
                if let Some((table, column)) = sequence.owned_by {
                    let kind = if sequence.identity { DependencyKind::Internal } else { DependencyKind::Auto };
                    each(Dependency { kind, ..Dependency::normal(table).on_column(column) });
                }
            }
            Kind::Policy(policy) => {
                each(Dependency::auto(policy.table));
                policy.roles.iter().for_each(|&role| each(Dependency::normal(role)));
            }
            Kind::Trigger(trigger) => {
                each(Dependency::auto(trigger.table));
                trigger.columns.iter().for_each(|&column| each(Dependency::normal(trigger.table).on_column(column)));
                trigger.function.into_iter().for_each(|function| each(Dependency::normal(function)));
                trigger.parent.into_iter().for_each(|parent| each(partition_of(parent)));
            }
            Kind::Rule(rule) => each(Dependency::auto(rule.table)),
            Kind::Statistics(statistics) => {
                let columns: Vec<i16> = statistics.keys.iter().filter_map(Key::column).collect();
                each_key_column(statistics.table, columns.is_empty(), &columns, each);
            }
            Kind::Extension(extension) => each(Dependency::normal(extension.schema)),
            Kind::Publication(publication) => {
                let tables = publication.tables.iter().map(|table| table.table);
                tables
                    .chain(publication.schemas.iter().copied())
                    .for_each(|on| each(Dependency::auto(on).of(Part::Entry)));
            }
            Kind::EventTrigger(trigger) => {
                trigger.function.into_iter().for_each(|function| each(Dependency::normal(function)));
            }
            Kind::Cast(cast) => {
                needs_type(&cast.source, Part::Whole, each);
                needs_type(&cast.target, Part::Whole, each);
                cast.function.into_iter().for_each(|function| each(Dependency::normal(function)));
            }
            Kind::Operator(operator) => {
                let types = [operator.left.as_ref(), Some(&operator.right), operator.result.as_ref()];
                types.into_iter().flatten().for_each(|ty| needs_type(ty, Part::Whole, each));
                operator.function.into_iter().for_each(|function| each(Dependency::normal(function)));
            }
            Kind::DefaultPrivileges(defaults) => {
                each(Dependency::auto(defaults.role));
                defaults.schema.into_iter().for_each(|schema| each(Dependency::auto(schema)));
            }
            Kind::ForeignServer { wrapper } => each(Dependency::normal(*wrapper)),
            Kind::Schema | Kind::Role(_) | Kind::Bucket(_) | Kind::Subscription { .. } | Kind::Other(_) => {}
        }
    }

    /// The word for its kind in messages.
    pub fn kind_word(&self) -> &'static str {
        match &self.kind {
            Kind::Relation(relation) => relation.class.word(),
            Kind::Type(ty) if matches!(ty.class, TypeClass::Domain { .. }) => "type",
            Kind::Routine(routine) => routine.kind.word(),
            _ => self.tag().word(),
        }
    }
}

fn relation_needs(relation: &Relation, each: &mut impl FnMut(Dependency)) {
    for column in &relation.columns {
        if let Some(ty) = &column.ty {
            needs_type(ty, Part::Column(column.number), each);
        }
    }
    for &parent in &relation.parents {
        each(if relation.bound.is_some() { Dependency::auto(parent) } else { Dependency::normal(parent) });
    }
    relation.server.into_iter().for_each(|server| each(Dependency::normal(server)));
    relation.of_type.into_iter().for_each(|ty| each(Dependency::normal(ty)));
    if relation.class == RelationClass::CompositeType {
        relation.row_type.into_iter().for_each(|ty| each(Dependency::internal(ty)));
    }
    for (read, columns) in relation.query.iter().flat_map(|query| &query.reads) {
        each(Dependency::normal(*read));
        columns.iter().for_each(|&column| each(Dependency::normal(*read).on_column(column)));
    }
}

fn index_needs(index: &Index, each: &mut impl FnMut(Dependency)) {
    index.parent.into_iter().for_each(|parent| each(partition_of(parent)));
    if let Some(constraint) = index.constraint {
        return each(Dependency::internal(constraint));
    }
    let keys = index.keys.iter().filter_map(|key| key.key.column());
    let columns: Vec<i16> = keys.chain(index.include.iter().copied()).collect();
    each_key_column(index.table, columns.is_empty() || index.parent.is_some(), &columns, each);
}

fn constraint_needs(constraint: &Constraint, each: &mut impl FnMut(Dependency)) {
    constraint.parent.into_iter().for_each(|parent| each(partition_of(parent)));
    let columns = constraint.kind.columns();
    let of_columns = columns.iter().any(|&column| column > 0);
    each_key_column(constraint.of, !of_columns || constraint.parent.is_some(), columns, each);
    if let ConstraintKind::ForeignKey(key) = &constraint.kind {
        key.referenced_columns.iter().for_each(|&column| each(Dependency::normal(key.references).on_column(column)));
        key.index.into_iter().for_each(|index| each(Dependency::normal(index)));
    }
}

fn each_key_column(table: ObjectId, whole: bool, columns: &[i16], each: &mut impl FnMut(Dependency)) {
    if whole {
        each(Dependency::auto(table));
    }
    // 0 stands for an expression.
    columns.iter().filter(|&&column| column > 0).for_each(|&column| each(Dependency::auto(table).on_column(column)));
}

fn routine_needs(routine: &Routine, each: &mut impl FnMut(Dependency)) {
    let types = routine.parameters.iter().map(|parameter| &parameter.ty).chain(&routine.returns);
    types.for_each(|ty| needs_type(ty, Part::Whole, each));
}

fn type_needs(ty: &Type, each: &mut impl FnMut(Dependency)) {
    match &ty.class {
        TypeClass::Composite { relation } => each(Dependency::internal(*relation)),
        TypeClass::Domain { base, .. } => needs_type(base, Part::Whole, each),
        TypeClass::Range { subtype } => needs_type(subtype, Part::Whole, each),
        TypeClass::Multirange { range } => each(Dependency::internal(*range)),
        TypeClass::Base | TypeClass::Enum { .. } | TypeClass::Pseudo => {}
    }
}

fn needs_type(ty: &TypeRef, part: Part, each: &mut impl FnMut(Dependency)) {
    each(Dependency::normal(ty.id).of(part));
}

fn partition_of(parent: ObjectId) -> Dependency {
    Dependency { kind: DependencyKind::Partition, ..Dependency::normal(parent) }
}

impl Key {
    /// The column, where it is one.
    pub fn column(&self) -> Option<i16> {
        if let Key::Column(column) = self { Some(*column) } else { None }
    }
}

impl ConstraintKind {
    /// conkey.
    pub fn columns(&self) -> &[i16] {
        match self {
            ConstraintKind::NotNull { column } => std::slice::from_ref(column),
            ConstraintKind::Check { columns, .. }
            | ConstraintKind::Primary { columns, .. }
            | ConstraintKind::Unique { columns, .. }
            | ConstraintKind::Exclude { columns, .. } => columns,
            ConstraintKind::ForeignKey(key) => &key.columns,
            ConstraintKind::Trigger => &[],
        }
    }

    /// conindid of a key or exclusion.
    pub fn own_index(&self) -> Option<ObjectId> {
        match self {
            ConstraintKind::Primary { index, .. }
            | ConstraintKind::Unique { index, .. }
            | ConstraintKind::Exclude { index, .. } => Some(*index),
            _ => None,
        }
    }
}

impl RelationClass {
    /// The words for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            RelationClass::Table | RelationClass::PartitionedTable => "table",
            RelationClass::View => "view",
            RelationClass::MaterializedView => "materialized view",
            RelationClass::ForeignTable => "foreign table",
            RelationClass::CompositeType => "composite type",
        }
    }
}

impl super::RoutineKind {
    /// The word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            super::RoutineKind::Function | super::RoutineKind::Window => "function",
            super::RoutineKind::Procedure => "procedure",
            super::RoutineKind::Aggregate => "aggregate",
        }
    }
}

impl Tag {
    /// The words for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            Tag::Schema => "schema",
            Tag::Relation => "relation",
            Tag::Sequence => "sequence",
            Tag::Index => "index",
            Tag::Constraint => "constraint",
            Tag::Policy => "policy",
            Tag::Trigger => "trigger",
            Tag::Rule => "rule",
            Tag::Routine => "function",
            Tag::Type => "type",
            Tag::Role => "role",
            Tag::Extension => "extension",
            Tag::Publication => "publication",
            Tag::EventTrigger => "event trigger",
            Tag::Statistics => "statistics object",
            Tag::Cast => "cast",
            Tag::Operator => "operator",
            Tag::DefaultPrivileges => "default privileges",
            Tag::ForeignServer => "server",
            Tag::Bucket => "bucket",
            Tag::AccessMethod => "access method",
            Tag::Collation => "collation",
            Tag::Conversion => "conversion",
            Tag::Database => "database",
            Tag::ForeignDataWrapper => "foreign-data wrapper",
            Tag::Language => "language",
            Tag::OperatorClass => "operator class",
            Tag::OperatorFamily => "operator family",
            Tag::Subscription => "subscription",
            Tag::Tablespace => "tablespace",
            Tag::TextSearchConfiguration => "text search configuration",
            Tag::TextSearchDictionary => "text search dictionary",
            Tag::TextSearchParser => "text search parser",
            Tag::TextSearchTemplate => "text search template",
            Tag::Transform => "transform",
            Tag::UserMapping => "user mapping",
            Tag::CronJob => "job",
        }
    }
}
