//! Types: finding the one that is written, CREATE TYPE, ALTER TYPE, domains.

use std::sync::Arc;

use super::depend::change_column;
use super::{Effect, Replay};
use crate::catalog::baseline::{column, relation};
use crate::catalog::{
    Column, ConstraintKind, Dependency, EnumLabel, Kind, NameKey, NameSpace, Object, ObjectId, Outcome, Part,
    RelationClass, Type, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{
    AlterEnum, AttributeAction, AttributeActionKind, ColumnShape, DropBehavior, EnumPosition, Expr, ExprKind, Ident,
    LONGEST_NAME, Label, Name, QualifiedName, TypeName,
};

/// The types of the system that have a typmodin function.
const TAKES_MODIFIERS: &[&str] =
    &["varchar", "bpchar", "bit", "varbit", "numeric", "timestamp", "timestamptz", "time", "timetz", "interval"];

impl Replay {
    /// The type that is written, or the refusal that the server gives for a type that is not there.
    pub(crate) fn resolve_type(&mut self, ty: &TypeName) -> Effect<TypeRef> {
        if ty.percent_type {
            return self.type_of_column(ty);
        }
        let name = qualified(ty)?;
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        let Some((id, implied_array)) = self.find_type_or_array(&name) else {
            return Err(self.refuse_no_type(ty, &name));
        };
        let array = implied_array || ty.array_dimensions > 0;
        if array && !implied_array && !self.has_array_type(id) {
            let message = format!("type \"{name}[]\" does not exist");
            return Err(self.refuse("42704", ty.span, message));
        }
        let mut modifiers = modifiers(&ty.modifiers);
        if !ty.modifiers.is_empty() {
            self.check_modifiers(id, ty, &modifiers)?;
            self.limit_precision(id, &mut modifiers);
        }
        Ok(TypeRef { id, modifiers, array })
    }

    /// Times are kept to the microsecond; more is taken for that, with a warning.
    fn limit_precision(&self, id: ObjectId, modifiers: &mut [i32]) {
        let name = self.now().get(id).map(|object| object.name).unwrap_or_default();
        if let (["timestamp" | "timestamptz" | "time" | "timetz"], [precision]) = ([name.as_str()], modifiers) {
            *precision = (*precision).min(6);
        }
    }

    /// What a type of the system makes of its modifiers (the typmodin function of each).
    fn check_modifiers(&self, id: ObjectId, ty: &TypeName, modifiers: &[i32]) -> Effect<()> {
        let is_of_system =
            |it: &&Arc<Object>| it.extension.is_none() && self.now().schema_name(it).as_str() == "pg_catalog";
        let Some(object) = self.now().get(id).filter(is_of_system) else { return Ok(()) };
        let refuse = |message: String| Err(self.refuse("22023", ty.span, message));
        let name = object.name.as_str();
        match (name, modifiers) {
            ("varchar" | "bpchar" | "bit" | "varbit", &[length]) => {
                let (shown, most) = match name {
                    "bpchar" => ("char", 10_485_760),
                    "varchar" => ("varchar", 10_485_760),
                    _ => (name, 83_886_080),
                };
                if length < 1 {
                    return refuse(format!("length for type {shown} must be at least 1"));
                }
                if length > most {
                    return refuse(format!("length for type {shown} cannot exceed {most}"));
                }
                Ok(())
            }
            ("numeric", &[precision, ref scale @ ..]) => {
                if !(1..=1000).contains(&precision) {
                    return refuse(format!("NUMERIC precision {precision} must be between 1 and 1000"));
                }
                match *scale {
                    // Since 15 more places may be kept than there are, or fewer than none.
                    [scale] if self.settings.version >= 15 && !(-1000..=1000).contains(&scale) => {
                        refuse(format!("NUMERIC scale {scale} must be between -1000 and 1000"))
                    }
                    [scale] if self.settings.version < 15 && !(0..=precision).contains(&scale) => {
                        refuse(format!("NUMERIC scale {scale} must be between 0 and precision {precision}"))
                    }
                    [] | [_] => Ok(()),
                    _ => refuse("invalid NUMERIC type modifier".to_owned()),
                }
            }
            _ if TAKES_MODIFIERS.contains(&name) => Ok(()),
            _ => {
                let shown = self.now().type_name(&TypeRef { id, modifiers: Vec::new(), array: false });
                let message = format!("type modifier is not allowed for type \"{shown}\"");
                Err(self.refuse("42601", ty.span, message))
            }
        }
    }

    /// `table.column%TYPE`.
    fn type_of_column(&mut self, ty: &TypeName) -> Effect<TypeRef> {
        let [before @ .., column] = &*ty.parts else { return Err(self.unknown("the type has no name")) };
        let (Some(&relation), schema) = (before.last(), before.iter().rev().nth(1).copied()) else {
            let message = "improper %TYPE reference (too few dotted names)";
            return Err(self.refuse("42601", ty.span, message));
        };
        let relation = self.relation_read(&QualifiedName { database: None, schema, name: relation })?;
        let number = self.column_of(relation, *column)?;
        let found = self.now().column(relation, number).and_then(|column| column.ty.clone());
        let Some(found) = found else { return Err(self.unknown("the column's type is not known")) };
        Ok(TypeRef { modifiers: Vec::new(), array: found.array || ty.array_dimensions > 0, ..found })
    }

    /// The type of this name; of `_name`, the array of it.
    pub(crate) fn find_type_or_array(&self, name: &QualifiedName) -> Option<(ObjectId, bool)> {
        if let Some(id) = self.find_type(name) {
            return Some((id, false));
        }
        let element = name.name.as_str().strip_prefix('_')?;
        let element = QualifiedName { name: Ident::new(element, name.name.span), ..name.clone() };
        let id = self.find_type(&element).filter(|&id| self.has_array_type(id))?;
        Some((id, true))
    }

    /// Pseudo-types have no arrays, but for `record` and `cstring`.
    fn has_array_type(&self, id: ObjectId) -> bool {
        let Some(object) = self.now().get(id) else { return false };
        let pseudo = object.as_type().is_some_and(|ty| matches!(ty.class, TypeClass::Pseudo));
        !pseudo || matches!(object.name.as_str(), "record" | "cstring")
    }

    fn refuse_no_type(&mut self, ty: &TypeName, name: &QualifiedName) -> super::Stop {
        if self.extension_may_have_made(NameSpace::Type, name) {
            return self.unknown("an extension whose types are not known may have made it");
        }
        let brackets = if ty.array_dimensions > 0 { "[]" } else { "" };
        let message = format!("type \"{name}{brackets}\" does not exist");
        self.refuse_no_such("42704", NameSpace::Type, name, message)
    }

    /// The object of a type that a statement names.
    pub(crate) fn resolve_type_object(&mut self, ty: &TypeName) -> Effect<ObjectId> {
        let name = qualified(ty)?;
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        match self.find_type(&name) {
            Some(id) => Ok(id),
            None => Err(self.refuse_no_type(ty, &name)),
        }
    }

    fn named_type(&mut self, name: &QualifiedName) -> Effect<ObjectId> {
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        match self.find_type(name) {
            Some(id) => Ok(id),
            None => {
                let message = format!("type \"{name}\" does not exist");
                Err(self.refuse_no_such("42704", NameSpace::Type, name, message))
            }
        }
    }

    // --- enums ------------------------------------------------------------------------------------

    pub(super) fn create_enum(&mut self, name: &QualifiedName, labels: &[Label]) -> Effect {
        let schema = self.schema_for_new(name)?;
        self.check_name_of_type(name, schema, 'E')?;
        for (number, label) in labels.iter().enumerate() {
            self.check_label(label)?;
            if let Some(first) = labels[..number].iter().find(|other| other.text == label.text) {
                let message = format!("enum label \"{}\" used more than once", label.text);
                let sqlstate = if self.settings.version >= 19 { "42710" } else { "23505" };
                return Err(self.refuse(sqlstate, label.span, message).label(first.span, "first used here"));
            }
        }
        let label = |label: &Label| EnumLabel { text: Arc::from(&*label.text), span: label.span, added_in: 0 };
        let class = TypeClass::Enum { labels: labels.iter().map(label).collect() };
        self.create_type(name.name, schema, class, 'E')?;
        Ok(Outcome::Done)
    }

    /// Whether a type may be made under a name; asked before the rest of the statement is looked at.
    fn check_name_of_type(&mut self, name: &QualifiedName, schema: ObjectId, category: char) -> Effect<()> {
        self.make_room_for_type(schema, name.name.name);
        let kind = Kind::Type(Type { class: TypeClass::Base, category, preferred: false });
        let object = Object { span: name.name.span, ..Object::new(name.name.name, Some(schema), kind) };
        self.check_free(&object)
    }

    fn check_label(&self, label: &Label) -> Effect<()> {
        if label.text.len() > LONGEST_NAME {
            let message = format!("invalid enum label \"{}\"", label.text);
            return Err(self.refuse("42602", label.span, message).help("labels must be 63 bytes or less"));
        }
        Ok(())
    }

    /// Makes a type of the current role.
    pub(crate) fn create_type(
        &mut self,
        name: Ident,
        schema: ObjectId,
        class: TypeClass,
        category: char,
    ) -> Effect<ObjectId> {
        self.make_room_for_type(schema, name.name);
        let kind = Kind::Type(Type { class, category, preferred: false });
        let object = self.owned(name, Some(schema), kind);
        self.create(object)
    }

    /// A shell type gives way to the type that is now made.
    fn make_room_for_type(&mut self, schema: ObjectId, name: Name) {
        let key = NameKey { space: NameSpace::Type, parent: Some(schema), name };
        let Some(&taken) = self.now().named(key).first() else { return };
        if self.is_shell(taken) {
            self.erase(taken);
        }
    }

    fn is_shell(&self, id: ObjectId) -> bool {
        let ty = self.now().get(id).and_then(|object| object.as_type());
        ty.is_some_and(|ty| matches!(ty.class, TypeClass::Base) && ty.category == SHELL)
    }

    pub(super) fn alter_enum(&mut self, alter: &AlterEnum) -> Effect {
        match alter {
            AlterEnum::Add { name, label, if_not_exists, neighbor } => {
                self.add_enum_value(name, label, *if_not_exists, neighbor.as_ref())
            }
            AlterEnum::Rename { name, from, to } => self.rename_enum_value(name, from, to),
        }
    }

    fn enum_labels(&mut self, name: &QualifiedName) -> Effect<(ObjectId, Vec<EnumLabel>)> {
        let id = self.named_type(name)?;
        let class = self.now().get(id).and_then(|object| object.as_type()).map(|ty| &ty.class);
        match class {
            Some(TypeClass::Enum { labels }) => Ok((id, labels.clone())),
            _ => Err(self.refuse("42809", name.span(), format!("{name} is not an enum"))),
        }
    }

    fn add_enum_value(
        &mut self,
        name: &QualifiedName,
        label: &Label,
        if_not_exists: bool,
        neighbor: Option<&(EnumPosition, Label)>,
    ) -> Effect {
        let (id, mut labels) = self.enum_labels(name)?;
        self.check_label(label)?;
        if let Some(taken) = labels.iter().find(|known| *known.text == *label.text) {
            if if_not_exists {
                return Ok(Outcome::Skipped);
            }
            let message = format!("enum label \"{}\" already exists", label.text);
            return Err(self.refuse("42710", label.span, message).label(taken.span, "added here"));
        }
        let position = match neighbor {
            None => labels.len(),
            Some((position, neighbor)) => {
                let Some(at) = labels.iter().position(|known| *known.text == *neighbor.text) else {
                    return Err(self.refuse_no_label(neighbor));
                };
                if *position == EnumPosition::Before { at } else { at + 1 }
            }
        };
        // Since 17 a value of an enum that the same transaction made can be used at once.
        let new_type = self.settings.version >= 17 && self.made_in_this_transaction(id);
        let added_in = if new_type { 0 } else { self.transaction.number };
        labels.insert(position, EnumLabel { text: Arc::from(&*label.text), span: label.span, added_in });
        self.set_labels(id, labels);
        Ok(Outcome::Done)
    }

    fn rename_enum_value(&mut self, name: &QualifiedName, from: &Label, to: &Label) -> Effect {
        let (id, mut labels) = self.enum_labels(name)?;
        self.check_label(to)?;
        let Some(at) = labels.iter().position(|known| *known.text == *from.text) else {
            return Err(self.refuse_no_label(from));
        };
        if let Some(taken) = labels.iter().find(|known| *known.text == *to.text) {
            let message = format!("enum label \"{}\" already exists", to.text);
            return Err(self.refuse("42710", to.span, message).label(taken.span, "added here"));
        }
        labels[at].text = Arc::from(&*to.text);
        self.set_labels(id, labels);
        Ok(Outcome::Done)
    }

    fn refuse_no_label(&self, label: &Label) -> super::Stop {
        self.refuse("22023", label.span, format!("\"{}\" is not an existing enum label", label.text))
    }

    fn set_labels(&mut self, id: ObjectId, new: Vec<EnumLabel>) {
        self.catalog.modify(id, |object| {
            if let Kind::Type(Type { class: TypeClass::Enum { labels }, .. }) = &mut object.kind {
                *labels = new;
            }
        });
    }

    /// Whether the open transaction made the object.
    pub(crate) fn made_in_this_transaction(&self, id: ObjectId) -> bool {
        let made = self.now().made_by(id).and_then(|statement| self.catalog.statement(statement));
        made.is_some_and(|made| made.transaction == self.transaction.number)
    }

    // --- composite types --------------------------------------------------------------------------

    pub(super) fn create_composite_type(&mut self, name: &QualifiedName, attributes: &[ColumnShape]) -> Effect {
        let schema = self.schema_for_new(name)?;
        let key = NameKey { space: NameSpace::Type, parent: Some(schema), name: name.name.name };
        if let Some(&taken) = self.now().named(key).first().filter(|&&taken| !self.is_shell(taken)) {
            let message = format!("type \"{}\" already exists", name.name.name);
            return Err(self.refuse_because("42710", name.name.span, message, taken, "made here"));
        }
        let mut columns: Vec<Arc<Column>> = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            if let Some(first) = columns.iter().find(|column| column.name == attribute.name.name) {
                let message = format!("column \"{}\" specified more than once", attribute.name.name);
                let place = first.span;
                return Err(self.refuse("42701", attribute.name.span, message).label(place, "first here"));
            }
            let number = columns.len() as i16 + 1;
            columns.push(Arc::new(self.attribute(attribute.name, &attribute.ty, number)?));
        }
        self.create_row_type(name.name, schema, columns)?;
        Ok(Outcome::Done)
    }

    /// A composite type is a relation and its row type; privileges and owner are the type's.
    pub(crate) fn create_row_type(
        &mut self,
        name: Ident,
        schema: ObjectId,
        columns: Vec<Arc<Column>>,
    ) -> Effect<ObjectId> {
        self.make_room_for_type(schema, name.name);
        let kind = Kind::Relation(relation(RelationClass::CompositeType, columns));
        let object = Object { acl: None, ..self.owned(name, Some(schema), kind) };
        let of = self.create(object)?;
        let ty = self.create_type(name, schema, TypeClass::Composite { relation: of }, 'C')?;
        self.catalog.modify(of, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                relation.row_type = Some(ty);
            }
        });
        Ok(ty)
    }

    fn attribute(&mut self, name: Ident, ty: &TypeName, number: i16) -> Effect<Column> {
        let resolved = self.resolve_type(ty)?;
        self.check_column_type(name, ty.span, &resolved)?;
        Ok(Column { span: name.span, ..column(name.as_str(), number, Some(resolved)) })
    }

    /// A column cannot be of a pseudo-type.
    fn check_column_type(&self, name: Ident, span: Span, ty: &TypeRef) -> Effect<()> {
        let object = self.now().get(ty.id);
        let pseudo = object.and_then(|object| object.as_type()).is_some_and(|ty| matches!(ty.class, TypeClass::Pseudo));
        if !pseudo {
            return Ok(());
        }
        let message = format!("column \"{}\" has pseudo-type {}", name.name, self.now().type_name(ty));
        Err(self.refuse("42P16", span, message))
    }

    pub(super) fn alter_composite_type(&mut self, name: &QualifiedName, actions: &[AttributeAction]) -> Effect {
        let relation = self.composite_relation(name)?;
        let mut done = Outcome::Skipped;
        for action in actions {
            if let AttributeActionKind::Type { .. } = action.kind {
                self.refuse_type_in_use(relation, action.span)?;
            }
            self.check_typed_tables(relation, action)?;
            if let Outcome::Done = self.alter_attribute(relation, action)? {
                done = Outcome::Done;
            }
        }
        Ok(done)
    }

    /// The relation of a composite type; the row type of a table is refused.
    fn composite_relation(&mut self, name: &QualifiedName) -> Effect<ObjectId> {
        let relation = self.relation(name)?;
        let object = self.now().get(relation);
        let is_composite = |object: &Arc<Object>| {
            object.as_relation().is_some_and(|relation| relation.class == RelationClass::CompositeType)
        };
        if object.is_some_and(is_composite) {
            return Ok(relation);
        }
        let message = format!("\"{}\" is not a composite type", name.name.name);
        Err(self.refuse_because("42809", name.span(), message, relation, "made here"))
    }

    /// Tables OF the type change with it, which must be said; their values have no USING.
    fn check_typed_tables(&mut self, relation: ObjectId, action: &AttributeAction) -> Effect<()> {
        let row_type = self.now().relation(relation).and_then(|it| it.is.row_type);
        let Some(table) = self.now().tables().find(|it| it.is.of_type.is_some() && it.is.of_type == row_type) else {
            return Ok(());
        };
        if action.behavior != DropBehavior::Cascade {
            let message =
                format!("cannot alter type \"{}\" because it is the type of a typed table", self.name_of(relation));
            return Err(self.refuse_because("2BP01", action.span, message, table.id, "the table is made here"));
        }
        match &action.kind {
            AttributeActionKind::Type { name, ty } => {
                let altered = super::alter_table::Altered { table: table.id, only: false };
                self.prepare_column_type(altered, *name, ty, None)
            }
            _ => Ok(()),
        }
    }

    fn alter_attribute(&mut self, id: ObjectId, action: &AttributeAction) -> Effect {
        match &action.kind {
            AttributeActionKind::Add { name, ty } => self.add_attribute(id, *name, ty),
            AttributeActionKind::Drop { name, if_exists } => self.drop_attribute(id, *name, *if_exists, action),
            AttributeActionKind::Type { name, ty } => {
                let number = self.column_of(id, *name)?;
                self.refuse_type_in_use(id, action.span)?;
                let resolved = self.resolve_type(ty)?;
                self.check_column_type(*name, ty.span, &resolved)?;
                self.catalog.modify(id, |object| {
                    if let Kind::Relation(relation) = &mut object.kind {
                        change_column(relation, number, |column| column.ty = Some(resolved));
                    }
                });
                Ok(Outcome::Done)
            }
        }
    }

    fn add_attribute(&mut self, id: ObjectId, name: Ident, ty: &TypeName) -> Effect {
        let Some(relation) = self.now().get(id).and_then(|object| object.as_relation()) else {
            return Ok(Outcome::Done);
        };
        if let Some(taken) = relation.column(name.name) {
            let (place, of) = (taken.span, self.now().get(id).map(|object| object.name).unwrap_or_default());
            let message = format!("column \"{}\" of relation \"{of}\" already exists", name.name);
            return Err(self.refuse("42701", name.span, message).label(place, "made here"));
        }
        let number = relation.last_column_number + 1;
        let column = Arc::new(self.attribute(name, ty, number)?);
        self.catalog.modify(id, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                relation.columns.push(column);
                relation.last_column_number = number;
            }
        });
        Ok(Outcome::Done)
    }

    fn drop_attribute(&mut self, id: ObjectId, name: Ident, if_exists: bool, action: &AttributeAction) -> Effect {
        let missing = |object: &Arc<Object>| object.as_relation().is_some_and(|r| r.column(name.name).is_none());
        if if_exists && self.now().get(id).is_some_and(missing) {
            return Ok(Outcome::Skipped);
        }
        let number = self.column_of(id, name)?;
        let target = super::names::Target { id, part: Part::Column(number) };
        self.drop_all(&[super::depend::Doomed { target, span: name.span }], action.behavior)?;
        Ok(Outcome::Done)
    }

    /// A type that a stored column has cannot change what its values look like.
    fn refuse_type_in_use(&self, relation: ObjectId, span: Span) -> Effect<()> {
        let now = self.now();
        let Some(object) = now.get(relation) else { return Ok(()) };
        let Some(ty) = object.as_relation().and_then(|relation| relation.row_type) else { return Ok(()) };
        for (_, table, need) in now.dependents(ty) {
            let (Part::Column(number), Some(relation)) = (need.part, table.as_relation()) else { continue };
            if matches!(relation.class, RelationClass::View | RelationClass::CompositeType) {
                continue;
            }
            let column = relation.column_number(number);
            let (name, place) = column.map_or((Name::default(), table.span), |column| (column.name, column.span));
            let message =
                format!("cannot alter type \"{}\" because column \"{}.{name}\" uses it", object.name, table.name);
            return Err(self.refuse("0A000", span, message).label(place, "used here"));
        }
        Ok(())
    }

    // --- ranges and the rest ----------------------------------------------------------------------

    /// CREATE TYPE … AS RANGE makes the range, its multirange and their constructors.
    pub(super) fn create_range(&mut self, name: &QualifiedName, definitions: &[crate::syntax::Definition]) -> Effect {
        let schema = self.schema_for_new(name)?;
        let value = |word: &str| definitions.iter().find(|definition| definition.name.as_str() == word);
        let Some(crate::syntax::DefinitionValue::Type(subtype)) = value("subtype").and_then(|d| d.value.as_ref())
        else {
            return Err(self.refuse("42601", name.span(), "type attribute \"subtype\" is required"));
        };
        self.check_name_of_type(name, schema, 'R')?;
        let subtype = self.resolve_type(subtype)?;
        let range = self.create_type(name.name, schema, TypeClass::Range { subtype: subtype.clone() }, 'R')?;
        let multirange = match value("multirange_type_name").and_then(|d| d.value.as_ref()) {
            Some(crate::syntax::DefinitionValue::Type(ty)) => {
                let name = qualified(ty)?;
                let schema = self.schema_for_new(&name)?;
                (name.name, schema)
            }
            _ => (Ident::new(multirange_name(name.name.as_str()), name.name.span), schema),
        };
        let (multirange_name, multirange_schema) = multirange;
        let multi = self.create_type(multirange_name, multirange_schema, TypeClass::Multirange { range }, 'R')?;
        // It has the privileges of its range type.
        self.catalog.modify(multi, |object| object.acl = None);
        self.create_range_constructors(
            (name.name, schema, range),
            subtype,
            (multirange_name, multirange_schema, multi),
        )?;
        Ok(Outcome::Done)
    }

    /// CREATE TYPE name; or of a base type.
    pub(super) fn create_base_type(&mut self, name: &QualifiedName, shell: bool) -> Effect {
        let schema = self.schema_for_new(name)?;
        let key = NameKey { space: NameSpace::Type, parent: Some(schema), name: name.name.name };
        if shell {
            self.create_type(name.name, schema, TypeClass::Base, SHELL)?;
            return Ok(Outcome::Done);
        }
        // Its functions speak of the shell already, so that is what becomes the type.
        match self.now().named(key).first().copied().filter(|&taken| self.is_shell(taken)) {
            Some(taken) => self.catalog.modify(taken, |object| {
                object.kind = Kind::Type(Type { class: TypeClass::Base, category: 'U', preferred: false });
            }),
            None => {
                self.create_type(name.name, schema, TypeClass::Base, 'U')?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Makes a shell type where a function's result names a type that is not there yet.
    pub(crate) fn shell_type(&mut self, ty: &TypeName) -> Effect<TypeRef> {
        let name = qualified(ty)?;
        let schema = self.schema_for_new(&name)?;
        let id = self.create_type(name.name, schema, TypeClass::Base, SHELL)?;
        Ok(TypeRef { id, modifiers: Vec::new(), array: false })
    }

    /// What an expression of an object needs, as dependencies of a part of it.
    pub(crate) fn needs_of(&self, needs: &crate::catalog::analyze::Needs, part: Part) -> Vec<Dependency> {
        needs.dependencies().into_iter().map(|need| need.of(part)).collect()
    }

    /// The constraints of a domain that have this name.
    pub(crate) fn domain_constraint(&self, domain: ObjectId, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Constraint, parent: Some(domain), name };
        self.now().named(key).first().copied()
    }

    /// Whether a domain has a NOT NULL constraint as an object, and which.
    pub(super) fn domain_not_null(&self, domain: ObjectId) -> Option<ObjectId> {
        let constraints = self.now().constraints(domain);
        let mut of_kind = constraints.filter(|it| matches!(it.is.kind, ConstraintKind::NotNull { .. }));
        of_kind.next().map(|it| it.id)
    }
}

/// typcategory of a type that is only announced; no real one has it.
const SHELL: char = 'P';

/// The name of a type with its schema. The grammar never leaves it out.
pub(crate) fn qualified(ty: &TypeName) -> Effect<QualifiedName> {
    let mut parts = ty.parts.iter().rev().copied();
    let Some(name) = parts.next() else {
        return Err(super::Stop::Unknown(Arc::from("the type has no name")));
    };
    Ok(QualifiedName { database: None, schema: parts.next(), name })
}

/// The numbers of `varchar(10)`; types that take words (`geometry(Point, 4326)`) keep none.
fn modifiers(written: &[Expr]) -> Vec<i32> {
    let number = |expr: &Expr| match expr.kind {
        ExprKind::Integer(number) => i32::try_from(number).ok(),
        _ => None,
    };
    written.iter().map(number).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// makeMultirangeTypeName: `range` becomes `multirange`, else `_multirange` is added.
fn multirange_name(range: &str) -> String {
    match range.split_once("range") {
        Some((before, after)) => format!("{before}multirange{after}"),
        None => format!("{range}_multirange"),
    }
}
