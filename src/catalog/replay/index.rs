//! Indexes: CREATE INDEX, those of keys, and those that partitions get.

use std::sync::Arc;

use super::naming::{distinct_column_names, figure_column_name, join_names};
use super::opclass::Known;
use super::{Effect, Replay};
use crate::catalog::analyze::tree::Node;
use crate::catalog::analyze::{self, Purpose, Scope};
use crate::catalog::{
    Constraint, ConstraintKind, Dependency, Index, IndexColumn, Key, Kind, Object, ObjectId, Outcome, Relation,
    RelationClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{CreateIndex, Definition, Expr, ExprKind, Ident, IndexElement, IndexKey, Name, QualifiedName};

/// An index to make, with its constraint.
#[derive(Clone)]
pub(crate) struct IndexSpec {
    /// As written; `None`: the server chooses one.
    pub name: Option<Ident>,
    /// Its place where it has no name.
    pub span: Span,
    pub table: ObjectId,
    pub access_method: Ident,
    pub unique: bool,
    pub primary: bool,
    pub nulls_not_distinct: bool,
    pub keys: Vec<IndexColumn>,
    pub include: Vec<i16>,
    /// The names of keys and included columns that a chosen name is made of.
    pub column_names: Vec<Name>,
    pub predicate: Option<Arc<Expr>>,
    pub options: Vec<(Name, Arc<str>)>,
    pub tablespace: Option<Name>,
    pub constraint: Option<KeySpec>,
    /// ONLY: partitions get none.
    pub only: bool,
    /// What expressions and predicate need.
    pub depends: Vec<Dependency>,
}

/// The constraint that an index is for.
#[derive(Clone)]
pub(crate) struct KeySpec {
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// The operators of EXCLUDE; `None` for PRIMARY KEY and UNIQUE.
    pub operators: Option<Vec<Name>>,
}

/// The index, and the constraint, of the partitioned table that a new index is a part of.
#[derive(Clone, Copy)]
pub(crate) struct ParentIndex {
    pub index: ObjectId,
    pub constraint: Option<ObjectId>,
}

/// The type of an expression, and the column where it is nothing but one.
type ExpressionType = (Option<TypeRef>, Option<i16>);

/// `(a collate "C")` is kept as `a` with that collation.
fn without_collation(mut expr: &Expr) -> (&Expr, Option<&QualifiedName>) {
    let mut outermost = None;
    while let ExprKind::Collate(collate) = &expr.kind {
        outermost = outermost.or(Some(&collate.collation));
        expr = &collate.expr;
    }
    (expr, outermost)
}

impl Replay {
    pub(super) fn create_index(&mut self, create: &CreateIndex, span: Span) -> Effect {
        if let Some(word) = create.concurrently {
            self.refuse_in_block("CREATE INDEX CONCURRENTLY", word)?;
        }
        let table = self.relation(&create.relation.name)?;
        let spec = self.index_spec(table, create, span)?;
        self.check_partition_columns(&spec)?;
        if create.if_not_exists && self.index_exists(&spec) {
            return Ok(Outcome::Skipped);
        }
        self.make_index(spec, None)?;
        Ok(Outcome::Done)
    }

    fn index_exists(&self, spec: &IndexSpec) -> bool {
        let schema = self.now().get(spec.table).and_then(|table| table.schema);
        spec.name.zip(schema).is_some_and(|(name, schema)| self.relation_in(schema, name.name).is_some())
    }

    fn check_indexable(&self, table: ObjectId, create: &CreateIndex) -> Effect<()> {
        let Some(object) = self.now().get(table) else { return Ok(()) };
        let class = object.as_relation().map(|relation| relation.class);
        let name = object.name;
        match class {
            Some(RelationClass::PartitionedTable) if create.concurrently.is_some() => {
                let message = format!("cannot create index on partitioned table \"{name}\" concurrently");
                Err(self.refuse("0A000", create.concurrently.unwrap_or(create.relation.span), message))
            }
            Some(RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView) => Ok(()),
            _ => {
                let message = format!("cannot create index on relation \"{name}\"");
                let why = format!("it is a {}", object.kind_word());
                Err(self.refuse("42809", create.relation.name.span(), message).label(object.span, why))
            }
        }
    }

    fn index_spec(&mut self, table: ObjectId, create: &CreateIndex, span: Span) -> Effect<IndexSpec> {
        let access_method = create.access_method.unwrap_or_else(|| Ident::new("btree", span));
        let mut spec = IndexSpec {
            name: create.name,
            span: create.name.map_or(create.relation.span, |name| name.span),
            table,
            access_method,
            unique: create.unique,
            primary: false,
            nulls_not_distinct: create.nulls_not_distinct,
            keys: Vec::new(),
            include: Vec::new(),
            column_names: Vec::new(),
            predicate: None,
            options: options_of(&create.options),
            tablespace: create.tablespace.map(|tablespace| tablespace.name),
            constraint: None,
            only: create.relation.only,
            depends: Vec::new(),
        };
        // transformIndexStmt comes before DefineIndex: the server looks at nothing else before the predicate and the
        // expressions make sense.
        self.add_predicate(&mut spec, create.filter.as_ref())?;
        let types = self.index_expressions(&mut spec, &create.elements)?;
        self.check_indexable(table, create)?;
        create.tablespace.map_or(Ok(()), |tablespace| self.check_tablespace(tablespace))?;
        if let Some(method) = self.access_method(access_method)? {
            self.check_method(&method, create, access_method)?;
        }
        self.add_resolved_keys(&mut spec, &create.elements, types)?;
        self.add_included(&mut spec, &create.include)?;
        Ok(spec)
    }

    fn check_method(
        &self,
        method: &crate::catalog::baseline::SystemMethod,
        create: &CreateIndex,
        name: Ident,
    ) -> Effect<()> {
        let lacks = if create.unique && !method.unique {
            "unique indexes"
        } else if !create.include.is_empty() && !method.include {
            "included columns"
        } else if create.elements.len() > 1 && !method.several_columns {
            "multicolumn indexes"
        } else {
            return Ok(());
        };
        Err(self.refuse("0A000", name.span, format!("access method \"{}\" does not support {lacks}", name.name)))
    }

    /// What an access method without an order makes of one.
    fn check_order(&self, method: Ident, element: &IndexElement) -> Effect<()> {
        let lacks = match element.nulls_first {
            _ if element.descending => "ASC/DESC options",
            Some(_) => "NULLS FIRST/LAST options",
            None => return Ok(()),
        };
        match crate::catalog::baseline::access_method(&method.name, self.settings.version) {
            Some(known) if !known.order => {
                let message = format!("access method \"{}\" does not support {lacks}", method.name);
                Err(self.refuse("0A000", element.span, message))
            }
            _ => Ok(()),
        }
    }

    /// Resolves the elements of CREATE INDEX or EXCLUDE and adds them as keys.
    pub(crate) fn add_index_keys(&mut self, spec: &mut IndexSpec, elements: &[IndexElement]) -> Effect<()> {
        let types = self.index_expressions(spec, elements)?;
        self.add_resolved_keys(spec, elements, types)
    }

    /// The types of the elements that are expressions.
    fn index_expressions(&mut self, spec: &mut IndexSpec, elements: &[IndexElement]) -> Effect<Vec<ExpressionType>> {
        let types = elements.iter().map(|element| match &element.key {
            IndexKey::Expr(expr) => self.index_expression(spec, without_collation(expr).0),
            IndexKey::Column(_) => Ok((None, None)),
        });
        types.collect()
    }

    fn add_resolved_keys(
        &mut self,
        spec: &mut IndexSpec,
        elements: &[IndexElement],
        types: Vec<ExpressionType>,
    ) -> Effect<()> {
        for (element, (ty, column)) in elements.iter().zip(types) {
            let (key, ty, collation) = match (&element.key, column) {
                (IndexKey::Expr(expr), None) => (Key::Expr(Arc::new(without_collation(expr).0.clone())), ty, None),
                (key, column) => {
                    let number = match (column, key) {
                        (None, IndexKey::Column(name)) => self.index_column(spec.table, *name)?,
                        (number, _) => number.unwrap_or_default(),
                    };
                    let column = self.column_at(spec.table, number);
                    let ty = column.as_ref().and_then(|column| column.ty.clone());
                    (Key::Column(number), ty, column.and_then(|column| column.collation))
                }
            };
            let within = match &element.key {
                IndexKey::Expr(expr) => without_collation(expr).1,
                IndexKey::Column(_) => None,
            };
            if let Some(written) = element.collation.as_deref().or(within) {
                self.check_collatable(ty.as_ref(), written)?;
            }
            let operator_class = self.operator_class(spec.access_method, element, ty.as_ref())?;
            self.check_order(spec.access_method, element)?;
            let used = operator_class.or_else(|| self.default_class_name(spec.access_method, ty.as_ref()));
            spec.depends.extend(used.and_then(|class| self.need_of_class(spec.access_method, class)));
            let written = element.collation.as_deref().or(within).map(|collation| collation.name.name);
            spec.keys.push(IndexColumn {
                key,
                operator_class,
                operator_class_options: options_of(&element.operator_class_options),
                collation: written
                    .filter(|written| Some(*written) != collation.or_else(|| self.own_collation(ty.as_ref()))),
                descending: element.descending,
                nulls_first: element.nulls_first.unwrap_or(element.descending),
            });
            spec.column_names.push(element_name(element));
        }
        Ok(())
    }

    /// The collation of a type whose own is not `default`.
    fn own_collation(&self, ty: Option<&TypeRef>) -> Option<Name> {
        let object = self.now().get(ty?.id)?;
        let word = match object.name.as_str() {
            "name" => "C",
            "text" | "varchar" | "bpchar" | "citext" => "default",
            _ => return None,
        };
        Some(Name::from(word))
    }

    /// The type of an expression, and the column where it is nothing but one: `((a))`.
    fn index_expression(&mut self, spec: &mut IndexSpec, expr: &Expr) -> Effect<ExpressionType> {
        let scope = Scope::of(self.now(), spec.table);
        let analysis = self.analyze(&scope, expr, &Purpose::Index)?;
        spec.depends.extend(self.needs_beyond(&analysis, spec.table));
        let column = match &analysis.expr.node {
            Node::Var(var) if var.column > 0 => Some(var.column),
            _ => None,
        };
        Ok((analysis.ty(), column))
    }

    fn add_predicate(&mut self, spec: &mut IndexSpec, filter: Option<&Expr>) -> Effect<()> {
        let Some(filter) = filter else { return Ok(()) };
        let scope = Scope::of(self.now(), spec.table);
        let analysis = self.analyze(&scope, filter, &Purpose::IndexPredicate)?;
        spec.depends.extend(self.needs_beyond(&analysis, spec.table));
        spec.predicate = Some(Arc::new(filter.clone()));
        Ok(())
    }

    /// Resolves the WHERE of an exclusion constraint.
    pub(crate) fn add_exclusion_predicate(&mut self, spec: &mut IndexSpec, filter: Option<&Expr>) -> Effect<()> {
        self.add_predicate(spec, filter)
    }

    /// What an expression of a relation needs: its own columns go with it quietly, all else does not.
    pub(crate) fn needs_beyond(&self, analysis: &analyze::ExprAnalysis, table: ObjectId) -> Vec<Dependency> {
        let needs = analysis.needs().dependencies().into_iter();
        let own = |need: &Dependency| need.on == table;
        needs
            .filter(|need| !(own(need) && need.column.is_none()))
            .map(
                |need| {
                    if own(&need) { Dependency { kind: crate::catalog::DependencyKind::Auto, ..need } } else { need }
                },
            )
            .collect()
    }

    fn add_included(&mut self, spec: &mut IndexSpec, elements: &[IndexElement]) -> Effect<()> {
        for element in elements {
            match &element.key {
                IndexKey::Column(name) => {
                    let number = self.index_column(spec.table, *name)?;
                    spec.include.push(number);
                    spec.column_names.push(name.name);
                }
                IndexKey::Expr(expr) => {
                    let message = "expressions are not supported in included columns";
                    return Err(self.refuse("0A000", expr.span, message));
                }
            }
        }
        Ok(())
    }

    /// A column named in an index; the refusal speaks of no relation.
    pub(crate) fn index_column(&mut self, table: ObjectId, name: Ident) -> Effect<i16> {
        if let Some(number) = system_column(name.name) {
            if number == TABLEOID {
                return Ok(number);
            }
            return Err(self.refuse("0A000", name.span, "index creation on system columns is not supported"));
        }
        let number = self.column_or_refuse(table, name, format!("column \"{}\" does not exist", name.name))?;
        let generated = self.column_at(table, number).and_then(|column| column.generated.clone());
        if generated.is_some_and(|generated| !generated.stored) {
            let message = "indexes on virtual generated columns are not supported";
            return Err(self.refuse("0A000", name.span, message).help("make it STORED"));
        }
        Ok(number)
    }

    /// The number of a column, or 42703 in the words of the statement.
    pub(crate) fn column_or_refuse(&mut self, table: ObjectId, name: Ident, message: String) -> Effect<i16> {
        let relation = self.now().get(table).and_then(|object| object.as_relation());
        match relation.and_then(|relation| relation.column(name.name)) {
            Some(column) => Ok(column.number),
            None if relation.is_some_and(|relation| relation.columns_known) => {
                Err(self.refuse_missing_column(table, name, message))
            }
            None => Err(self.unknown("not all columns of the relation are known")),
        }
    }

    pub(crate) fn column_at(&self, table: ObjectId, number: i16) -> Option<Arc<crate::catalog::Column>> {
        self.now().get(table)?.as_relation()?.column_number(number).cloned()
    }

    /// The operator class to keep: `None` where it is the type's default.
    fn operator_class(&mut self, method: Ident, element: &IndexElement, ty: Option<&TypeRef>) -> Effect<Option<Name>> {
        let default = ty.map_or(Known::Unknown, |ty| self.default_operator_class(&method.name, ty));
        let Some(written) = &element.operator_class else {
            return match (default, ty) {
                (Known::No, Some(ty)) => Err(self.refuse_no_default_class(method, element.span, ty)),
                _ => Ok(None),
            };
        };
        self.check_operator_class(&method.name, written, ty)?;
        Ok(Some(written.name.name).filter(|written| default != Known::Yes(*written)))
    }

    fn default_class_name(&self, method: Ident, ty: Option<&TypeRef>) -> Option<Name> {
        match self.default_operator_class(&method.name, ty?) {
            Known::Yes(class) => Some(class),
            _ => None,
        }
    }

    fn refuse_no_default_class(&self, method: Ident, span: Span, ty: &TypeRef) -> super::Stop {
        let (ty, method) = (self.type_name(ty), method.name);
        let message = format!("data type {ty} has no default operator class for access method \"{method}\"");
        self.refuse("42704", span, message).help("name an operator class, or choose another access method")
    }

    /// Makes an index with its constraint, and those of the partitions.
    pub(crate) fn make_index(&mut self, spec: IndexSpec, parent: Option<ParentIndex>) -> Effect<ObjectId> {
        self.check_partition_columns(&spec)?;
        let now = self.now();
        let Some(table) = now.get(spec.table).cloned() else { return Err(self.unknown("the table is gone")) };
        let partitions = self.partitions(spec.table);
        let name = self.index_name(&spec, &table);
        let index = Index {
            table: spec.table,
            access_method: spec.access_method.name,
            unique: spec.unique,
            primary: spec.primary,
            exclusion: spec.constraint.as_ref().is_some_and(|constraint| constraint.operators.is_some()),
            nulls_not_distinct: spec.nulls_not_distinct,
            keys: spec.keys.clone(),
            include: spec.include.clone(),
            predicate: spec.predicate.clone(),
            options: spec.options.clone(),
            tablespace: spec.tablespace,
            valid: !spec.only || partitions.is_empty(),
            parent: parent.map(|parent| parent.index),
            constraint: None,
            clustered: false,
        };
        let mut object = Object::new(name.name, table.schema, Kind::Index(index));
        object.span = name.span;
        object.owner = table.owner;
        object.depends.clone_from(&spec.depends);
        let index = self.create(object)?;
        let constraint = match &spec.constraint {
            Some(key) => {
                Some(self.make_key_constraint(&spec, key, index, name, parent.and_then(|it| it.constraint))?)
            }
            None => None,
        };
        if !spec.only {
            let made = ParentIndex { index, constraint };
            for partition in partitions {
                self.index_partition(&spec, made, partition)?;
            }
        }
        Ok(index)
    }

    fn index_name(&self, spec: &IndexSpec, table: &Object) -> Ident {
        if let Some(name) = spec.name {
            return name;
        }
        let schema = table.schema.expect("a table lives in a schema");
        let joined = join_names(&distinct_column_names(&spec.column_names));
        let name = match &spec.constraint {
            Some(_) if spec.primary => self.choose_relation_name(&table.name, None, "pkey", schema, true),
            Some(key) => {
                let label = if key.operators.is_some() { "excl" } else { "key" };
                self.choose_relation_name(&table.name, Some(&joined), label, schema, true)
            }
            None => self.choose_relation_name(&table.name, Some(&joined), "idx", schema, false),
        };
        Ident { name, span: spec.span }
    }

    fn make_key_constraint(
        &mut self,
        spec: &IndexSpec,
        key: &KeySpec,
        index: ObjectId,
        name: Ident,
        parent: Option<ObjectId>,
    ) -> Effect<ObjectId> {
        let columns: Vec<i16> = spec.keys.iter().map(|key| key.key.column().unwrap_or(0)).collect();
        let kind = match &key.operators {
            Some(operators) => ConstraintKind::Exclude { columns, index, operators: operators.clone() },
            None if spec.primary => ConstraintKind::Primary { columns, index },
            None => ConstraintKind::Unique { columns, index },
        };
        let constraint = Constraint {
            of: spec.table,
            kind,
            validated: true,
            enforced: true,
            deferrable: key.deferrable,
            initially_deferred: key.initially_deferred,
            no_inherit: parent.is_none() && !self.is_partitioned(spec.table),
            parent,
            inherited: u16::from(parent.is_some()),
            local: parent.is_none(),
        };
        let mut object = Object::new(
            name.name,
            self.now().get(spec.table).and_then(|table| table.schema),
            Kind::Constraint(constraint),
        );
        object.span = name.span;
        let id = self.create(object)?;
        self.catalog.modify(index, |object| {
            if let Kind::Index(index) = &mut object.kind {
                index.constraint = Some(id);
            }
        });
        Ok(id)
    }
}

/// attnum of `tableoid`.
const TABLEOID: i16 = -6;

/// The number of a system column.
pub(crate) fn system_column(name: Name) -> Option<i16> {
    Some(match name.as_str() {
        "ctid" => -1,
        "xmin" => -2,
        "cmin" => -3,
        "xmax" => -4,
        "cmax" => -5,
        "tableoid" => TABLEOID,
        _ => return None,
    })
}

/// What an element is called in a generated name.
fn element_name(element: &IndexElement) -> Name {
    match &element.key {
        IndexKey::Column(name) => name.name,
        IndexKey::Expr(expr) => figure_column_name(expr).unwrap_or_else(|| Name::from("expr")),
    }
}

/// Options as reloptions holds them: `toast.` before those of the TOAST table, `oids` left out.
pub(crate) fn options_of(definitions: &[Definition]) -> Vec<(Name, Arc<str>)> {
    let text = |definition: &Definition| match &definition.value {
        Some(value) => value.text().map(Arc::from),
        None => Some(Arc::from("true")),
    };
    let name = |definition: &Definition| match definition.namespace {
        Some(namespace) => Name::from(&format!("{namespace}.{}", definition.name.name)),
        None => definition.name.name,
    };
    let written = definitions.iter().filter(|definition| definition.name.as_str() != "oids");
    written.filter_map(|definition| Some((name(definition), text(definition)?))).collect()
}

/// SET or RESET of options: those set anew go last.
pub(crate) fn change_options(options: &mut Vec<(Name, Arc<str>)>, definitions: &[Definition], reset: bool) {
    let changed = options_of(definitions);
    options.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    if !reset {
        options.extend(changed);
    }
}

impl Replay {
    /// Whether a table is partitioned.
    pub(crate) fn is_partitioned(&self, table: ObjectId) -> bool {
        let relation = self.now().get(table).and_then(|object| object.as_relation());
        relation.is_some_and(|relation| relation.class == RelationClass::PartitionedTable)
    }

    /// A unique index of a partitioned table must hold the whole partition key.
    fn check_partition_columns(&self, spec: &IndexSpec) -> Effect<()> {
        let exclusion = spec.constraint.as_ref().is_some_and(|constraint| constraint.operators.is_some());
        if !spec.unique && !exclusion {
            return Ok(());
        }
        let Some(relation) = self.now().get(spec.table).and_then(|object| object.as_relation()) else { return Ok(()) };
        let Some(partition_key) = &relation.partition_key else { return Ok(()) };
        let constraint = if spec.primary {
            "PRIMARY KEY"
        } else if exclusion {
            "EXCLUDE"
        } else {
            "UNIQUE"
        };
        if partition_key.keys.iter().any(|key| key.column().is_none()) {
            let message = format!("unsupported {constraint} constraint with partition key definition");
            return Err(self.refuse("0A000", spec.span, message));
        }
        let in_index = |column: i16| spec.keys.iter().any(|key| key.key.column() == Some(column));
        let missing = partition_key.keys.iter().filter_map(Key::column).find(|column| !in_index(*column));
        let Some(missing) = missing else { return Ok(()) };
        let column = self.column_at(spec.table, missing);
        let message = "unique constraint on partitioned table must include all partitioning columns";
        let why = column.as_ref().map(|column| format!("{} is part of the partition key", column.name));
        let place = column.map_or(Span::NONE, |column| column.span);
        Err(self.refuse("0A000", spec.span, message).label(place, why.unwrap_or_default()))
    }
}

/// Whether two relations' columns correspond by name: a map from numbers of one to those of the other.
pub(crate) fn column_map(from: &Relation, to: &Relation) -> Vec<(i16, i16)> {
    let pair = |column: &Arc<crate::catalog::Column>| Some((column.number, to.column(column.name)?.number));
    from.columns.iter().filter_map(pair).collect()
}
