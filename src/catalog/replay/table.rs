//! CREATE TABLE in all its forms, and CREATE FOREIGN TABLE.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::constraint::{NewCheck, Written};
use super::index::{IndexSpec, options_of};
use super::partition::same_expr;
use super::sequence::{ColumnSequence, serial_type};
use super::{Effect, Replay, Stop};
use crate::catalog::analyze::{ExprAnalysis, Purpose, Scope};
use crate::catalog::{
    Column, ConstraintKind, Generated, Identity, Key, Kind, Object, ObjectId, Outcome, Part, PartitionKey, Relation,
    RelationClass, Tag, Type, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{
    self, ColumnDefinition, CreateForeignTable, CreateTable, Expr, Ident, IndexKey, LikeOptions, Name, OnCommit,
    Persistence, RelationRef, ReplicaIdentity, TableElement,
};

/// A column on its way into a table.
#[derive(Clone)]
pub(crate) struct Draft<'a> {
    pub column: Column,
    /// The sequence that makes its values.
    pub sequence: Option<ColumnSequence<'a>>,
    /// Its own default or generation expression has still to be resolved.
    pub to_resolve: bool,
    /// NULL is written.
    pub nullable: bool,
    /// That is another table's: the server copies what it means, and looks no name up again.
    pub copied: bool,
    /// Constraints behind it that are no property of the column.
    pub constraints: Vec<Written<'a>>,
}

/// All that CREATE TABLE says, sorted by when it is done.
#[derive(Default)]
struct TableDraft<'a> {
    columns: Vec<Draft<'a>>,
    constraints: Vec<Written<'a>>,
    likes: Vec<(ObjectId, LikeOptions)>,
}

/// Usual types whose values are all of one length, and are stored as they are.
pub(super) const FIXED_LENGTH: &[&str] = &[
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "bool",
    "date",
    "timestamp",
    "timestamptz",
    "time",
    "timetz",
    "interval",
    "uuid",
    "oid",
    "money",
];

/// Usual types of other lengths that hold no words.
const VARIABLE_LENGTH: &[&str] = &["numeric", "json", "jsonb", "bytea", "inet", "cidr"];

impl Replay {
    pub(super) fn create_table(&mut self, create: &CreateTable, server: Option<ObjectId>) -> Effect {
        let schema = self.schema_for_new_relation(&create.relation)?;
        let name = create.relation.name.name;
        if create.if_not_exists && self.relation_in(schema, name.name).is_some() {
            return Ok(Outcome::Skipped);
        }
        let (draft, parents) = self.draft_table(create)?;
        let relation = Relation {
            class: class_of(create, server),
            persistence: self.persistence(&create.relation),
            columns: Vec::new(),
            last_column_number: 0,
            columns_known: true,
            options: options_of(&create.options),
            row_security: None,
            force_row_security: false,
            partition_key: None,
            parents: parents.clone(),
            bound: create.partition_bound.clone().map(Arc::new),
            query: None,
            replica_identity: if server.is_some() { ReplicaIdentity::Nothing } else { ReplicaIdentity::Default },
            populated: true,
            access_method: create.access_method.map(|method| method.name),
            tablespace: create.tablespace.map(|tablespace| tablespace.name),
            server,
            row_type: None,
            of_type: self.of_type(create)?,
        };
        let probe = self.owned(name, Some(schema), Kind::Relation(relation));
        self.check_free(&probe)?;
        if let (Some(bound), [parent]) = (&create.partition_bound, &parents[..]) {
            self.check_takes_partitions(*parent, create)?;
            self.check_bound(*parent, bound, name.name)?;
        }
        let sequences = self.create_sequences(&draft.columns, &probe)?;
        let table = self.add_relation(probe);
        self.add_columns(table, &draft.columns, &sequences, true)?;
        self.finish_table(table, create, &draft, &parents)?;
        if create.on_commit == OnCommit::Drop {
            self.drop_on_commit.push(table);
        }
        Ok(Outcome::Done)
    }

    pub(super) fn create_foreign_table(&mut self, create: &CreateForeignTable) -> Effect {
        let server = self.global_named(Tag::ForeignServer, create.server)?;
        self.create_table(&create.table, Some(server))
    }

    fn persistence(&self, relation: &RelationRef) -> Persistence {
        let explicit_temp = relation.name.schema.is_some_and(|schema| schema.as_str() == super::names::PG_TEMP);
        if explicit_temp { Persistence::Temporary } else { relation.persistence }
    }

    fn of_type(&mut self, create: &CreateTable) -> Effect<Option<ObjectId>> {
        let Some(written) = &create.of_type else { return Ok(None) };
        let of = self.resolve_type(written)?;
        if !self.is_composite(of.id) {
            let message = format!("type {} is not a composite type", self.type_name(&of));
            return Err(self.refuse_because("42809", written.span, message, of.id, "made here"));
        }
        Ok(Some(of.id))
    }

    /// Whether CREATE TYPE … AS made it, rather than a table.
    fn is_composite(&self, ty: ObjectId) -> bool {
        let now = self.now();
        let Some(TypeClass::Composite { relation }) = now.get(ty).and_then(|ty| ty.as_type()).map(|ty| &ty.class)
        else {
            return false;
        };
        now.relation(*relation).is_some_and(|it| it.is.class == RelationClass::CompositeType)
    }

    /// A relation and its row type.
    pub(crate) fn add_relation(&mut self, object: Object) -> ObjectId {
        let (name, span, schema, owner) = (object.name, object.span, object.schema, object.owner);
        let id = self.add(object);
        let class = TypeClass::Composite { relation: id };
        let ty = Kind::Type(Type { class, category: 'C', preferred: false });
        let row_type = self.add(Object { span, owner, ..Object::new(name, schema, ty) });
        self.catalog.modify(id, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                relation.row_type = Some(row_type);
            }
        });
        id
    }

    // --- what is written ------------------------------------------------------------------------

    /// What is written, and the parents: in the order of transformCreateStmt and DefineRelation.
    fn draft_table<'a>(&mut self, create: &'a CreateTable) -> Effect<(TableDraft<'a>, Vec<ObjectId>)> {
        let mut draft = TableDraft::default();
        if let Some(ty) = &create.of_type {
            let of = self.resolve_type(ty)?;
            self.draft_of_type(&mut draft, &of);
        }
        let mut own = Vec::new();
        for element in &create.elements {
            match element {
                TableElement::Column(column) => own.push(self.draft_column(column, create)?),
                TableElement::Constraint(_) => {}
                TableElement::Like { relation, options, .. } => {
                    let source = self.relation(&relation.name)?;
                    self.draft_like(&mut own, source, *options, relation)?;
                    draft.likes.push((source, *options));
                }
            }
        }
        self.check_keys(create, &own)?;
        self.check_identities(&own)?;
        create.tablespace.map_or(Ok(()), |tablespace| self.check_tablespace(tablespace))?;
        let mut parents = Vec::new();
        for parent in &create.inherits {
            parents.push(self.parent_for_new(parent, create)?);
        }
        self.check_twice(&own)?;
        self.inherit_columns(&mut draft, &parents, create.partition_bound.is_some())?;
        self.merge_columns(&mut draft, own, create)?;
        for (at, column) in draft.columns.iter_mut().enumerate() {
            column.column.number = at as i16 + 1;
        }
        draft.constraints = constraints_in_order(&create.elements, &mut draft.columns);
        mark_key_columns(&mut draft);
        if draft.columns.len() > 1600 {
            return Err(self.refuse("54011", create.relation.span, "tables can have at most 1600 columns"));
        }
        Ok((draft, parents))
    }

    fn draft_of_type(&self, draft: &mut TableDraft<'_>, of: &TypeRef) {
        let now = self.now();
        let Some(TypeClass::Composite { relation }) = now.get(of.id).and_then(|ty| ty.as_type()).map(|ty| &ty.class)
        else {
            return;
        };
        let Some(relation) = now.get(*relation).and_then(|object| object.as_relation()) else { return };
        for column in &relation.columns {
            draft.columns.push(Draft::plain(Column { local: true, ..Column::clone(column) }));
        }
    }

    fn check_twice(&self, columns: &[Draft<'_>]) -> Effect<()> {
        let mut seen: FxHashMap<Name, Span> = FxHashMap::default();
        for draft in columns {
            let column = &draft.column;
            if let Some(first) = seen.insert(column.name, column.span) {
                let message = format!("column \"{}\" specified more than once", column.name);
                return Err(self.refuse("42701", column.span, message).label(first, "first here"));
            }
        }
        Ok(())
    }

    /// transformIndexConstraints: what is wrong with keys is told before anything is done.
    fn check_keys(&mut self, create: &CreateTable, own: &[Draft<'_>]) -> Effect<()> {
        let written = create.elements.iter().flat_map(|element| match element {
            TableElement::Column(column) => &column.constraints[..],
            TableElement::Constraint(constraint) => std::slice::from_ref(constraint),
            TableElement::Like { .. } => &[],
        });
        let mut primary: Option<Span> = None;
        for constraint in written {
            let key = match &constraint.kind {
                syntax::ConstraintKind::Primary(key) => {
                    if let Some(first) = primary.replace(constraint.span) {
                        let name = create.relation.name.name.name;
                        let message = format!("multiple primary keys for table \"{name}\" are not allowed");
                        return Err(self
                            .refuse("42P16", constraint.span, message)
                            .label(first, "the first one is here"));
                    }
                    key
                }
                syntax::ConstraintKind::Unique { key, .. } => key,
                _ => continue,
            };
            for name in key.columns.iter().chain(&key.include) {
                self.check_key_column(create, own, *name)?;
            }
        }
        Ok(())
    }

    fn check_key_column(&mut self, create: &CreateTable, own: &[Draft<'_>], name: Ident) -> Effect<()> {
        let is_own = own.iter().any(|draft| draft.column.name == name.name);
        if is_own || create.of_type.is_some() || super::index::system_column(name.name).is_some() {
            return Ok(());
        }
        for parent in &create.inherits {
            let parent = self.relation(&parent.name)?;
            if self.now().relation(parent).is_some_and(|it| !it.is.columns_known || it.is.column(name.name).is_some()) {
                return Ok(());
            }
        }
        Err(self.refuse("42703", name.span, format!("column \"{}\" named in key does not exist", name.name)))
    }

    /// The sequences of identity columns are made before the table is.
    pub(crate) fn check_identities(&self, own: &[Draft<'_>]) -> Effect<()> {
        let mut identities = own.iter().filter(|draft| draft.column.identity.is_some() && !draft.copied);
        identities.try_for_each(|draft| self.identity_type(&draft.column, draft.column.span).map(|_| ()))
    }

    /// A column definition of CREATE TABLE or ADD COLUMN.
    pub(crate) fn draft_column<'a>(&mut self, written: &'a ColumnDefinition, table: &CreateTable) -> Effect<Draft<'a>> {
        self.draft_column_of(written, table.relation.name.name.name)
    }

    /// The same, for a table that is known by its name only.
    pub(crate) fn draft_column_of<'a>(&mut self, written: &'a ColumnDefinition, table: Name) -> Effect<Draft<'a>> {
        let name = written.name;
        let mut column = empty_column(name);
        let mut sequence = None;
        if let Some(ty) = &written.ty {
            if let Some(integer) = serial_type(ty) {
                if ty.array_dimensions > 0 {
                    return Err(self.refuse("0A000", ty.span, "array of serial is not implemented"));
                }
                column.ty = self.system_type(integer);
                column.not_null = true;
                sequence = Some(ColumnSequence { data_type: integer, options: (&[][..]).into(), identity: false });
            } else {
                column.ty = self.column_type(ty, name)?;
            }
        }
        column.collation = self.column_collation(written, column.ty.as_ref())?;
        column.storage = written.storage;
        column.compression = written.compression;
        let mut draft = Draft { sequence, ..Draft::plain(column) };
        for constraint in &written.constraints {
            self.add_column_constraint(&mut draft, Written { constraint, column: Some(name) }, table)?;
        }
        Ok(draft)
    }

    /// A type for a column: pseudo-types are refused, what cannot be found is unknown.
    pub(crate) fn column_type(&mut self, ty: &syntax::TypeName, column: Ident) -> Effect<Option<TypeRef>> {
        if ty.setof {
            let message = format!("column \"{}\" cannot be declared SETOF", column.name);
            return Err(self.refuse("42P16", ty.span, message));
        }
        let resolved = self.resolve_type(ty)?;
        let class = self.now().get(resolved.id).and_then(|object| object.as_type()).map(|ty| &ty.class);
        if matches!(class, Some(TypeClass::Pseudo)) {
            let message = format!("column \"{}\" has pseudo-type {}", column.name, ty.name());
            return Err(self.refuse("42P16", ty.span, message));
        }
        Ok(Some(resolved))
    }

    /// A type of pg_catalog.
    pub(crate) fn system_type(&self, name: Name) -> Option<TypeRef> {
        let now = self.now();
        let schema = now.schema(Name::from("pg_catalog"))?;
        let key = crate::catalog::NameKey { space: crate::catalog::NameSpace::Type, parent: Some(schema), name };
        let id = *now.named(key).first()?;
        Some(TypeRef { id, modifiers: Vec::new(), array: false })
    }

    fn column_collation(&mut self, written: &ColumnDefinition, ty: Option<&TypeRef>) -> Effect<Option<Name>> {
        let Some(collation) = &written.collation else { return Ok(None) };
        self.check_collation(collation)?;
        self.check_collatable(ty, collation)?;
        let own = ty.and_then(|ty| self.now().get(ty.id)).map(|ty| ty.name);
        let is_own = match collation.name.as_str() {
            "default" => own.is_some_and(|own| own.as_str() != "name"),
            "C" => own.is_some_and(|own| own.as_str() == "name"),
            _ => false,
        };
        Ok(Some(collation.name.name).filter(|_| !is_own))
    }

    /// Refuses COLLATE for values that are no words.
    pub(crate) fn check_collatable(&self, ty: Option<&TypeRef>, collation: &syntax::QualifiedName) -> Effect<()> {
        let Some(ty) = ty.filter(|ty| self.has_no_collation(ty)) else { return Ok(()) };
        let message = format!("collations are not supported by type {}", self.type_name(ty));
        Err(self.refuse("42804", collation.span(), message))
    }

    /// Whether values of a type are known to have no order of words.
    fn has_no_collation(&self, ty: &TypeRef) -> bool {
        let base = self.base_type(ty);
        let Some(object) = self.now().get(base.id) else { return false };
        match object.as_type().map(|ty| &ty.class) {
            Some(TypeClass::Enum { .. } | TypeClass::Range { .. }) => true,
            Some(TypeClass::Base) => {
                let system = self.now().schema_name(object).as_str() == "pg_catalog";
                system
                    && (FIXED_LENGTH.contains(&object.name.as_str()) || VARIABLE_LENGTH.contains(&object.name.as_str()))
            }
            _ => false,
        }
    }

    fn check_collation(&mut self, collation: &syntax::QualifiedName) -> Effect<()> {
        let known = crate::catalog::baseline::has_collation(collation.name.as_str(), self.settings.version);
        let space = crate::catalog::NameSpace::Other(Tag::Collation);
        if known != Some(false) || self.find(space, collation).is_some() {
            return Ok(());
        }
        let message = format!("collation \"{collation}\" for encoding \"UTF8\" does not exist");
        Err(self.refuse_no_such("42704", space, collation, message))
    }

    fn add_column_constraint<'a>(&mut self, draft: &mut Draft<'a>, written: Written<'a>, table: Name) -> Effect<()> {
        let column = &mut draft.column;
        let conflict = |what: &str, name: Name| format!("{what} for column \"{name}\" of table \"{table}\"");
        match &written.constraint.kind {
            syntax::ConstraintKind::Null => {
                if column.not_null {
                    let message = conflict("conflicting NULL/NOT NULL declarations", column.name);
                    return Err(self.refuse("42601", written.span(), message));
                }
                draft.nullable = true;
            }
            syntax::ConstraintKind::NotNull { .. } if draft.nullable => {
                let message = conflict("conflicting NULL/NOT NULL declarations", column.name);
                return Err(self.refuse("42601", written.span(), message));
            }
            syntax::ConstraintKind::NotNull { .. } => column.not_null = true,
            syntax::ConstraintKind::Default(expr) => {
                if column.default.is_some() || draft.sequence.is_some() {
                    let message = conflict("multiple default values specified", column.name);
                    return Err(self.refuse("42601", written.span(), message));
                }
                if column.generated.is_some() {
                    let message = conflict("both default and generation expression specified", column.name);
                    return Err(self.refuse("42601", written.span(), message));
                }
                column.default = Some(Arc::new(expr.clone()));
                draft.to_resolve = true;
            }
            syntax::ConstraintKind::Identity { always, options } => {
                if draft.sequence.is_some() || column.default.is_some() {
                    let message = conflict("both default and identity specified", column.name);
                    return Err(self.refuse("42601", written.span(), message));
                }
                column.identity = Some(if *always { Identity::Always } else { Identity::ByDefault });
                column.not_null = true;
                // Of another type it is refused when its sequence is made.
                let data_type = self.identity_type(column, written.span()).unwrap_or_else(|_| Name::from("int8"));
                draft.sequence = Some(ColumnSequence { data_type, options: options[..].into(), identity: true });
            }
            syntax::ConstraintKind::Generated { expr, stored } => {
                if column.default.is_some() || draft.sequence.is_some() {
                    let message = conflict("both default and generation expression specified", column.name);
                    return Err(self.refuse("42601", written.span(), message));
                }
                column.generated = Some(Arc::new(Generated { expr: expr.clone(), stored: *stored }));
                draft.to_resolve = true;
            }
            syntax::ConstraintKind::Check(_)
            | syntax::ConstraintKind::Primary(_)
            | syntax::ConstraintKind::Unique { .. }
            | syntax::ConstraintKind::Exclude(_)
            | syntax::ConstraintKind::ForeignKey(_) => draft.constraints.push(written),
        }
        Ok(())
    }

    /// The integer type of an identity column.
    pub(crate) fn identity_type(&self, column: &Column, span: Span) -> Effect<Name> {
        let Some(ty) = &column.ty else { return Ok(Name::from("int8")) };
        let name = self.now().get(ty.id).map(|ty| ty.name).unwrap_or_default();
        if matches!(name.as_str(), "int2" | "int4" | "int8") && !ty.array {
            return Ok(name);
        }
        Err(self.refuse("22023", span, "identity column type must be smallint, integer, or bigint"))
    }

    // --- LIKE -----------------------------------------------------------------------------------

    fn draft_like(
        &mut self,
        columns: &mut Vec<Draft<'_>>,
        source: ObjectId,
        options: LikeOptions,
        written: &RelationRef,
    ) -> Effect<()> {
        let Some(object) = self.now().get(source).cloned() else { return Ok(()) };
        let Some(relation) = object.as_relation() else {
            let message = format!("relation \"{}\" is invalid in LIKE clause", object.name);
            return Err(self.refuse("42809", written.name.span(), message));
        };
        if !relation.columns_known {
            return Err(self.unknown("not all columns of the relation are known"));
        }
        for from in &relation.columns {
            let identity = from.identity.filter(|_| options.identity);
            let mut column = Column {
                identity,
                default: from.default.clone().filter(|_| options.defaults),
                generated: from.generated.clone().filter(|_| options.generated),
                storage: from.storage.filter(|_| options.storage),
                compression: from.compression.filter(|_| options.compression),
                comment: from.comment.clone().filter(|_| options.comments),
                inherited: 0,
                local: true,
                statistics: None,
                acl: None,
                ..Column::clone(from)
            };
            let sequence = match identity {
                Some(_) => Some(ColumnSequence {
                    data_type: self.identity_type(&column, written.span)?,
                    options: (&[][..]).into(),
                    identity: true,
                }),
                None => None,
            };
            column.span = written.span;
            let to_resolve = column.default.is_some() || column.generated.is_some();
            columns.push(Draft { sequence, to_resolve, copied: true, ..Draft::plain(column) });
        }
        Ok(())
    }

    /// What LIKE copies after the table is made: CHECKs, indexes, statistics.
    fn copy_like(&mut self, table: ObjectId, source: ObjectId, options: LikeOptions) -> Effect<()> {
        let now = self.now();
        if options.constraints {
            let checks: Vec<NewCheck> = now.attached(source).filter_map(|(_, object)| copied_check(object)).collect();
            for check in &checks {
                self.add_check(table, check, false)?;
            }
        }
        if options.indexes {
            let now = self.now();
            let indexes: Vec<ObjectId> =
                now.attached(source).filter(|(_, object)| object.as_index().is_some()).map(|(id, _)| id).collect();
            for index in indexes {
                self.copy_index(table, source, index)?;
            }
        }
        Ok(())
    }

    fn copy_index(&mut self, table: ObjectId, source: ObjectId, index: ObjectId) -> Effect<()> {
        let Some(spec) = self.spec_of(index) else { return Ok(()) };
        let map = self.columns_between(source, table);
        let span = self.now().get(table).map_or(Span::NONE, |table| table.span);
        let copied = IndexSpec {
            table,
            span,
            keys: spec.keys.iter().map(|key| super::partition::mapped_key(key, &map)).collect(),
            include: spec.include.iter().map(|&column| super::partition::mapped(&map, column)).collect(),
            depends: self.mapped_needs(&spec.depends, source, table, &map),
            ..spec
        };
        self.add_key(copied)
    }

    // --- inheritance ----------------------------------------------------------------------------

    /// A parent named in INHERITS or PARTITION OF.
    fn parent_for_new(&mut self, parent: &RelationRef, create: &CreateTable) -> Effect<ObjectId> {
        let id = self.relation(&parent.name)?;
        let Some(object) = self.now().get(id) else { return Ok(id) };
        let (name, place) = (object.name, object.span);
        let class = object.as_relation().map(|relation| relation.class);
        let is_partition = object.as_relation().is_some_and(|relation| relation.bound.is_some());
        let of_session = |persistence| persistence == Persistence::Temporary;
        let from_temporary = object.as_relation().is_some_and(|relation| of_session(relation.persistence));
        let temporary = of_session(self.persistence(&create.relation));
        let as_partition = create.partition_bound.is_some();
        let message = match class {
            Some(RelationClass::PartitionedTable) if !as_partition => {
                format!("cannot inherit from partitioned table \"{name}\"")
            }
            _ if is_partition && !as_partition => format!("cannot inherit from partition \"{name}\""),
            Some(RelationClass::Table | RelationClass::ForeignTable | RelationClass::PartitionedTable) => {
                match (as_partition, temporary, from_temporary) {
                    (true, true, false) => {
                        format!("cannot create a temporary relation as partition of permanent relation \"{name}\"")
                    }
                    (true, false, true) => {
                        format!("cannot create a permanent relation as partition of temporary relation \"{name}\"")
                    }
                    (false, false, true) => format!("cannot inherit from temporary relation \"{name}\""),
                    _ => return Ok(id),
                }
            }
            _ => format!("inherited relation \"{name}\" is not a table or foreign table"),
        };
        Err(self.refuse("42809", parent.name.span(), message).label(place, "made here"))
    }

    /// Whether a table has partitions: asked when the new one is there already.
    fn check_takes_partitions(&self, parent: ObjectId, create: &CreateTable) -> Effect<()> {
        let Some(object) = self.now().get(parent).filter(|_| !self.is_partitioned(parent)) else { return Ok(()) };
        let span = create.inherits.first().map_or(create.relation.span, |parent| parent.name.span());
        let message = format!("\"{}\" is not partitioned", object.name);
        Err(self.refuse("42P17", span, message).label(object.span, "made here"))
    }

    fn inherit_columns(&self, draft: &mut TableDraft<'_>, parents: &[ObjectId], partition: bool) -> Effect<()> {
        for &parent in parents {
            let Some(object) = self.now().get(parent) else { continue };
            let Some(relation) = object.as_relation() else { continue };
            if !relation.columns_known {
                return Err(self.unknown("not all columns of the parent are known"));
            }
            for from in &relation.columns {
                self.inherit_column(draft, from, partition)?;
            }
        }
        Ok(())
    }

    fn inherit_column(&self, draft: &mut TableDraft<'_>, from: &Column, partition: bool) -> Effect<()> {
        let known = draft.columns.iter_mut().find(|known| known.column.name == from.name);
        let Some(known) = known else {
            let column = Column {
                inherited: 1,
                local: false,
                // Identity comes down to partitions alone (17 and later).
                identity: from.identity.filter(|_| partition && self.settings.version >= 17),
                acl: None,
                comment: None,
                statistics: None,
                ..from.clone()
            };
            let to_resolve = column.default.is_some() || column.generated.is_some();
            draft.columns.push(Draft { to_resolve, copied: true, ..Draft::plain(column) });
            return Ok(());
        };
        if !same_type(&known.column, from) {
            let message = format!("inherited column \"{}\" has a type conflict", from.name);
            return Err(self.refuse("42804", from.span, message));
        }
        known.column.inherited += 1;
        known.column.not_null |= from.not_null;
        if known.column.default.is_none() {
            known.column.default.clone_from(&from.default);
        }
        Ok(())
    }

    /// Adds the table's own columns to those it inherits.
    fn merge_columns<'a>(&self, draft: &mut TableDraft<'a>, own: Vec<Draft<'a>>, create: &CreateTable) -> Effect<()> {
        let options_only = create.partition_bound.is_some() || create.of_type.is_some();
        for mut column in own {
            let name = column.column.name;
            let Some(known) = draft.columns.iter_mut().find(|known| known.column.name == name) else {
                if options_only {
                    let message = format!("column \"{name}\" does not exist");
                    return Err(self.refuse("42703", column.column.span, message));
                }
                draft.columns.push(column);
                continue;
            };
            if column.column.ty.is_some() && !same_type(&known.column, &column.column) {
                let message = format!("column \"{name}\" has a type conflict");
                let place = known.column.span;
                return Err(self.refuse("42804", column.column.span, message).label(place, "inherited from here"));
            }
            known.column.local = create.partition_bound.is_none();
            known.column.not_null |= column.column.not_null;
            if column.column.default.is_some() {
                known.column.default = column.column.default;
                known.to_resolve = true;
            }
            if column.column.generated.is_some() {
                known.column.generated = column.column.generated;
                known.to_resolve = true;
            }
            if column.sequence.is_some() {
                known.column.identity = column.column.identity;
                known.sequence = column.sequence;
            }
            known.constraints.append(&mut column.constraints);
        }
        Ok(())
    }

    // --- what is made ---------------------------------------------------------------------------

    /// The sequences of serial and identity columns, by the column's name; they are made before the table.
    fn create_sequences(&mut self, columns: &[Draft<'_>], table: &Object) -> Effect<FxHashMap<Name, ObjectId>> {
        let schema = table.schema.expect("a table lives in a schema");
        let persistence = table.as_relation().map_or(Persistence::Permanent, |relation| relation.persistence);
        // All names are chosen before the first sequence is made.
        let mut chosen = Vec::new();
        for draft in columns {
            let Some(wanted) = &draft.sequence else { continue };
            let column = Ident { name: draft.column.name, span: draft.column.span };
            let place = self.column_sequence_name(table.name, column, schema, &wanted.options)?;
            chosen.push((column.name, place, wanted));
        }
        let mut made = FxHashMap::default();
        for (column, place, wanted) in chosen {
            made.insert(column, self.create_column_sequence(place, wanted, persistence, table.owner)?);
        }
        Ok(made)
    }

    /// Gives a table its columns, links their sequences (unless a parent owns them), and resolves defaults and generation expressions.
    pub(crate) fn add_columns(
        &mut self,
        table: ObjectId,
        drafts: &[Draft<'_>],
        sequences: &FxHashMap<Name, ObjectId>,
        owns_sequences: bool,
    ) -> Effect<()> {
        let mut columns: Vec<Arc<Column>> = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let mut column = draft.column.clone();
            if let (Some(wanted), Some(&sequence)) = (&draft.sequence, sequences.get(&column.name))
                && !wanted.identity
                && let Some(object) = self.now().get(sequence)
            {
                let schema = object.schema.expect("a sequence lives in a schema");
                column.default = Some(Arc::new(self.nextval_of(schema, object.name, column.span)));
            }
            columns.push(Arc::new(column));
        }
        self.catalog.modify(table, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                relation.last_column_number =
                    columns.iter().map(|column| column.number).fold(relation.last_column_number, i16::max);
                relation.columns.extend(columns);
            }
        });
        for draft in drafts {
            if let Some(&sequence) = sequences.get(&draft.column.name).filter(|_| owns_sequences) {
                self.give_sequence_to_column(sequence, table, draft.column.number);
            }
        }
        for draft in drafts {
            let serial = draft.sequence.as_ref().is_some_and(|sequence| !sequence.identity);
            if !draft.to_resolve && !serial {
                continue;
            }
            match self.resolve_column_expression(table, draft.column.number) {
                Err(Stop::Refused(_)) if draft.copied => {}
                resolved => resolved?,
            }
        }
        Ok(())
    }

    /// Resolves the default or generation expression of a column, and records what it needs.
    pub(crate) fn resolve_column_expression(&mut self, table: ObjectId, number: i16) -> Effect<()> {
        let Some(column) = self.column_at(table, number) else { return Ok(()) };
        let (name, ty) = (column.name, column.ty.clone());
        let (scope, expr, purpose): (Scope, &Expr, Purpose) = match (&column.generated, &column.default) {
            (Some(generated), _) => {
                (Scope::of(self.now(), table), &generated.expr, Purpose::Generated { column: name, ty })
            }
            (None, Some(default)) => (Scope::empty(), default, Purpose::Default { column: name, ty }),
            (None, None) => return Ok(()),
        };
        let analysis = self.analyze(&scope, expr, &purpose)?;
        if column.generated.is_none() && is_null(expr) && !self.keeps_null(column.ty.as_ref()) {
            self.forget_default(table, number);
            return Ok(());
        }
        if column.generated.is_some() {
            let is_generated = |number: i16| self.column_at(table, number).is_some_and(|it| it.generated.is_some());
            let needs = analysis.needs().dependencies();
            if needs.into_iter().any(|need| need.on == table && need.column.is_some_and(is_generated)) {
                let message = "cannot use generated column in column generation expression";
                return Err(self.refuse("42P17", expr.span, message));
            }
            self.check_reads_no_generated(table, &analysis, expr)?;
        }
        let needs = analysis.needs().dependencies().into_iter();
        let needs: Vec<_> = needs
            .filter(|need| !(need.on == table && need.column.is_none()))
            .map(|need| need.of(Part::Default(number)))
            .collect();
        self.catalog.modify(table, |object| {
            object.depends.retain(|need| need.part != Part::Default(number));
            object.depends.extend(needs);
        });
        Ok(())
    }

    fn check_reads_no_generated(&self, table: ObjectId, analysis: &ExprAnalysis, expr: &Expr) -> Effect<()> {
        let needs = analysis.needs().dependencies();
        let mut read =
            needs.iter().filter(|need| need.on == table).filter_map(|need| self.column_at(table, need.column?));
        let Some(column) = read.find(|column| column.generated.is_some()) else { return Ok(()) };
        let message = format!("cannot use generated column \"{}\" in column generation expression", column.name);
        Err(self.refuse("42P17", expr.span, message).label(column.span, "generated here"))
    }

    /// A conversion to the type's length, or to a domain, keeps a NULL from being taken for no default.
    fn keeps_null(&self, ty: Option<&TypeRef>) -> bool {
        let Some(ty) = ty else { return false };
        let class = self.now().get(ty.id).and_then(|object| object.as_type()).map(|ty| &ty.class);
        !ty.modifiers.is_empty() || matches!(class, Some(TypeClass::Domain { .. }))
    }

    fn finish_table(
        &mut self,
        table: ObjectId,
        create: &CreateTable,
        draft: &TableDraft<'_>,
        parents: &[ObjectId],
    ) -> Effect<()> {
        self.set_partition_key(table, create)?;
        for &parent in parents {
            self.inherit_checks(table, parent)?;
        }
        if create.partition_bound.is_some() {
            for &parent in parents {
                self.become_partition(parent, table)?;
            }
        }
        self.add_checks(table, &draft.constraints, true)?;
        self.add_keys(table, &draft.constraints)?;
        for &(source, options) in &draft.likes {
            self.copy_like(table, source, options)?;
        }
        for written in &draft.constraints {
            self.add_foreign_key(table, *written, true)?;
        }
        Ok(())
    }

    fn set_partition_key(&mut self, table: ObjectId, create: &CreateTable) -> Effect<()> {
        let Some(written) = &create.partition_by else { return Ok(()) };
        if written.strategy == syntax::PartitionStrategy::List && written.elements.len() > 1 {
            let message = "cannot use \"list\" partition strategy with more than one column";
            return Err(self.refuse("42P17", written.span, message));
        }
        let mut keys = Vec::new();
        let mut needs = Vec::new();
        for element in &written.elements {
            keys.push(match &element.key {
                IndexKey::Column(name) => {
                    let message = format!("column \"{}\" named in partition key does not exist", name.name);
                    Key::Column(self.column_or_refuse(table, *name, message)?)
                }
                IndexKey::Expr(expr) => {
                    let scope = Scope::of(self.now(), table);
                    let analysis = self.analyze(&scope, expr, &Purpose::PartitionKey)?;
                    needs.extend(analysis.needs().dependencies().into_iter().filter(|need| need.on != table));
                    Key::Expr(Arc::new(expr.clone()))
                }
            });
        }
        let key = PartitionKey { strategy: written.strategy, keys };
        self.catalog.modify(table, |object| {
            object.depends.extend(needs);
            if let Kind::Relation(relation) = &mut object.kind {
                relation.partition_key = Some(Arc::new(key));
            }
        });
        Ok(())
    }

    /// CHECKs come down to children, under the same name.
    pub(crate) fn inherit_checks(&mut self, table: ObjectId, parent: ObjectId) -> Effect<()> {
        let now = self.now();
        let inheritable = now
            .attached(parent)
            .filter(|(_, object)| object.as_constraint().is_some_and(|constraint| !constraint.no_inherit));
        let checks: Vec<NewCheck> = inheritable.filter_map(|(_, object)| copied_check(object)).collect();
        for check in &checks {
            self.add_check(table, check, true)?;
        }
        Ok(())
    }

    pub(crate) fn add_checks(&mut self, table: ObjectId, constraints: &[Written<'_>], is_new: bool) -> Effect<()> {
        for written in constraints {
            if let syntax::ConstraintKind::Check(expr) = &written.constraint.kind {
                self.add_check(table, &NewCheck::new(*written, expr, is_new), false)?;
            }
        }
        Ok(())
    }

    /// Keys and exclusions, the primary key first; equal ones are one.
    pub(crate) fn add_keys(&mut self, table: ObjectId, constraints: &[Written<'_>]) -> Effect<()> {
        let mut specs: Vec<IndexSpec> = Vec::new();
        for written in constraints {
            if let Some(spec) = self.key_spec(table, *written)? {
                specs.push(spec);
            }
        }
        specs.sort_by_key(|spec| !spec.primary);
        let mut kept: Vec<IndexSpec> = Vec::with_capacity(specs.len());
        for spec in specs {
            match kept.iter_mut().find(|earlier| is_same_key(earlier, &spec)) {
                Some(earlier) => earlier.name = earlier.name.or(spec.name),
                None => kept.push(spec),
            }
        }
        kept.into_iter().try_for_each(|spec| self.add_key(spec))
    }
}

impl Draft<'_> {
    pub(crate) fn plain(column: Column) -> Self {
        Draft { column, sequence: None, to_resolve: false, nullable: false, copied: false, constraints: Vec::new() }
    }
}

fn class_of(create: &CreateTable, server: Option<ObjectId>) -> RelationClass {
    match (server, &create.partition_by) {
        (Some(_), _) => RelationClass::ForeignTable,
        (None, Some(_)) => RelationClass::PartitionedTable,
        (None, None) => RelationClass::Table,
    }
}

fn empty_column(name: Ident) -> Column {
    Column {
        name: name.name,
        number: 0,
        ty: None,
        not_null: false,
        default: None,
        identity: None,
        generated: None,
        collation: None,
        storage: None,
        compression: None,
        statistics: None,
        acl: None,
        comment: None,
        inherited: 0,
        local: true,
        span: name.span,
    }
}

/// A default that is no more than NULL is none.
fn is_null(expr: &Expr) -> bool {
    match &expr.kind {
        syntax::ExprKind::Null => true,
        syntax::ExprKind::Cast(cast) => cast.ty.modifiers.is_empty() && is_null(&cast.expr),
        _ => false,
    }
}

fn same_type(a: &Column, b: &Column) -> bool {
    match (&a.ty, &b.ty) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// NOT NULL follows from being in a primary key.
fn mark_key_columns(draft: &mut TableDraft<'_>) {
    let TableDraft { columns, constraints, .. } = draft;
    for written in constraints.iter() {
        let (names, column) = match &written.constraint.kind {
            syntax::ConstraintKind::Primary(key) => (key.columns.clone(), written.column),
            syntax::ConstraintKind::NotNull { column } => (column.iter().copied().collect(), None),
            _ => continue,
        };
        for name in names.into_iter().chain(column) {
            if let Some(draft) = columns.iter_mut().find(|draft| draft.column.name == name.name) {
                draft.column.not_null = true;
            }
        }
    }
}

/// The constraints of columns and of the table in the order in which they are written: what has no name is named so.
fn constraints_in_order<'a>(elements: &'a [TableElement], columns: &mut [Draft<'a>]) -> Vec<Written<'a>> {
    let mut of_columns: FxHashMap<Name, Vec<Written<'a>>> =
        columns.iter_mut().map(|draft| (draft.column.name, std::mem::take(&mut draft.constraints))).collect();
    let in_order = elements.iter().flat_map(|element| match element {
        TableElement::Column(column) => of_columns.remove(&column.name.name).unwrap_or_default(),
        TableElement::Constraint(constraint) => vec![Written { constraint, column: None }],
        TableElement::Like { .. } => Vec::new(),
    });
    in_order.collect()
}

fn copied_check(object: &Object) -> Option<NewCheck> {
    let constraint = object.as_constraint()?;
    let ConstraintKind::Check { expr, .. } = &constraint.kind else { return None };
    Some(NewCheck {
        name: Some(Ident { name: object.name, span: object.span }),
        span: object.span,
        expr: expr.clone(),
        validated: constraint.enforced,
        enforced: constraint.enforced,
        no_inherit: constraint.no_inherit,
    })
}

/// Whether two keys of one statement need only one index.
fn is_same_key(a: &IndexSpec, b: &IndexSpec) -> bool {
    let operators = |spec: &IndexSpec| spec.constraint.as_ref().and_then(|key| key.operators.clone());
    let deferral = |spec: &IndexSpec| spec.constraint.as_ref().map(|key| (key.deferrable, key.initially_deferred));
    let columns = |spec: &IndexSpec| spec.keys.iter().map(|key| key.key.column()).collect::<Option<Vec<_>>>();
    columns(a).is_some()
        && columns(a) == columns(b)
        && a.include == b.include
        && a.access_method.name == b.access_method.name
        && a.nulls_not_distinct == b.nulls_not_distinct
        && operators(a) == operators(b)
        && deferral(a) == deferral(b)
        && same_expr(a.predicate.as_ref(), b.predicate.as_ref())
}

impl Replay {
    /// Refuses an object kind that a table statement is not for; views and the like have words of their own.
    pub(crate) fn relation_or_skip(
        &mut self,
        name: &syntax::QualifiedName,
        if_exists: bool,
    ) -> Effect<Option<ObjectId>> {
        match self.relation(name) {
            Ok(id) => Ok(Some(id)),
            Err(super::Stop::Refused(refusal)) if if_exists && super::drop::is_missing(refusal.sqlstate) => Ok(None),
            Err(stop) => Err(stop),
        }
    }
}
