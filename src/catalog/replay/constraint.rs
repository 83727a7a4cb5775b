//! Constraints of tables: CHECK, keys, EXCLUDE, foreign keys, NOT NULL.

use std::sync::Arc;

use super::depend::change_column;
use super::index::{IndexSpec, KeySpec, options_of};
use super::naming::join_names;
use super::partition::{mapped, same_expr};
use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::deparse::{Deparser, Origins};
use crate::catalog::{
    Constraint, ConstraintKind, Dependency, ForeignKey, Index, Key, Kind, NameKey, NameSpace, Object, ObjectId,
    RelationClass,
};
use crate::source::Span;
use crate::syntax::{self, Exclude, Expr, Ident, Name, Persistence};

/// A constraint as written, with the column it stands behind.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub constraint: &'a syntax::Constraint,
    pub column: Option<Ident>,
}

impl Written<'_> {
    /// Where its finding points: its name, else the whole of it.
    pub(crate) fn span(&self) -> Span {
        self.constraint.name.map_or(self.constraint.span, |name| name.span)
    }

    /// The columns of a key: those written, or the one it stands behind.
    fn columns<'b>(&self, written: &'b [Ident]) -> std::borrow::Cow<'b, [Ident]> {
        match self.column.filter(|_| written.is_empty()) {
            Some(column) => vec![column].into(),
            None => written.into(),
        }
    }
}

/// A CHECK to add.
pub(crate) struct NewCheck {
    pub name: Option<Ident>,
    pub span: Span,
    pub expr: Arc<Expr>,
    pub validated: bool,
    pub enforced: bool,
    pub no_inherit: bool,
}

impl NewCheck {
    pub(crate) fn new(written: Written<'_>, expr: &Expr, is_new_table: bool) -> NewCheck {
        let constraint = written.constraint;
        NewCheck {
            name: constraint.name,
            span: written.span(),
            expr: Arc::new(expr.clone()),
            validated: constraint.enforced && (is_new_table || constraint.not_valid.is_none()),
            enforced: constraint.enforced,
            no_inherit: constraint.no_inherit,
        }
    }
}

impl Replay {
    // --- CHECK ----------------------------------------------------------------------------------

    /// Adds a CHECK to a table; `inherited` where it comes down from a parent.
    pub(crate) fn add_check(&mut self, table: ObjectId, check: &NewCheck, inherited: bool) -> Effect<Name> {
        let analysis = self.analyze(&Scope::of(self.now(), table), &check.expr, &Purpose::Check)?;
        let columns = analysis.own_columns();
        if let Some(name) = check.name
            && let Some(existing) = self.constraint_named(table, name.name)
        {
            return self.merge_check(existing, check, name, inherited);
        }
        let Some(object) = self.now().get(table).cloned() else { return Err(self.unknown("the table is gone")) };
        if check.no_inherit && self.is_partitioned(table) {
            let message = format!("cannot add NO INHERIT constraint to partitioned table \"{}\"", object.name);
            return Err(self.refuse("42P16", check.span, message));
        }
        let name = check.name.map_or_else(|| self.check_name(table, &object, &columns), |name| name.name);
        let depends = self.needs_beyond(&analysis, table);
        let kind = ConstraintKind::Check { expr: check.expr.clone(), columns };
        let constraint = Constraint {
            validated: check.validated,
            enforced: check.enforced,
            no_inherit: check.no_inherit,
            inherited: u16::from(inherited),
            local: !inherited,
            ..Constraint::new(table, kind)
        };
        self.add_constraint(table, Ident { name, span: check.span }, constraint, depends)?;
        Ok(name)
    }

    fn check_name(&self, table: ObjectId, object: &Object, columns: &[i16]) -> Name {
        let column = match columns {
            [column] => self.column_at(table, *column).map(|column| column.name),
            _ => None,
        };
        let schema = object.schema.expect("a table lives in a schema");
        self.choose_constraint_name(&object.name, column.as_deref(), "check", schema, &[])
    }

    /// Whether two constraints are printed alike, which is how the server compares them; true where that is not known.
    pub(super) fn same_definition(&self, one: ObjectId, other: ObjectId) -> bool {
        let deparser = Deparser::with(self.now(), self.settings.version, Arc::new(Origins::read(&self.catalog)));
        match (deparser.constraint(one), deparser.constraint(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// Whether a CHECK is printed as this expression would be in its place.
    fn says_the_same(&self, check: ObjectId, other: &Arc<Expr>) -> bool {
        let constraint = self.now().get(check).and_then(|object| object.as_constraint());
        let Some(ConstraintKind::Check { expr, .. }) = constraint.map(|it| &it.kind) else { return false };
        if same_expr(Some(expr), Some(other)) {
            return true;
        }
        let deparser = Deparser::with(self.now(), self.settings.version, Arc::new(Origins::read(&self.catalog)));
        let printed = deparser.expression(check, expr);
        printed.is_some() && printed == deparser.expression(check, other)
    }

    /// A CHECK of a name that the table has: it must say the same, and one of them come from a parent.
    fn merge_check(&mut self, existing: ObjectId, check: &NewCheck, name: Ident, inherited: bool) -> Effect<Name> {
        let Some(constraint) = self.now().get(existing).and_then(|object| object.as_constraint()) else {
            return Err(self.refuse_constraint_taken(existing, name));
        };
        let may_merge = inherited || (constraint.inherited > 0 && !constraint.local);
        if !may_merge || !self.says_the_same(existing, &check.expr) {
            return Err(self.refuse_constraint_taken(existing, name));
        }
        let conflict = match () {
            () if constraint.no_inherit => "non-inherited",
            () if check.validated && !constraint.validated => "NOT VALID",
            () => "",
        };
        if !conflict.is_empty() {
            let of = self.name_of(constraint.of);
            let message =
                format!("constraint \"{}\" conflicts with {conflict} constraint on relation \"{of}\"", name.name);
            return Err(self.refuse_because("42P17", name.span, message, existing, "made here"));
        }
        self.catalog.modify(existing, |object| {
            if let Kind::Constraint(constraint) = &mut object.kind {
                if inherited { constraint.inherited += 1 } else { constraint.local = true }
            }
        });
        Ok(name.name)
    }

    pub(crate) fn constraint_named(&self, of: ObjectId, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Constraint, parent: Some(of), name };
        self.now().named(key).first().copied()
    }

    fn refuse_constraint_taken(&self, existing: ObjectId, name: Ident) -> super::Stop {
        if let Some(why) = self.doubt_about(existing) {
            return super::Stop::Unknown(why);
        }
        let now = self.now();
        let of = now.get(existing).and_then(|object| now.get(object.attached_to()?)).map(|of| of.name);
        let message =
            format!("constraint \"{}\" for relation \"{}\" already exists", name.name, of.unwrap_or_default());
        self.refuse_because("42710", name.span, message, existing, format!("{} is made here", name.name))
    }

    /// Makes a constraint object of a table.
    pub(crate) fn add_constraint(
        &mut self,
        table: ObjectId,
        name: Ident,
        constraint: Constraint,
        depends: Vec<Dependency>,
    ) -> Effect<ObjectId> {
        let schema = self.now().get(table).and_then(|table| table.schema);
        let mut object = Object::new(name.name, schema, Kind::Constraint(constraint));
        object.span = name.span;
        object.depends = depends;
        self.create(object)
    }

    // --- PRIMARY KEY, UNIQUE, EXCLUDE -----------------------------------------------------------

    /// The index that a PRIMARY KEY, UNIQUE or EXCLUDE asks for; `None` where it uses an existing one.
    pub(crate) fn key_spec(&mut self, table: ObjectId, written: Written<'_>) -> Effect<Option<IndexSpec>> {
        let constraint = written.constraint;
        let (key, primary, nulls_not_distinct) = match &constraint.kind {
            syntax::ConstraintKind::Primary(key) => (key, true, false),
            syntax::ConstraintKind::Unique { key, nulls_not_distinct } => (key, false, *nulls_not_distinct),
            syntax::ConstraintKind::Exclude(exclude) => return self.exclusion_spec(table, written, exclude).map(Some),
            _ => return Ok(None),
        };
        if key.index.is_some() {
            return Ok(None);
        }
        let mut spec = self.empty_key_spec(table, written);
        spec.unique = true;
        spec.primary = primary;
        spec.nulls_not_distinct = nulls_not_distinct;
        spec.options = options_of(&key.options);
        key.tablespace.map_or(Ok(()), |tablespace| self.check_tablespace(tablespace))?;
        spec.tablespace = key.tablespace.map(|tablespace| tablespace.name);
        let columns = written.columns(&key.columns);
        self.add_key_columns(&mut spec, &columns, primary)?;
        for name in &key.include {
            let message = format!("column \"{}\" named in key does not exist", name.name);
            spec.include.push(self.column_or_refuse(table, *name, message)?);
            spec.column_names.push(name.name);
        }
        Ok(Some(spec))
    }

    fn empty_key_spec(&self, table: ObjectId, written: Written<'_>) -> IndexSpec {
        let constraint = written.constraint;
        IndexSpec {
            name: constraint.name,
            span: written.span(),
            table,
            access_method: Ident::new("btree", constraint.span),
            unique: false,
            primary: false,
            nulls_not_distinct: false,
            keys: Vec::new(),
            include: Vec::new(),
            column_names: Vec::new(),
            predicate: None,
            options: Vec::new(),
            tablespace: None,
            constraint: Some(KeySpec {
                deferrable: constraint.deferrable,
                initially_deferred: constraint.initially_deferred,
                operators: None,
            }),
            only: false,
            depends: Vec::new(),
        }
    }

    fn add_key_columns(&mut self, spec: &mut IndexSpec, columns: &[Ident], primary: bool) -> Effect<()> {
        for (at, name) in columns.iter().enumerate() {
            let message = format!("column \"{}\" named in key does not exist", name.name);
            let number = self.column_or_refuse(spec.table, *name, message)?;
            if columns[..at].iter().any(|earlier| earlier.name == name.name) {
                let kind = if primary { "primary key" } else { "unique" };
                let message = format!("column \"{}\" appears twice in {kind} constraint", name.name);
                return Err(self.refuse("42701", name.span, message));
            }
            let column = self.column_at(spec.table, number);
            if column.as_ref().and_then(|it| it.generated.as_ref()).is_some_and(|generated| !generated.stored) {
                let kind = if primary { "primary keys" } else { "unique constraints" };
                let message = format!("{kind} on virtual generated columns are not supported");
                return Err(self.refuse("0A000", name.span, message).help("make the column STORED"));
            }
            let ty = column.and_then(|column| column.ty.clone());
            self.check_has_btree(name.span, ty.as_ref())?;
            spec.keys.push(plain_key(number));
            spec.column_names.push(name.name);
        }
        Ok(())
    }

    fn check_has_btree(&self, span: Span, ty: Option<&crate::catalog::TypeRef>) -> Effect<()> {
        let Some(ty) = ty else { return Ok(()) };
        if self.default_operator_class("btree", ty) != super::opclass::Known::No {
            return Ok(());
        }
        let message =
            format!("data type {} has no default operator class for access method \"btree\"", self.type_name(ty));
        Err(self.refuse("42704", span, message))
    }

    fn exclusion_spec(&mut self, table: ObjectId, written: Written<'_>, exclude: &Exclude) -> Effect<IndexSpec> {
        let mut spec = self.empty_key_spec(table, written);
        if let Some(method) = exclude.access_method {
            spec.access_method = method;
        }
        let method = self.access_method(spec.access_method)?;
        if method.is_some_and(|method| !method.exclude) {
            let name = spec.access_method;
            let message = format!("access method \"{}\" does not support exclusion constraints", name.name);
            return Err(self.refuse("0A000", name.span, message));
        }
        let elements: Vec<_> = exclude.elements.iter().map(|(element, _)| element.clone()).collect();
        self.add_index_keys(&mut spec, &elements)?;
        for name in &exclude.include {
            spec.include.push(self.index_column(table, *name)?);
            spec.column_names.push(name.name);
        }
        self.add_exclusion_predicate(&mut spec, exclude.filter.as_ref())?;
        spec.options = options_of(&exclude.options);
        let operators = exclude.elements.iter().map(|(_, operator)| operator.name).collect();
        spec.constraint = spec.constraint.map(|key| KeySpec { operators: Some(operators), ..key });
        Ok(spec)
    }

    /// Makes a key with its index, and marks the columns of a primary key NOT NULL.
    pub(crate) fn add_key(&mut self, mut spec: IndexSpec) -> Effect<()> {
        if let Some(name) = spec.name
            && let Some(existing) = self.constraint_named(spec.table, name.name)
        {
            // The index of the same name is found first.
            let schema = self.now().get(spec.table).and_then(|table| table.schema);
            if schema.is_none_or(|schema| self.relation_in(schema, name.name).is_none()) {
                return Err(self.refuse_constraint_taken(existing, name));
            }
        }
        if spec.primary {
            self.check_first_primary_key(&spec)?;
            let columns: Vec<i16> = spec.keys.iter().filter_map(|key| key.key.column()).collect();
            let tables = if spec.only { vec![spec.table] } else { self.with_descendants(spec.table) };
            self.check_not_null_validated(spec.table, &columns, spec.span)?;
            for table in tables {
                let map = self.columns_between(spec.table, table);
                columns.iter().for_each(|&column| self.mark_not_null(table, mapped(&map, column), true));
            }
            spec.nulls_not_distinct = false;
        }
        self.make_index(spec, None).map(|_| ())
    }

    fn check_first_primary_key(&self, spec: &IndexSpec) -> Effect<()> {
        let Some(existing) = self.primary_key(spec.table) else { return Ok(()) };
        let table = self.now().get(spec.table).map(|table| table.name).unwrap_or_default();
        let message = format!("multiple primary keys for table \"{table}\" are not allowed");
        Err(self.refuse_because("42P16", spec.span, message, existing, "the primary key is made here"))
    }

    /// The primary key constraint of a table.
    pub(crate) fn primary_key(&self, table: ObjectId) -> Option<ObjectId> {
        let is_primary = |object: &Object| {
            object.as_constraint().is_some_and(|it| matches!(it.kind, ConstraintKind::Primary { .. }))
        };
        self.now().attached(table).find(|(_, object)| is_primary(object)).map(|(id, _)| id)
    }

    /// Sets attnotnull.
    pub(crate) fn mark_not_null(&mut self, table: ObjectId, column: i16, not_null: bool) {
        if self.column_at(table, column).is_none_or(|column| column.not_null == not_null) {
            return;
        }
        self.catalog.modify(table, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                change_column(relation, column, |column| column.not_null = not_null);
            }
        });
    }

    // --- FOREIGN KEY ----------------------------------------------------------------------------

    /// Adds a foreign key as written in CREATE or ALTER TABLE.
    pub(crate) fn add_foreign_key(&mut self, table: ObjectId, written: Written<'_>, is_new_table: bool) -> Effect<()> {
        let constraint = written.constraint;
        let syntax::ConstraintKind::ForeignKey(key) = &constraint.kind else { return Ok(()) };
        if let Some(name) = constraint.name
            && let Some(existing) = self.constraint_named(table, name.name)
        {
            return Err(self.refuse_constraint_taken(existing, name));
        }
        let references = self.relation(&key.references.name)?;
        self.check_referenced(table, references, key)?;
        let columns = written.columns(&key.columns);
        let message =
            |name: &Ident| format!("column \"{}\" referenced in foreign key constraint does not exist", name.name);
        let mut numbers = Vec::with_capacity(columns.len());
        for name in columns.iter() {
            numbers.push(self.column_or_refuse(table, *name, message(name))?);
        }
        let mut delete_columns = Vec::new();
        for name in &key.delete_columns {
            delete_columns.push(self.column_or_refuse(table, *name, message(name))?);
        }
        let (referenced, index) = self.referenced_key(references, key)?;
        if referenced.len() != numbers.len() {
            let message = "number of referencing and referenced columns for foreign key disagree";
            return Err(self.refuse("42830", written.span(), message));
        }
        self.check_comparable(written, (table, &numbers), (references, &referenced))?;
        let name = self.foreign_key_name(table, constraint.name, &columns);
        let key = ForeignKey {
            columns: numbers,
            references,
            referenced_columns: referenced,
            index,
            on_update: key.on_update,
            on_delete: key.on_delete,
            delete_columns,
            match_full: key.match_full,
            period: key.with_period,
        };
        let constraint = Constraint {
            validated: constraint.enforced && (is_new_table || constraint.not_valid.is_none()),
            enforced: constraint.enforced,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            no_inherit: true,
            ..Constraint::new(table, ConstraintKind::ForeignKey(key))
        };
        self.make_foreign_key(Ident { name, span: written.span() }, constraint)
    }

    fn foreign_key_name(&self, table: ObjectId, written: Option<Ident>, columns: &[Ident]) -> Name {
        if let Some(name) = written {
            return name.name;
        }
        let names: Vec<Name> = columns.iter().map(|column| column.name).collect();
        self.choose_foreign_key_name(table, &names)
    }

    fn choose_foreign_key_name(&self, table: ObjectId, columns: &[Name]) -> Name {
        let Some(object) = self.now().get(table) else { return Name::default() };
        let schema = object.schema.expect("a table lives in a schema");
        self.choose_constraint_name(&object.name, Some(&join_names(columns)), "fkey", schema, &[])
    }

    fn check_referenced(&self, table: ObjectId, references: ObjectId, key: &syntax::ForeignKey) -> Effect<()> {
        let now = self.now();
        let (Some(own), Some(other)) = (now.get(table), now.get(references)) else { return Ok(()) };
        let span = key.references.name.span();
        let Some(relation) = other
            .as_relation()
            .filter(|relation| matches!(relation.class, RelationClass::Table | RelationClass::PartitionedTable))
        else {
            let message = format!("referenced relation \"{}\" is not a table", other.name);
            return Err(self
                .refuse("42809", span, message)
                .label(other.span, format!("it is a {}", other.kind_word())));
        };
        let persistence = own.as_relation().map(|own| own.persistence);
        let message = match (persistence, relation.persistence) {
            (Some(Persistence::Permanent), Persistence::Unlogged | Persistence::Temporary) => {
                "constraints on permanent tables may reference only permanent tables"
            }
            (Some(Persistence::Unlogged), Persistence::Temporary) => {
                "constraints on unlogged tables may reference only permanent or unlogged tables"
            }
            (Some(Persistence::Temporary), Persistence::Permanent | Persistence::Unlogged) => {
                "constraints on temporary tables may reference only temporary tables"
            }
            _ => return Ok(()),
        };
        Err(self.refuse("42P16", span, message))
    }

    /// The referenced columns, and the unique index over them.
    fn referenced_key(
        &mut self,
        references: ObjectId,
        key: &syntax::ForeignKey,
    ) -> Effect<(Vec<i16>, Option<ObjectId>)> {
        if key.referenced_columns.is_empty() {
            return self.referenced_primary_key(references, key);
        }
        let mut numbers = Vec::with_capacity(key.referenced_columns.len());
        for name in &key.referenced_columns {
            let message = format!("column \"{}\" referenced in foreign key constraint does not exist", name.name);
            numbers.push(self.column_or_refuse(references, *name, message)?);
        }
        for (at, name) in key.referenced_columns.iter().enumerate() {
            if numbers[..at].contains(&numbers[at]) {
                let message = "foreign key referenced-columns list must not contain duplicates";
                return Err(self.refuse("42830", name.span, message));
            }
        }
        match self.unique_index_over(references, &numbers) {
            Some((index, false)) => Ok((numbers, Some(index))),
            Some((_, true)) => {
                let name = self.now().get(references).map(|object| object.name).unwrap_or_default();
                let message = format!("cannot use a deferrable unique constraint for referenced table \"{name}\"");
                Err(self.refuse("55000", key.references.span, message))
            }
            None => Err(self.refuse_no_unique_key(references, key)),
        }
    }

    fn refuse_no_unique_key(&self, references: ObjectId, key: &syntax::ForeignKey) -> super::Stop {
        let Some(object) = self.now().get(references) else { return self.unknown("the table is gone") };
        let message =
            format!("there is no unique constraint matching given keys for referenced table \"{}\"", object.name);
        let columns: Vec<&str> = key.referenced_columns.iter().map(|column| column.as_str()).collect();
        let list = columns.join(", ");
        let span = key.referenced_columns.first().map_or(key.references.span, |first| {
            key.referenced_columns.iter().fold(first.span, |span, column| span.to(column.span))
        });
        let why = format!("no unique constraint or index of it is on exactly ({list})");
        self.refuse("42830", span, message)
            .label(object.span, why)
            .help(format!("alter table {} add unique ({list});", self.now().qualified_name(references)))
    }

    fn referenced_primary_key(
        &mut self,
        references: ObjectId,
        key: &syntax::ForeignKey,
    ) -> Effect<(Vec<i16>, Option<ObjectId>)> {
        let constraint = self.primary_key(references).and_then(|id| self.now().get(id)?.as_constraint());
        let Some(constraint) = constraint else {
            let name = self.now().get(references).map(|object| object.name).unwrap_or_default();
            let message = format!("there is no primary key for referenced table \"{name}\"");
            let span = key.references.name.span();
            return Err(self.refuse_because("42704", span, message, references, "it is made here without one"));
        };
        if constraint.deferrable {
            let name = self.now().get(references).map(|object| object.name).unwrap_or_default();
            let message = format!("cannot use a deferrable primary key for referenced table \"{name}\"");
            return Err(self.refuse("55000", key.references.name.span(), message));
        }
        Ok((constraint.kind.columns().to_vec(), constraint.kind.own_index()))
    }

    /// The first unique index over exactly these columns, in any order, and whether it is deferrable.
    pub(crate) fn unique_index_over(&self, table: ObjectId, columns: &[i16]) -> Option<(ObjectId, bool)> {
        let now = self.now();
        let mut deferrable = None;
        for (id, object) in now.attached(table) {
            let Some(index) = object.as_index().filter(|index| covers_exactly(index, columns)) else { continue };
            let constraint = index.constraint.and_then(|id| now.get(id)?.as_constraint());
            if constraint.is_none_or(|constraint| !constraint.deferrable) {
                return Some((id, false));
            }
            deferrable = Some((id, true));
        }
        deferrable
    }

    /// Makes a foreign key, with its copies for partitions on either side.
    fn make_foreign_key(&mut self, name: Ident, constraint: Constraint) -> Effect<()> {
        let id = self.add_constraint(constraint.of, name, constraint.clone(), Vec::new())?;
        self.copy_to_referenced_partitions(id, name, &constraint)?;
        for partition in self.partitions(constraint.of) {
            self.copy_foreign_key(id, name, &constraint, partition)?;
        }
        Ok(())
    }

    /// A foreign key to a partitioned table has a copy for each of that table's partitions.
    pub(crate) fn copy_to_referenced_partitions(
        &mut self,
        parent: ObjectId,
        name: Ident,
        constraint: &Constraint,
    ) -> Effect<()> {
        let ConstraintKind::ForeignKey(key) = &constraint.kind else { return Ok(()) };
        for partition in self.partitions(key.references) {
            self.copy_to_referenced_partition(parent, name, constraint, partition)?;
        }
        Ok(())
    }

    pub(crate) fn copy_to_referenced_partition(
        &mut self,
        parent: ObjectId,
        name: Ident,
        constraint: &Constraint,
        partition: ObjectId,
    ) -> Effect<()> {
        let ConstraintKind::ForeignKey(key) = &constraint.kind else { return Ok(()) };
        let map = self.columns_between(key.references, partition);
        let index = key.index.and_then(|index| self.partition_index(index, partition));
        let copy = ForeignKey {
            references: partition,
            referenced_columns: key.referenced_columns.iter().map(|&column| mapped(&map, column)).collect(),
            index,
            ..key.clone()
        };
        let copied = part_of(constraint, parent, constraint.of, copy);
        let copy_name = self.free_copy_name(constraint.of, name, key);
        let id = self.add_constraint(copied.of, copy_name, copied.clone(), Vec::new())?;
        self.copy_to_referenced_partitions(id, copy_name, &copied)
    }

    /// The index of a partition that is a part of `index`.
    pub(crate) fn partition_index(&self, index: ObjectId, partition: ObjectId) -> Option<ObjectId> {
        let is_part = |object: &Object| object.as_index().is_some_and(|it| it.parent == Some(index));
        self.now().attached(partition).find(|(_, object)| is_part(object)).map(|(id, _)| id)
    }

    /// Gives a partition its copy of a foreign key.
    pub(crate) fn copy_foreign_key(
        &mut self,
        parent: ObjectId,
        name: Ident,
        constraint: &Constraint,
        partition: ObjectId,
    ) -> Effect<()> {
        let ConstraintKind::ForeignKey(key) = &constraint.kind else { return Ok(()) };
        let map = self.columns_between(constraint.of, partition);
        let copy = ForeignKey {
            columns: key.columns.iter().map(|&column| mapped(&map, column)).collect(),
            delete_columns: key.delete_columns.iter().map(|&column| mapped(&map, column)).collect(),
            ..key.clone()
        };
        if let Some(existing) = self.equal_foreign_key(partition, &copy, constraint) {
            self.set_parent_constraint(existing, Some(parent));
            return Ok(());
        }
        let copy_name = self.free_copy_name(partition, name, &copy);
        let copied = part_of(constraint, parent, partition, copy);
        let id = self.add_constraint(partition, copy_name, copied.clone(), Vec::new())?;
        for child in self.partitions(partition) {
            self.copy_foreign_key(id, copy_name, &copied, child)?;
        }
        Ok(())
    }

    /// A foreign key of the partition that says the same, as ATTACH PARTITION takes it over.
    fn equal_foreign_key(&self, partition: ObjectId, copy: &ForeignKey, model: &Constraint) -> Option<ObjectId> {
        let is_equal = |object: &Object| {
            object.as_constraint().is_some_and(|it| match &it.kind {
                ConstraintKind::ForeignKey(key) => {
                    it.parent.is_none() && same_foreign_key(key, copy) && it.deferrable == model.deferrable
                }
                _ => false,
            })
        };
        self.now().attached(partition).find(|(_, object)| is_equal(object)).map(|(id, _)| id)
    }

    fn free_copy_name(&self, table: ObjectId, name: Ident, key: &ForeignKey) -> Ident {
        if self.constraint_named(table, name.name).is_none() {
            return name;
        }
        let columns: Vec<Name> =
            key.columns.iter().filter_map(|&number| self.column_at(table, number)).map(|column| column.name).collect();
        Ident { name: self.choose_foreign_key_name(table, &columns), span: name.span }
    }

    /// The foreign keys of a table that a new partition must have too, with what is needed to copy them.
    pub(crate) fn clone_foreign_keys(&mut self, table: ObjectId, partition: ObjectId) -> Effect<()> {
        for (id, name, constraint) in self.foreign_keys_to_clone(table) {
            self.copy_foreign_key(id, name, &constraint, partition)?;
        }
        Ok(())
    }

    fn foreign_keys_to_clone(&self, table: ObjectId) -> Vec<(ObjectId, Ident, Constraint)> {
        let now = self.now();
        let own = now.attached(table).filter_map(|(id, object)| {
            let constraint = object.as_constraint()?;
            // Copies for partitions of the referenced table are made anew from the one they are copies of.
            let copy = constraint.parent.and_then(|parent| now.get(parent)?.attached_to()) == Some(table);
            let is_key = matches!(constraint.kind, ConstraintKind::ForeignKey(_)) && !copy;
            is_key.then(|| (id, Ident { name: object.name, span: object.span }, constraint.clone()))
        });
        own.collect()
    }

    /// Gives the foreign keys that reference a partitioned table their copy for a new partition.
    pub(crate) fn clone_referencing_keys(&mut self, table: ObjectId, partition: ObjectId) -> Effect<()> {
        let now = self.now();
        let mut referencing: Vec<(ObjectId, Ident, Constraint)> = Vec::new();
        for (id, object, _) in now.dependents(table) {
            let Some(constraint) = object.as_constraint() else { continue };
            let references = matches!(&constraint.kind, ConstraintKind::ForeignKey(key) if key.references == table);
            if references && referencing.last().is_none_or(|(last, ..)| *last != id) {
                referencing.push((id, Ident { name: object.name, span: object.span }, constraint.clone()));
            }
        }
        for (id, name, constraint) in referencing {
            // The copies of the referencing table's partitions have no copies of their own.
            let from_partition = constraint.parent.and_then(|parent| self.now().get(parent)?.attached_to());
            if from_partition.is_none_or(|of| of == constraint.of) {
                self.copy_to_referenced_partition(id, name, &constraint, partition)?;
            }
        }
        Ok(())
    }
}

fn plain_key(number: i16) -> crate::catalog::IndexColumn {
    crate::catalog::IndexColumn {
        key: Key::Column(number),
        operator_class: None,
        operator_class_options: Vec::new(),
        collation: None,
        descending: false,
        nulls_first: false,
    }
}

/// Whether a unique index can serve a foreign key to these columns.
fn covers_exactly(index: &Index, columns: &[i16]) -> bool {
    index.unique
        && index.predicate.is_none()
        && index.keys.len() == columns.len()
        && index.keys.iter().all(|key| key.key.column().is_some_and(|column| columns.contains(&column)))
}

fn part_of(model: &Constraint, parent: ObjectId, of: ObjectId, key: ForeignKey) -> Constraint {
    Constraint {
        of,
        kind: ConstraintKind::ForeignKey(key),
        parent: Some(parent),
        inherited: 1,
        local: false,
        no_inherit: false,
        ..model.clone()
    }
}

fn same_foreign_key(a: &ForeignKey, b: &ForeignKey) -> bool {
    a.columns == b.columns
        && a.references == b.references
        && a.referenced_columns == b.referenced_columns
        && a.on_update == b.on_update
        && a.on_delete == b.on_delete
        && a.match_full == b.match_full
}

impl Replay {
    /// Refuses a foreign key between columns that no equality operator of the key's index compares.
    fn check_comparable(
        &self,
        written: Written<'_>,
        (table, columns): (ObjectId, &[i16]),
        (references, referenced): (ObjectId, &[i16]),
    ) -> Effect<()> {
        for (&own, &other) in columns.iter().zip(referenced) {
            let (Some(own), Some(other)) = (self.column_at(table, own), self.column_at(references, other)) else {
                continue;
            };
            let (Some(own_type), Some(other_type)) = (&own.ty, &other.ty) else { continue };
            if self.can_reference(own_type, other_type) {
                continue;
            }
            let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
            let name = written.constraint.name.map_or_else(|| of.to_string(), |name| name.name.to_string());
            let message = format!("foreign key constraint \"{name}\" cannot be implemented");
            let (own_shown, other_shown) = (self.type_name(own_type), self.type_name(other_type));
            let why = format!("{} is {other_shown}, {} is {own_shown}", other.name, own.name);
            return Err(self.refuse("42804", written.span(), message).label(other.span, why));
        }
        Ok(())
    }
}
