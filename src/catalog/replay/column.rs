//! What ALTER TABLE does to columns.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::alter_table::Altered;
use super::constraint::Written;
use super::depend::{Doomed, change_column};
use super::names::Target;
use super::sequence::type_bounds;
use super::table::{Draft, FIXED_LENGTH};
use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{
    Column, ConstraintKind, DependencyKind, Generated, Identity, Key, Kind, Object, ObjectId, Outcome, Part, Sequence,
    TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{
    self, ColumnDefinition, ColumnNumberOrName, ColumnRef, DropBehavior, Expr, ExprKind, Ident, Name, QualifiedName,
    SequenceOption, TypeName,
};

impl Replay {
    // --- ADD COLUMN, DROP COLUMN ----------------------------------------------------------------

    pub(super) fn add_column<'a>(
        &mut self,
        altered: Altered,
        written: &'a ColumnDefinition,
        if_not_exists: bool,
    ) -> Effect<Option<Vec<Written<'a>>>> {
        let Some(object) = self.now().get(altered.table).cloned() else { return Ok(None) };
        let Some(relation) = object.as_relation() else { return Ok(None) };
        let name = written.name;
        if relation.of_type.is_some() {
            return Err(self.refuse("42809", name.span, "cannot add column to typed table"));
        }
        if relation.bound.is_some() {
            return Err(self
                .refuse("42809", name.span, "cannot add column to a partition")
                .label(object.span, "made here"));
        }
        if let Some(taken) = relation.column(name.name) {
            if if_not_exists {
                return Ok(None);
            }
            if let Some(why) = self.doubt_about_lost_column(altered.table, name.name) {
                return Err(super::Stop::Unknown(why));
            }
            let message = format!("column \"{}\" of relation \"{}\" already exists", name.name, object.name);
            return Err(self.refuse("42701", name.span, message).label(taken.span, "added here"));
        }
        if !relation.columns_known {
            return Err(self.unknown("not all columns of the relation are known"));
        }
        if super::index::system_column(name.name).is_some() {
            let message = format!("column name \"{}\" conflicts with a system column name", name.name);
            return Err(self.refuse("42701", name.span, message));
        }
        let descendants = self.with_descendants(altered.table);
        if altered.only && descendants.len() > 1 {
            return Err(self.refuse("42P16", name.span, "column must be added to child tables too"));
        }
        let mut draft = self.draft_column_of(written, object.name)?;
        self.check_identities(std::slice::from_ref(&draft))?;
        self.check_holds_not_itself(altered.table, draft.column.ty.as_ref(), name)?;
        let constraints = std::mem::take(&mut draft.constraints);
        let is_key = |it: &Written<'_>| matches!(it.constraint.kind, syntax::ConstraintKind::Primary(_));
        draft.column.not_null |= constraints.iter().any(is_key);
        let sequences = self.sequence_for(&draft, altered.table)?;
        for (at, table) in descendants.into_iter().enumerate() {
            self.add_column_to(table, &draft, &sequences, at > 0, name)?;
        }
        Ok(Some(constraints))
    }

    fn sequence_for(&mut self, draft: &Draft<'_>, table: ObjectId) -> Effect<FxHashMap<Name, ObjectId>> {
        let mut made = FxHashMap::default();
        let (Some(wanted), Some(object)) = (&draft.sequence, self.now().get(table).cloned()) else { return Ok(made) };
        let schema = object.schema.expect("a table lives in a schema");
        let persistence = object.as_relation().map(|relation| relation.persistence);
        let column = Ident { name: draft.column.name, span: draft.column.span };
        let place = self.column_sequence_name(object.name, column, schema, &wanted.options)?;
        let persistence = persistence.unwrap_or(syntax::Persistence::Permanent);
        made.insert(column.name, self.create_column_sequence(place, wanted, persistence, object.owner)?);
        Ok(made)
    }

    fn add_column_to(
        &mut self,
        table: ObjectId,
        draft: &Draft<'_>,
        sequences: &FxHashMap<Name, ObjectId>,
        inherited: bool,
        name: Ident,
    ) -> Effect<()> {
        let Some(relation) = self.now().get(table).and_then(|object| object.as_relation()) else { return Ok(()) };
        if let Some(known) = relation.column(name.name) {
            return self.merge_into_child(table, known.number, &draft.column, name);
        }
        let number = relation.last_column_number + 1;
        // Rows within rows would have to get the value, too.
        if draft.column.default.as_ref().is_some_and(|default| !matches!(default.kind, ExprKind::Null)) {
            self.check_row_type_unused(table, name)?;
        }
        let mut column = Column { number, ..draft.column.clone() };
        column.inherited = u16::from(inherited);
        column.local = !inherited;
        // The sequence belongs to the table that was altered; children only use it.
        let (sequence, to_resolve) = (draft.sequence.clone(), draft.to_resolve);
        let draft = Draft { sequence, to_resolve, ..Draft::plain(column) };
        self.add_columns(table, &[draft], sequences, !inherited)
    }

    fn merge_into_child(&mut self, child: ObjectId, number: i16, column: &Column, name: Ident) -> Effect<()> {
        let known = self.column_at(child, number);
        if let Some(known) = known
            && let (Some(a), Some(b)) = (&known.ty, &column.ty)
            && a != b
        {
            let of = self.now().get(child).map(|object| object.name).unwrap_or_default();
            let message = format!("child table \"{of}\" has different type for column \"{}\"", name.name);
            return Err(self.refuse("42804", name.span, message).label(known.span, "made here"));
        }
        self.change_column_of(child, number, |column| column.inherited += 1);
        Ok(())
    }

    /// Changes one column of a relation.
    pub(crate) fn change_column_of(&mut self, table: ObjectId, number: i16, change: impl FnOnce(&mut Column)) {
        self.catalog.modify(table, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                change_column(relation, number, change);
            }
        });
    }

    pub(super) fn drop_column(
        &mut self,
        altered: Altered,
        name: Ident,
        if_exists: bool,
        behavior: DropBehavior,
    ) -> Effect {
        let table = altered.table;
        let Some(object) = self.now().get(table).cloned() else { return Ok(Outcome::Done) };
        let Some(relation) = object.as_relation() else { return Ok(Outcome::Done) };
        if relation.column(name.name).is_none() && relation.columns_known && if_exists {
            return Ok(Outcome::Skipped);
        }
        let number = self.column_of(table, name)?;
        if relation.column_number(number).is_some_and(|column| column.inherited > 0) {
            return Err(self.refuse("42P16", name.span, format!("cannot drop inherited column \"{}\"", name.name)));
        }
        self.check_not_partition_key(table, number, name, "drop")?;
        if altered.only && !self.partitions(table).is_empty() {
            let message = "cannot drop column from only the partitioned table when partitions exist";
            return Err(self.refuse("42P16", name.span, message));
        }
        self.check_not_published(table, number, name, behavior)?;
        let mut doomed = vec![Doomed { target: Target { id: table, part: Part::Column(number) }, span: name.span }];
        self.let_go_of_column(table, name, altered.only, &mut doomed)?;
        self.drop_all(&doomed, behavior)?;
        Ok(Outcome::Done)
    }

    /// Children lose an inherited column too, unless it is (also) their own, or comes from elsewhere.
    fn let_go_of_column(&mut self, table: ObjectId, name: Ident, only: bool, doomed: &mut Vec<Doomed>) -> Effect<()> {
        let mut parents = vec![table];
        while let Some(parent) = parents.pop() {
            for child in self.children(parent) {
                let Some(column) = self.now().get(child).and_then(|object| object.as_relation()?.column(name.name))
                else {
                    continue;
                };
                let number = column.number;
                if !only && column.inherited <= 1 && !column.local {
                    self.check_not_partition_key(child, number, name, "drop")?;
                    doomed.push(Doomed { target: Target { id: child, part: Part::Column(number) }, span: name.span });
                    parents.push(child);
                } else {
                    self.change_column_of(child, number, |column| {
                        column.inherited = column.inherited.saturating_sub(1);
                        column.local |= only;
                    });
                }
            }
        }
        Ok(())
    }

    /// A publication with a list of columns needs those it lists; CASCADE takes the table out of it.
    fn check_not_published(&mut self, table: ObjectId, number: i16, name: Ident, behavior: DropBehavior) -> Effect<()> {
        let lists = |object: &Object| match &object.kind {
            Kind::Publication(it) => it.tables.iter().any(|it| it.table == table && it.columns.contains(&number)),
            _ => false,
        };
        let publications: Vec<ObjectId> =
            self.now().dependents(table).filter(|(_, object, _)| lists(object)).map(|(id, ..)| id).collect();
        for publication in publications {
            if behavior == DropBehavior::Restrict {
                let message = format!(
                    "cannot drop column {} of table {} because other objects depend on it",
                    name.name,
                    self.name_of(table)
                );
                return Err(self.refuse_because("2BP01", name.span, message, publication, "this publication lists it"));
            }
            self.catalog.modify(publication, |object| {
                if let Kind::Publication(publication) = &mut object.kind {
                    publication.tables.retain(|it| it.table != table);
                }
            });
        }
        Ok(())
    }

    fn check_not_partition_key(&self, table: ObjectId, number: i16, name: Ident, verb: &str) -> Effect<()> {
        let Some(object) = self.now().get(table) else { return Ok(()) };
        let key = object.as_relation().and_then(|relation| relation.partition_key.as_ref());
        if key.is_none_or(|key| !key.keys.iter().any(|key| key.column() == Some(number))) {
            return Ok(());
        }
        let message = format!(
            "cannot {verb} column \"{}\" because it is part of the partition key of relation \"{}\"",
            name.name, object.name
        );
        Err(self.refuse("42P16", name.span, message).label(object.span, "partitioned here"))
    }

    // --- defaults and generation expressions ----------------------------------------------------

    fn refuse_special_column(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let Some(column) = self.column_at(table, number) else { return Ok(()) };
        let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
        let what = if column.identity.is_some() {
            "an identity"
        } else if column.generated.is_some() {
            "a generated"
        } else {
            return Ok(());
        };
        let message = format!("column \"{}\" of relation \"{of}\" is {what} column", name.name);
        Err(self.refuse("42601", name.span, message).label(column.span, "made here"))
    }

    /// The tables an action on a column goes to, each with the column's number there.
    fn tables_with_column(&self, altered: Altered, name: Name) -> Vec<(ObjectId, i16)> {
        let tables = if altered.only { vec![altered.table] } else { self.with_descendants(altered.table) };
        let number = |table: ObjectId| Some(self.now().get(table)?.as_relation()?.column(name)?.number);
        tables.into_iter().filter_map(|table| Some((table, number(table)?))).collect()
    }

    pub(super) fn set_default(&mut self, altered: Altered, name: Ident, default: &Expr) -> Effect<()> {
        let number = self.column_of(altered.table, name)?;
        self.refuse_special_column(altered.table, number, name)?;
        let default = Arc::new(default.clone());
        for (table, number) in self.tables_with_column(altered, name.name) {
            self.change_column_of(table, number, |column| column.default = Some(default.clone()));
            self.resolve_column_expression(table, number)?;
        }
        Ok(())
    }

    pub(super) fn drop_default(&mut self, altered: Altered, name: Ident) -> Effect<()> {
        let number = self.column_of(altered.table, name)?;
        self.refuse_special_column(altered.table, number, name)?;
        for (table, number) in self.tables_with_column(altered, name.name) {
            self.forget_default(table, number);
        }
        Ok(())
    }

    /// Takes the default or generation expression of a column away.
    pub(crate) fn forget_default(&mut self, table: ObjectId, number: i16) {
        self.catalog.modify(table, |object| {
            object.depends.retain(|need| need.part != Part::Default(number));
            if let Kind::Relation(relation) = &mut object.kind {
                change_column(relation, number, |column| {
                    column.default = None;
                    column.generated = None;
                });
            }
        });
    }

    pub(super) fn set_expression(&mut self, altered: Altered, name: Ident, expr: &Expr) -> Effect<()> {
        let number = self.column_of(altered.table, name)?;
        self.check_generated(altered.table, number, name)?;
        let is_virtual =
            self.column_at(altered.table, number).and_then(|it| it.generated.clone()).is_some_and(|it| !it.stored);
        let is_check =
            |kind: &crate::catalog::ConstraintKind| matches!(kind, crate::catalog::ConstraintKind::Check { .. });
        if is_virtual && self.now().constraints(altered.table).any(|it| is_check(&it.is.kind)) {
            let message =
                "SET EXPRESSION is not supported for virtual generated columns in tables with check constraints";
            return Err(self.refuse("0A000", name.span, message));
        }
        for (table, number) in self.tables_with_column(altered, name.name) {
            self.change_column_of(table, number, |column| {
                let stored = column.generated.as_ref().is_none_or(|generated| generated.stored);
                column.generated = Some(Arc::new(Generated { expr: expr.clone(), stored }));
            });
            self.resolve_column_expression(table, number)?;
        }
        Ok(())
    }

    fn check_generated(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let column = self.column_at(table, number);
        if column.as_ref().is_none_or(|column| column.generated.is_some()) {
            return Ok(());
        }
        let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
        let message = format!("column \"{}\" of relation \"{of}\" is not a generated column", name.name);
        Err(self.refuse("55000", name.span, message).label(column.map_or(Span::NONE, |it| it.span), "made here"))
    }

    pub(super) fn drop_expression(&mut self, altered: Altered, name: Ident, if_exists: bool) -> Effect {
        if altered.only && !self.children(altered.table).is_empty() {
            let message = "ALTER TABLE / DROP EXPRESSION must be applied to child tables too";
            return Err(self.refuse("0A000", name.span, message));
        }
        let number = self.column_of(altered.table, name)?;
        if self.column_at(altered.table, number).is_some_and(|column| column.inherited > 0) {
            return Err(self.refuse("42P16", name.span, "cannot drop generation expression from inherited column"));
        }
        if let Err(stop) = self.check_generated(altered.table, number, name) {
            return if if_exists { Ok(Outcome::Skipped) } else { Err(stop) };
        }
        for (table, number) in self.tables_with_column(altered, name.name) {
            self.forget_default(table, number);
        }
        Ok(Outcome::Done)
    }

    /// CheckAttributeType: a row holds no row of its own kind.
    fn check_holds_not_itself(&self, table: ObjectId, ty: Option<&TypeRef>, name: Ident) -> Effect<()> {
        let mut within: Vec<ObjectId> = ty.into_iter().map(|ty| self.base_type(ty).id).collect();
        let mut seen = Vec::new();
        while let Some(ty) = within.pop() {
            let Some(&TypeClass::Composite { relation }) =
                self.now().get(ty).and_then(|it| it.as_type()).map(|it| &it.class)
            else {
                continue;
            };
            if relation == table {
                let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
                let message = format!("composite type {of} cannot be made a member of itself");
                return Err(self.refuse("42P16", name.span, message));
            }
            if !seen.contains(&relation) {
                seen.push(relation);
                let columns = self.now().relation(relation).map(|it| &it.is.columns[..]).unwrap_or_default();
                within.extend(columns.iter().filter_map(|column| Some(column.ty.as_ref()?.id)));
            }
        }
        Ok(())
    }

    // --- NOT NULL -------------------------------------------------------------------------------

    pub(super) fn set_not_null(&mut self, altered: Altered, name: Ident) -> Effect<()> {
        self.column_of(altered.table, name)?;
        for (table, number) in self.tables_with_column(altered, name.name) {
            self.mark_not_null(table, number, true);
            if let Some(constraint) = self.not_null_of(table, number) {
                self.change_constraint(constraint, |it| it.validated = true);
            }
        }
        Ok(())
    }

    pub(super) fn drop_not_null(&mut self, altered: Altered, name: Ident) -> Effect<()> {
        let number = self.column_of(altered.table, name)?;
        let column = self.column_at(altered.table, number);
        let of = self.now().get(altered.table).map(|object| object.name).unwrap_or_default();
        if column.as_ref().is_some_and(|column| column.identity.is_some()) {
            let message = format!("column \"{}\" of relation \"{of}\" is an identity column", name.name);
            return Err(self.refuse("42601", name.span, message));
        }
        let key = self.primary_key(altered.table).and_then(|id| self.now().get(id));
        let in_key = key.and_then(|key| key.as_constraint()).is_some_and(|it| it.kind.columns().contains(&number));
        if in_key {
            let message = format!("column \"{}\" is in a primary key", name.name);
            let place = key.map_or(Span::NONE, |key| key.span);
            return Err(self.refuse("42P16", name.span, message).label(place, "the primary key is made here"));
        }
        self.check_parent_nullable(altered.table, name)?;
        for (table, number) in self.tables_with_column(altered, name.name) {
            self.mark_not_null(table, number, false);
            if let Some(constraint) = self.not_null_of(table, number) {
                self.erase(constraint);
            }
        }
        Ok(())
    }

    fn check_parent_nullable(&self, table: ObjectId, name: Ident) -> Effect<()> {
        let now = self.now();
        // Before 18 only a partition has to go with its table.
        let bound = |relation: &&crate::catalog::Relation| relation.bound.is_some() || self.settings.version >= 18;
        let relation = now.get(table).and_then(|object| object.as_relation()).filter(bound);
        let parents = relation.map(|relation| &relation.parents[..]);
        for parent in parents.unwrap_or_default() {
            let column = now.get(*parent).and_then(|object| object.as_relation()?.column(name.name));
            if column.is_some_and(|column| column.not_null) {
                let message = format!("column \"{}\" is marked NOT NULL in parent table", name.name);
                return Err(self.refuse_because("42P16", name.span, message, *parent, "the parent is made here"));
            }
        }
        Ok(())
    }

    // --- identity -------------------------------------------------------------------------------

    pub(super) fn add_identity(
        &mut self,
        altered: Altered,
        name: Ident,
        always: bool,
        options: &[SequenceOption],
    ) -> Effect<()> {
        let table = altered.table;
        let number = self.column_of(table, name)?;
        let Some(column) = self.column_at(table, number) else { return Ok(()) };
        let Some(object) = self.now().get(table).cloned() else { return Ok(()) };
        let data_type = self.identity_type(&column, name.span)?;
        let (about, of) = (format!("column \"{}\" of relation \"{}\"", name.name, object.name), column.span);
        let problem = if !column.not_null {
            Some(format!("{about} must be declared NOT NULL before identity can be added"))
        } else if column.identity.is_some() {
            Some(format!("{about} is already an identity column"))
        } else if column.default.is_some() {
            Some(format!("{about} already has a default value"))
        } else {
            None
        };
        if let Some(message) = problem {
            return Err(self.refuse("55000", name.span, message).label(of, "made here"));
        }
        let schema = object.schema.expect("a table lives in a schema");
        let place = self.column_sequence_name(object.name, name, schema, options)?;
        let wanted = super::sequence::ColumnSequence { data_type, options: options.into(), identity: true };
        let persistence = object.as_relation().map_or(syntax::Persistence::Permanent, |it| it.persistence);
        let sequence = self.create_column_sequence(place, &wanted, persistence, object.owner)?;
        self.give_sequence_to_column(sequence, table, number);
        let identity = if always { Identity::Always } else { Identity::ByDefault };
        for (table, number) in self.identity_tables(altered, name.name) {
            self.set_identity(table, number, Some(identity));
        }
        Ok(())
    }

    /// Identity comes down to partitions (17 and later), and to no other children.
    fn identity_tables(&self, altered: Altered, name: Name) -> Vec<(ObjectId, i16)> {
        let partitions = self.is_partitioned(altered.table) && self.settings.version >= 17;
        self.tables_with_column(Altered { only: altered.only || !partitions, ..altered }, name)
    }

    pub(super) fn change_identity(
        &mut self,
        altered: Altered,
        name: Ident,
        always: Option<bool>,
        options: &[SequenceOption],
    ) -> Effect<()> {
        let number = self.column_of(altered.table, name)?;
        self.check_identity(altered.table, number, name)?;
        if let Some(sequence) = self.identity_sequence(altered.table, number) {
            self.alter_sequence_options(sequence, options, name.span)?;
        }
        let Some(always) = always else { return Ok(()) };
        let identity = if always { Identity::Always } else { Identity::ByDefault };
        for (table, number) in self.identity_tables(altered, name.name) {
            self.set_identity(table, number, Some(identity));
        }
        Ok(())
    }

    fn check_identity(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let column = self.column_at(table, number);
        if column.as_ref().is_none_or(|column| column.identity.is_some()) {
            return Ok(());
        }
        let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
        let message = format!("column \"{}\" of relation \"{of}\" is not an identity column", name.name);
        Err(self.refuse("55000", name.span, message).label(column.map_or(Span::NONE, |it| it.span), "made here"))
    }

    pub(super) fn drop_identity(&mut self, altered: Altered, name: Ident, if_exists: bool) -> Effect {
        let number = self.column_of(altered.table, name)?;
        if let Err(stop) = self.check_identity(altered.table, number, name) {
            return if if_exists { Ok(Outcome::Skipped) } else { Err(stop) };
        }
        if let Some(sequence) = self.identity_sequence(altered.table, number) {
            self.drop_quietly(sequence);
        }
        for (table, number) in self.identity_tables(altered, name.name) {
            self.set_identity(table, number, None);
        }
        Ok(Outcome::Done)
    }

    // --- ALTER COLUMN TYPE ----------------------------------------------------------------------

    /// What the server checks before any action is carried out.
    pub(super) fn prepare_column_type(
        &mut self,
        altered: Altered,
        name: Ident,
        ty: &TypeName,
        using: Option<&Expr>,
    ) -> Effect<()> {
        let table = altered.table;
        let number = self.column_of(table, name)?;
        let Some(column) = self.column_at(table, number) else { return Ok(()) };
        if column.inherited > 0 {
            // The server has read the expression by then.
            using.map_or(Ok(()), |using| {
                self.analyze(&Scope::of(self.now(), table), using, &Purpose::Value).map(|_| ())
            })?;
            return Err(self.refuse("42P16", name.span, format!("cannot alter inherited column \"{}\"", name.name)));
        }
        let below = if altered.only { Vec::new() } else { self.tables_with_column(altered, name.name) };
        for (table, number) in std::iter::once((table, number)).chain(below) {
            self.check_not_partition_key(table, number, name, "alter")?;
        }
        let target = self.column_type(ty, name)?;
        if column.identity.is_some() {
            self.identity_type(&Column { ty: target.clone(), ..Column::clone(&column) }, name.span)?;
        }
        if let (Some(_), Some(using)) = (&column.generated, using) {
            let message = "cannot specify USING when altering type of generated column";
            return Err(self.refuse("42611", using.span, message));
        }
        let own;
        let expr = match using {
            Some(using) => using,
            None => {
                own = column_reference(name, ty.span);
                &own
            }
        };
        let purpose = Purpose::AlterTypeUsing { column: name.name, ty: target.clone() };
        self.analyze(&Scope::of(self.now(), table), expr, &purpose)?;
        self.check_row_type_unused(table, name)?;
        if altered.only && !self.children(table).is_empty() {
            let message = format!("type of inherited column \"{}\" must be changed in child tables too", name.name);
            return Err(self.refuse("42P16", name.span, message));
        }
        Ok(())
    }

    /// A table whose row type is the type of a stored column cannot change its columns' types.
    fn check_row_type_unused(&self, table: ObjectId, name: Ident) -> Effect<()> {
        let now = self.now();
        let Some(object) = now.get(table) else { return Ok(()) };
        let Some(row_type) = object.as_relation().and_then(|relation| relation.row_type) else { return Ok(()) };
        for (_, user, need) in now.dependents(row_type) {
            let (Part::Column(number), Some(relation)) = (need.part, user.as_relation()) else { continue };
            if matches!(
                relation.class,
                crate::catalog::RelationClass::View | crate::catalog::RelationClass::CompositeType
            ) {
                continue;
            }
            let Some(column) = relation.column_number(number) else { continue };
            let message = format!(
                "cannot alter table \"{}\" because column \"{}.{}\" uses its row type",
                object.name, user.name, column.name
            );
            return Err(self.refuse("0A000", name.span, message).label(column.span, "used here"));
        }
        Ok(())
    }

    pub(super) fn alter_column_type(
        &mut self,
        altered: Altered,
        name: Ident,
        ty: &TypeName,
        collation: Option<&QualifiedName>,
    ) -> Effect<()> {
        let target = self.column_type(ty, name)?;
        for (table, number) in self.tables_with_column(Altered { only: false, ..altered }, name.name) {
            self.check_type_unchanged(table, number, name)?;
            self.check_default_follows(table, number, name, target.as_ref())?;
            self.check_type_users(table, number, name)?;
            self.change_column_of(table, number, |column| {
                column.ty.clone_from(&target);
                column.collation = collation.map(|collation| collation.name.name);
            });
            self.identity_follows(table, number, target.as_ref());
            self.check_keys_follow(table, number, name)?;
        }
        Ok(())
    }

    /// One statement gives a column one new type.
    fn check_type_unchanged(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let before = self.catalog.before(self.current);
        let was = before.relation(table).and_then(|it| it.is.column_number(number)?.ty.as_ref());
        let is = self.now().relation(table).and_then(|it| it.is.column_number(number)?.ty.as_ref());
        if was.is_none() || was == is {
            return Ok(());
        }
        Err(self.refuse("0A000", name.span, format!("cannot alter type of column \"{}\" twice", name.name)))
    }

    /// The sequence of an identity column takes the column's new type.
    fn identity_follows(&mut self, table: ObjectId, number: i16, ty: Option<&TypeRef>) {
        let now = self.now();
        let Some(name) = ty.and_then(|ty| now.get(ty.id)).map(|ty| ty.name) else { return };
        let owned = now.owned_sequences(table);
        let is_its = |it: &Sequence| it.identity && it.owned_by == Some((table, number));
        let found =
            owned.into_iter().find(|&id| now.get(id).and_then(|object| object.as_sequence()).is_some_and(is_its));
        let Some(id) = found.filter(|_| matches!(name.as_str(), "int2" | "int4" | "int8")) else { return };
        self.change(id, |object| {
            if let Kind::Sequence(sequence) = &mut object.kind {
                let unbounded = sequence.max_value == type_bounds(sequence.data_type).1;
                sequence.data_type = name;
                if unbounded {
                    sequence.max_value = type_bounds(name).1;
                }
            }
        });
    }

    /// Views, policies, triggers and generated columns that read a column hold its type fast.
    fn check_type_users(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let now = self.now();
        let mut doubt = None;
        for (id, user, need) in now.dependents(table) {
            if need.column != Some(number) {
                continue;
            }
            let message = match &user.kind {
                Kind::Relation(relation) if relation.query.is_some() => {
                    "cannot alter type of a column used by a view or rule"
                }
                Kind::Relation(_) if matches!(need.part, Part::Default(n) if n != number) => {
                    "cannot alter type of a column used by a generated column"
                }
                Kind::Rule(_) => "cannot alter type of a column used by a view or rule",
                Kind::Policy(_) => "cannot alter type of a column used in a policy definition",
                Kind::Trigger(_) if need.kind == DependencyKind::Normal => {
                    "cannot alter type of a column used in a trigger definition"
                }
                Kind::Routine(_) => "cannot alter type of a column used by a function or procedure",
                Kind::Publication(_) => "cannot alter type of a column used by a publication WHERE clause",
                _ => continue,
            };
            if let Some(why) = self.doubt_about(id) {
                doubt = Some(why);
                continue;
            }
            let why = format!("{} {} reads {}", user.kind_word(), user.name, name.name);
            let help = format!("drop the {} first and make it again afterwards", user.kind_word());
            let by_generated = matches!(user.kind, Kind::Relation(ref relation) if relation.query.is_none());
            let sqlstate = if by_generated && self.settings.version < 15 { "42601" } else { "0A000" };
            return Err(self.refuse(sqlstate, name.span, message).label(user.span, why).help(help));
        }
        match doubt {
            Some(why) => Err(super::Stop::Unknown(why)),
            None => Ok(()),
        }
    }

    /// A default must convert to the new type by itself.
    fn check_default_follows(
        &mut self,
        table: ObjectId,
        number: i16,
        name: Ident,
        target: Option<&TypeRef>,
    ) -> Effect<()> {
        let Some(column) = self.column_at(table, number) else { return Ok(()) };
        let (Some(default), Some(target)) = (&column.default, target) else { return Ok(()) };
        let analysis = self.analyze(&Scope::empty(), default, &Purpose::Value)?;
        let written = analysis.ty().filter(|ty| !self.is_unknown_type(ty));
        let Some(source) = written.or_else(|| column.ty.clone()) else { return Ok(()) };
        if self.can_assign(&source, target) {
            return Ok(());
        }
        let shown = self.type_name(target);
        let message = format!("default for column \"{}\" cannot be cast automatically to type {shown}", name.name);
        let refusal = self.refuse("42804", name.span, message).label(default.span, "this is its default");
        Err(refusal.help("drop the default first and set it again afterwards"))
    }

    /// Foreign keys over the column must still have an operator to compare with.
    fn check_keys_follow(&self, table: ObjectId, number: i16, name: Ident) -> Effect<()> {
        let now = self.now();
        let own = now.attached(table).map(|(_, object)| object);
        let referencing = now.dependents(table).map(|(_, object, _)| object);
        for object in own.chain(referencing) {
            let Some(ConstraintKind::ForeignKey(key)) = object.as_constraint().map(|it| &it.kind) else { continue };
            let of = object.attached_to().unwrap_or(table);
            for (&from, &to) in key.columns.iter().zip(&key.referenced_columns) {
                let concerns = (of == table && from == number) || (key.references == table && to == number);
                let (Some(from), Some(to)) = (self.column_at(of, from), self.column_at(key.references, to)) else {
                    continue;
                };
                let (Some(from), Some(to)) = (&from.ty, &to.ty) else { continue };
                if concerns && !self.can_reference(from, to) {
                    let message = format!("foreign key constraint \"{}\" cannot be implemented", object.name);
                    let (from, to) = (self.type_name(from), self.type_name(to));
                    let why = format!("it would compare {from} with {to}");
                    return Err(self.refuse("42804", name.span, message).label(object.span, why));
                }
            }
        }
        Ok(())
    }

    // --- storage --------------------------------------------------------------------------------

    pub(super) fn set_statistics(
        &mut self,
        table: ObjectId,
        column: ColumnNumberOrName,
        target: Option<i64>,
        span: Span,
    ) -> Effect<()> {
        let number = match column {
            ColumnNumberOrName::Name(name) => {
                if let Some(index) = self.now().get(table).and_then(|object| object.as_index()) {
                    let known = index.keys.iter().any(|key| matches!(key.key, Key::Expr(_)));
                    let message = "cannot alter statistics on non-expression column of index";
                    return if known { Ok(()) } else { Err(self.refuse("0A000", name.span, message)) };
                }
                self.column_of(table, name)?
            }
            ColumnNumberOrName::Number(at) => return self.check_index_statistics(table, at, span),
        };
        let target = target.and_then(|target| i32::try_from(target).ok()).filter(|&target| target >= 0);
        self.change_column_of(table, number, |column| column.statistics = target);
        Ok(())
    }

    /// Of a plain column the table has statistics already.
    fn check_index_statistics(&self, index: ObjectId, at: i64, span: Span) -> Effect<()> {
        let Some(it) = self.now().get(index).and_then(|object| object.as_index()) else { return Ok(()) };
        let at = usize::try_from(at).unwrap_or_default();
        if at == 0 || at > it.keys.len() + it.include.len() {
            let message = format!("column number {at} of relation \"{}\" does not exist", self.name_of(index));
            return Err(self.refuse("42703", span, message));
        }
        match it.keys.get(at - 1).map(|key| &key.key) {
            Some(Key::Expr(_)) => Ok(()),
            Some(Key::Column(_)) => {
                Err(self.refuse("0A000", span, "cannot alter statistics on non-expression column of index"))
            }
            None => Err(self.refuse("0A000", span, "cannot alter statistics on included column of index")),
        }
    }

    pub(super) fn set_storage(&mut self, table: ObjectId, name: Ident, storage: Name) -> Effect<()> {
        let number = self.column_of(table, name)?;
        let plain = matches!(storage.as_str(), "plain" | "PLAIN" | "default" | "DEFAULT");
        if let Some(ty) = self.fixed_length(table, number).filter(|_| !plain) {
            let message = format!("column data type {} can only have storage PLAIN", self.type_name(&ty));
            return Err(self.refuse("0A000", name.span, message));
        }
        self.change_column_of(table, number, |column| column.storage = Some(storage));
        Ok(())
    }

    pub(super) fn set_compression(&mut self, table: ObjectId, name: Ident, compression: Name) -> Effect<()> {
        let number = self.column_of(table, name)?;
        let is_default = compression.as_str().eq_ignore_ascii_case("default");
        if !is_default && !["pglz", "lz4"].contains(&compression.as_str()) {
            return Err(self.refuse("22023", name.span, format!("invalid compression method \"{compression}\"")));
        }
        if let Some(ty) = self.fixed_length(table, number).filter(|_| !is_default) {
            let message = format!("column data type {} does not support compression", self.type_name(&ty));
            return Err(self.refuse("0A000", name.span, message));
        }
        self.change_column_of(table, number, |column| column.compression = Some(compression));
        Ok(())
    }

    /// The type of a column whose values are stored as they are.
    fn fixed_length(&self, table: ObjectId, number: i16) -> Option<TypeRef> {
        let ty = self.column_at(table, number)?.ty.clone().filter(|ty| !ty.array)?;
        let object = self.now().get(self.base_type(&ty).id)?;
        let is_system = self.now().schema_name(object).as_str() == "pg_catalog";
        (is_system && FIXED_LENGTH.contains(&object.name.as_str())).then_some(ty)
    }
}

/// A column as an expression, with the place to blame.
fn column_reference(name: Ident, span: Span) -> Expr {
    let column = ColumnRef { parts: [Ident { name: name.name, span }].into(), star: false };
    Expr { span, kind: ExprKind::Column(Box::new(column)) }
}
