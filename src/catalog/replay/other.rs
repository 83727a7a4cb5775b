//! Families that are not about relations, and what names their objects.

use std::sync::Arc;

use super::role::truth;
use super::{Effect, Replay};
use crate::catalog::{
    Cast, Kind, NameKey, NameSpace, Object, ObjectId, Operator, Outcome, Part, Tag, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{
    CreateCast, Define, Definition, DefinitionValue, Ident, Name, ObjectKind, ObjectName, ObjectRef, OperatorSignature,
    QualifiedName, RoleSpec, Statement, StatementKind, TypeName,
};

impl Replay {
    /// Carries out a statement that is not about relations.
    pub(super) fn execute_other(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::CreateSchema(create) => self.create_schema(create),
            StatementKind::CreateFunction(create) => self.create_function(create),
            StatementKind::AlterFunction(alter) => self.alter_function(alter),
            StatementKind::CreatePolicy(create) => self.create_policy(create),
            StatementKind::AlterPolicy(alter) => self.alter_policy(alter),
            StatementKind::CreateTrigger(create) => self.create_trigger(create),
            StatementKind::CreateEventTrigger(create) => self.create_event_trigger(create),
            StatementKind::AlterEventTrigger { name, firing } => self.alter_event_trigger(*name, *firing),
            StatementKind::CreateRule(create) => self.create_rule(create),
            StatementKind::CreatePublication(create) => self.create_publication(create),
            StatementKind::AlterPublication(alter) => self.alter_publication(alter),
            StatementKind::CreateExtension { name, if_not_exists, options } => {
                self.create_extension(*name, *if_not_exists, options)
            }
            StatementKind::AlterExtension { name, options } => self.alter_extension(*name, options),
            StatementKind::AlterExtensionContents { extension, add, object } => {
                self.alter_extension_contents(*extension, *add, object)
            }
            StatementKind::Comment { object, comment } => self.comment(object, comment.as_deref()),
            StatementKind::SecurityLabel { object, .. } => self.security_label(object),
            _ => self.execute_type(statement),
        }
    }

    fn execute_type(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::CreateEnum { name, labels } => self.create_enum(name, labels),
            StatementKind::AlterEnum(alter) => self.alter_enum(alter),
            StatementKind::CreateCompositeType { name, attributes } => self.create_composite_type(name, attributes),
            StatementKind::AlterCompositeType { name, actions } => self.alter_composite_type(name, actions),
            StatementKind::CreateDomain(create) => self.create_domain(create),
            StatementKind::AlterDomain(alter) => self.alter_domain(alter),
            StatementKind::CreateRange { name, definitions } => self.create_range(name, definitions),
            StatementKind::Define(define) => self.define(define),
            _ => self.execute_role(statement),
        }
    }

    fn execute_role(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::Grant(grant) => self.grant(grant),
            StatementKind::GrantRole(grant) => self.grant_role(grant),
            StatementKind::AlterDefaultPrivileges(alter) => self.alter_default_privileges(alter),
            StatementKind::CreateRole { name, kind, options } => self.create_role(*name, *kind, options),
            StatementKind::AlterRole { role, options, action } => self.alter_role(role, options, *action),
            StatementKind::AlterRoleSet { role, setting, .. } => self.alter_role_set(role.as_ref(), setting),
            StatementKind::DropRole { roles, if_exists } => self.drop_role(roles, *if_exists),
            StatementKind::DropOwned { roles, behavior } => self.drop_owned(roles, *behavior),
            StatementKind::ReassignOwned { roles, to } => self.reassign_owned(roles, to),
            _ => self.execute_rare(statement),
        }
    }

    fn execute_rare(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::CreateCast(create) => self.create_cast(create),
            StatementKind::CreateForeignDataWrapper { name, .. } => self.create_global(*name, Tag::ForeignDataWrapper),
            StatementKind::CreateForeignServer(create) => {
                self.create_server(create.name, create.wrapper, create.if_not_exists)
            }
            StatementKind::AlterForeignServer { name, .. } => self.exists(Tag::ForeignServer, *name),
            StatementKind::AlterForeignDataWrapper { name, .. } => self.exists(Tag::ForeignDataWrapper, *name),
            StatementKind::CreateUserMapping { user, server, if_not_exists } => {
                self.create_user_mapping(user, *server, *if_not_exists)
            }
            StatementKind::AlterUserMapping { user, server } => self.alter_user_mapping(user, *server),
            StatementKind::DropUserMapping { user, server, if_exists } => {
                self.drop_user_mapping(user, *server, *if_exists)
            }
            StatementKind::CreateLanguage { name, replace, .. } => self.create_language(*name, *replace),
            StatementKind::CreateAccessMethod { name, .. } => self.create_global(*name, Tag::AccessMethod),
            StatementKind::CreateTablespace { name, .. } => self.create_global(*name, Tag::Tablespace),
            StatementKind::DropTablespace { name, if_exists } => {
                self.refuse_in_block("DROP TABLESPACE", statement.span)?;
                self.drop_global(*name, Tag::Tablespace, *if_exists)
            }
            StatementKind::CreateSubscription { name, options, .. } => self.create_subscription(*name, options),
            StatementKind::AlterSubscription { name, refresh, options } => {
                self.alter_subscription(*name, *refresh, options)
            }
            StatementKind::DropSubscription { name, if_exists } => self.drop_subscription(*name, *if_exists),
            StatementKind::CreateConversion { name, .. } => self.create_in_schema(name, Tag::Conversion),
            StatementKind::CreateOperatorClass(create) => self.create_in_schema(&create.name, Tag::OperatorClass),
            StatementKind::CreateOperatorFamily { name, .. } => self.create_in_schema(name, Tag::OperatorFamily),
            StatementKind::CreateTransform { ty, language, .. } => self.create_transform(ty, *language),
            // Rows, sessions, clusters: no effect on what the catalog holds.
            _ => Ok(Outcome::Done),
        }
    }

    // --- COMMENT ----------------------------------------------------------------------------------

    fn comment(&mut self, object: &ObjectRef, comment: Option<&str>) -> Effect {
        if let (ObjectName::Qualified(name), ObjectKind::Database) = (&object.name, object.kind) {
            self.database(name.name)?;
            return Ok(Outcome::Done);
        }
        if matches!(object.name, ObjectName::LargeObject(_)) {
            return Ok(Outcome::Done);
        }
        if let (ObjectKind::Column, ObjectName::OfRelation { relation, .. }) = (object.kind, &object.name)
            && let Some(index) =
                self.find_relation(relation).filter(|&id| self.now().get(id).is_some_and(|it| it.as_index().is_some()))
        {
            let message = format!("cannot set comment on relation \"{}\"", relation.name.name);
            return Err(self.refuse_because("42809", object.span, message, index, "an index"));
        }
        let target = self.resolve(object)?;
        let text: Option<Arc<str>> = comment.filter(|text| !text.is_empty()).map(Arc::from);
        self.catalog.modify(target.id, |object| match (target.part, &mut object.kind) {
            (Part::Column(number), Kind::Relation(relation)) => {
                super::depend::change_column(relation, number, |column| column.comment = text);
            }
            _ => object.comment = text,
        });
        Ok(Outcome::Done)
    }

    /// Without a provider loaded no label can be set.
    fn security_label(&mut self, object: &ObjectRef) -> Effect {
        let message = "no security label providers have been loaded";
        match self.settings.platform {
            super::Platform::Plain => Ok(Outcome::Done),
            super::Platform::Supabase(_) => Err(self.refuse("22023", object.span, message)),
        }
    }

    // --- operators, casts, small kinds ------------------------------------------------------------

    fn define(&mut self, define: &Define) -> Effect {
        match define.kind {
            ObjectKind::Aggregate => self.create_aggregate(define),
            ObjectKind::Operator => self.create_operator(define),
            ObjectKind::Type => self.create_base_type(&define.name, define.definitions.is_empty()),
            ObjectKind::Collation => self.define_in_schema(define, Tag::Collation),
            ObjectKind::TextSearchConfiguration => self.define_in_schema(define, Tag::TextSearchConfiguration),
            ObjectKind::TextSearchDictionary => self.define_in_schema(define, Tag::TextSearchDictionary),
            ObjectKind::TextSearchParser => self.define_in_schema(define, Tag::TextSearchParser),
            ObjectKind::TextSearchTemplate => self.define_in_schema(define, Tag::TextSearchTemplate),
            _ => Ok(Outcome::Done),
        }
    }

    fn define_in_schema(&mut self, define: &Define, tag: Tag) -> Effect {
        let schema = self.schema_for_new(&define.name)?;
        let key = NameKey { space: NameSpace::Other(tag), parent: Some(schema), name: define.name.name.name };
        if define.if_not_exists && !self.now().named(key).is_empty() {
            return Ok(Outcome::Skipped);
        }
        self.create_in_schema(&define.name, tag)
    }

    fn create_in_schema(&mut self, name: &QualifiedName, tag: Tag) -> Effect {
        let schema = self.schema_for_new(name)?;
        let object = self.owned(name.name, Some(schema), Kind::Other(tag));
        self.create(object)?;
        Ok(Outcome::Done)
    }

    fn create_global(&mut self, name: Ident, tag: Tag) -> Effect {
        let object = self.owned(name, None, Kind::Other(tag));
        self.create(object)?;
        Ok(Outcome::Done)
    }

    fn drop_global(&mut self, name: Ident, tag: Tag, if_exists: bool) -> Effect {
        match self.global_named(tag, name) {
            Ok(id) => {
                self.erase(id);
                Ok(Outcome::Done)
            }
            Err(super::Stop::Refused(_)) if if_exists => Ok(Outcome::Skipped),
            Err(stop) => Err(stop),
        }
    }

    fn exists(&mut self, tag: Tag, name: Ident) -> Effect {
        self.global_named(tag, name).map(|_| Outcome::Done)
    }

    /// One that is made without a connection is disabled until it is enabled.
    fn create_subscription(&mut self, name: Ident, options: &[Definition]) -> Effect {
        let is_off = |option: &Definition| {
            matches!(option.name.as_str(), "connect" | "enabled") && !truth(option.value.as_ref())
        };
        let enabled = !options.iter().any(is_off);
        let slot = !options.iter().any(names_no_slot);
        let object = self.owned(name, None, Kind::Subscription { enabled, slot });
        self.create(object)?;
        Ok(Outcome::Done)
    }

    fn alter_subscription(&mut self, name: Ident, refresh: bool, options: &[Definition]) -> Effect {
        let id = self.global_named(Tag::Subscription, name)?;
        let Some(Kind::Subscription { mut enabled, mut slot }) = self.now().get(id).map(|object| object.kind.clone())
        else {
            return Ok(Outcome::Done);
        };
        if refresh && !enabled {
            let message = "ALTER SUBSCRIPTION ... REFRESH is not allowed for disabled subscriptions";
            return Err(self.refuse_because("55000", name.span, message, id, "made here").help("enable it before"));
        }
        for option in options {
            match option.name.as_str() {
                "enabled" => enabled = truth(option.value.as_ref()),
                "slot_name" => slot = !names_no_slot(option),
                _ => {}
            }
        }
        self.change(id, |object| object.kind = Kind::Subscription { enabled, slot });
        Ok(Outcome::Done)
    }

    /// The slot is dropped on another server, which cannot be taken back.
    fn drop_subscription(&mut self, name: Ident, if_exists: bool) -> Effect {
        let key = NameKey { space: NameSpace::Other(Tag::Subscription), parent: None, name: name.name };
        let known = self.now().named(key).first().and_then(|&id| self.now().get(id));
        if known.is_some_and(|object| matches!(object.kind, Kind::Subscription { slot: true, .. })) {
            self.refuse_in_block("DROP SUBSCRIPTION", name.span)?;
        }
        self.drop_global(name, Tag::Subscription, if_exists)
    }

    /// CREATE LANGUAGE plpgsql is CREATE EXTENSION by another name.
    fn create_language(&mut self, name: Ident, replace: bool) -> Effect {
        let key = NameKey { space: NameSpace::Other(Tag::Language), parent: None, name: name.name };
        if replace && !self.now().named(key).is_empty() {
            return Ok(Outcome::Done);
        }
        self.create_global(name, Tag::Language)
    }

    fn create_server(&mut self, name: Ident, wrapper: Ident, if_not_exists: bool) -> Effect {
        let key = NameKey { space: NameSpace::Other(Tag::ForeignServer), parent: None, name: name.name };
        if if_not_exists && !self.now().named(key).is_empty() {
            return Ok(Outcome::Skipped);
        }
        let wrapper = self.global_named(Tag::ForeignDataWrapper, wrapper)?;
        let object = self.owned(name, None, Kind::ForeignServer { wrapper });
        self.create(object)?;
        Ok(Outcome::Done)
    }

    /// The mapping of a user for a server. It has no name: it is found among what the server holds up.
    fn user_mapping(&mut self, user: &RoleSpec, server: Ident) -> Effect<(ObjectId, Name, Option<ObjectId>)> {
        let server = self.global_named(Tag::ForeignServer, server)?;
        let user = match self.role(user)? {
            Some(role) => self.now().get(role).map(|role| role.name).unwrap_or_default(),
            None => Name::from("public"),
        };
        let mapping = self
            .now()
            .dependents(server)
            .find(|(_, object, _)| object.tag() == Tag::UserMapping && object.name == user);
        let mapping = mapping.map(|(id, ..)| id);
        Ok((server, user, mapping))
    }

    fn create_user_mapping(&mut self, user: &RoleSpec, server: Ident, if_not_exists: bool) -> Effect {
        let (server_id, name, known) = self.user_mapping(user, server)?;
        if let Some(known) = known {
            if if_not_exists {
                return Ok(Outcome::Skipped);
            }
            let message = format!("user mapping for \"{name}\" already exists for server \"{}\"", server.name);
            return Err(self.refuse_because("42710", user.span, message, known, "made here"));
        }
        let mut object = Object::new(name, None, Kind::Other(Tag::UserMapping));
        object.span = user.span;
        object.depends.push(crate::catalog::Dependency::normal(server_id));
        self.add(object);
        Ok(Outcome::Done)
    }

    fn alter_user_mapping(&mut self, user: &RoleSpec, server: Ident) -> Effect {
        match self.user_mapping(user, server)? {
            (_, _, Some(_)) => Ok(Outcome::Done),
            (_, name, None) => Err(self.refuse_no_mapping(user.span, name, server)),
        }
    }

    fn drop_user_mapping(&mut self, user: &RoleSpec, server: Ident, if_exists: bool) -> Effect {
        match self.user_mapping(user, server) {
            Ok((_, _, Some(id))) => {
                self.erase(id);
                Ok(Outcome::Done)
            }
            Ok(_) | Err(super::Stop::Refused(_)) if if_exists => Ok(Outcome::Skipped),
            Ok((_, name, None)) => Err(self.refuse_no_mapping(user.span, name, server)),
            Err(stop) => Err(stop),
        }
    }

    fn refuse_no_mapping(&self, span: Span, name: Name, server: Ident) -> super::Stop {
        let message = format!("user mapping for \"{name}\" does not exist for server \"{}\"", server.name);
        self.refuse("42704", span, message)
    }

    fn create_transform(&mut self, ty: &TypeName, language: Ident) -> Effect {
        self.resolve_type(ty)?;
        self.global_named(Tag::Language, language)?;
        Ok(Outcome::Done)
    }

    fn create_cast(&mut self, create: &CreateCast) -> Effect {
        let source = self.resolve_type(&create.source)?;
        let target = self.resolve_type(&create.target)?;
        let function = match &create.function {
            Some(function) => Some(self.routine(function)?),
            None => None,
        };
        if create.function.is_none() && !create.inout {
            self.check_binary_compatible(&source, &target, create.source.span)?;
        }
        if let Some(taken) = self.find_cast(&source, &target) {
            let now = self.now();
            let message = format!(
                "cast from type {} to type {} already exists",
                now.type_name_within(&source, &self.path),
                now.type_name_within(&target, &self.path)
            );
            return Err(self.refuse_because("42710", create.source.span, message, taken, "made here"));
        }
        let cast = Cast { source, target, context: create.context, function, inout: create.inout };
        let mut object = Object::new(Name::from("cast"), None, Kind::Cast(cast));
        object.span = create.source.span;
        self.add(object);
        Ok(Outcome::Done)
    }

    /// Which types may never be taken for one another as they are stored.
    fn check_binary_compatible(&self, source: &TypeRef, target: &TypeRef, span: Span) -> Effect<()> {
        let is =
            |test: fn(&TypeClass) -> bool| [source, target].into_iter().any(|ty| self.type_class(ty).is_some_and(test));
        let what = if source.array || target.array {
            "array data types are not binary-compatible"
        } else if is(|class| matches!(class, TypeClass::Composite { .. })) {
            "composite data types are not binary-compatible"
        } else if is(|class| matches!(class, TypeClass::Enum { .. })) {
            "enum data types are not binary-compatible"
        } else if is(|class| matches!(class, TypeClass::Domain { .. })) {
            "domain data types must not be marked binary-compatible"
        } else {
            return Ok(());
        };
        Err(self.refuse("42P17", span, what))
    }

    fn find_cast(&self, source: &TypeRef, target: &TypeRef) -> Option<ObjectId> {
        let same = super::function::same_type;
        let mut casts = self.now().dependents(source.id).filter(|(_, object, _)| match &object.kind {
            Kind::Cast(cast) => same(&cast.source, source) && same(&cast.target, target),
            _ => false,
        });
        casts.next().map(|(id, ..)| id)
    }

    fn create_operator(&mut self, define: &Define) -> Effect {
        let schema = self.schema_for_new(&define.name)?;
        let left = self.defined_type(define, "leftarg")?;
        let Some(right) = self.defined_type(define, "rightarg")? else {
            let message = "operator right argument type must be specified";
            return Err(self.refuse("42P13", define.name.span(), message));
        };
        let function = match value_of(define, "function").or_else(|| value_of(define, "procedure")) {
            Some(DefinitionValue::Type(ty)) => {
                let name = super::type_::qualified(ty)?;
                let inputs: Vec<TypeRef> = left.iter().chain([&right]).cloned().collect();
                Some(self.function_of_types(&name, &inputs, ty.span)?)
            }
            _ => return Err(self.refuse("42P13", define.name.span(), "operator function must be specified")),
        };
        let result = function.and_then(|id| self.now().get(id)?.as_routine()?.returns.clone());
        if let Some(taken) = self.find_operator_in(schema, define.name.name.name, left.as_ref(), &right) {
            let message = format!("operator {} already exists", define.name.name.name);
            return Err(self.refuse_because("42723", define.name.span(), message, taken, "made here"));
        }
        let kind = Kind::Operator(Operator { left, right, result, function });
        let object = self.owned(define.name.name, Some(schema), kind);
        self.add(object);
        Ok(Outcome::Done)
    }

    fn defined_type(&mut self, define: &Define, word: &str) -> Effect<Option<TypeRef>> {
        match value_of(define, word) {
            Some(DefinitionValue::Type(ty)) => self.resolve_type(ty).map(Some),
            _ => Ok(None),
        }
    }

    fn find_operator_in(
        &self,
        schema: ObjectId,
        name: Name,
        left: Option<&TypeRef>,
        right: &TypeRef,
    ) -> Option<ObjectId> {
        let now = self.now();
        let same = super::function::same_type;
        let key = NameKey { space: NameSpace::Operator, parent: Some(schema), name };
        now.named(key).iter().copied().find(|&id| match now.get(id).map(|object| &object.kind) {
            Some(Kind::Operator(operator)) => {
                let left_fits = match (&operator.left, left) {
                    (Some(known), Some(left)) => same(known, left),
                    (known, left) => known.is_none() && left.is_none(),
                };
                left_fits && same(&operator.right, right)
            }
            _ => false,
        })
    }

    /// The operator that DROP, ALTER or COMMENT names.
    fn operator_named(&mut self, signature: &OperatorSignature) -> Effect<ObjectId> {
        let left = match &signature.left {
            Some(ty) => Some(self.resolve_type(ty)?),
            None => None,
        };
        let Some(right) = &signature.right else {
            return Err(self.refuse("0A000", signature.operator.span, "postfix operators are not supported"));
        };
        let right = self.resolve_type(right)?;
        let operator = &signature.operator;
        let schemas: Vec<ObjectId> = match operator.schema {
            Some(schema) => vec![self.schema_named(Ident { name: schema, span: operator.span })?],
            None => self.path.to_vec(),
        };
        let mut found =
            schemas.iter().filter_map(|&schema| self.find_operator_in(schema, operator.name, left.as_ref(), &right));
        if let Some(id) = found.next() {
            return Ok(id);
        }
        drop(found);
        if crate::catalog::baseline::operators(operator.name.as_str(), self.settings.version).next().is_some() {
            return Err(self.unknown("operators of the system are not followed"));
        }
        let message = format!("operator does not exist: {}", operator.name);
        let key = NameKey { space: NameSpace::Operator, parent: schemas.last().copied(), name: operator.name };
        Err(self.refuse_undefined("42883", operator.span, message, key))
    }

    // --- naming -----------------------------------------------------------------------------------

    /// Objects that are not named by a plain or qualified name: routines, types, casts, operators …
    pub(crate) fn resolve_special(&mut self, object: &ObjectRef) -> Effect<ObjectId> {
        match &object.name {
            ObjectName::Function(signature) => self.routine_of_kind(object.kind, signature),
            ObjectName::Type(ty) => self.resolve_type_object(ty),
            ObjectName::OfDomain { domain, name } => self.constraint_of_domain(domain, *name),
            ObjectName::Operator(signature) => self.operator_named(signature),
            ObjectName::Role(role) => match self.role(role)? {
                Some(role) => Ok(role),
                None => Err(self.refuse("42704", role.span, "role \"public\" does not exist")),
            },
            ObjectName::OfAccessMethod { name, .. } => {
                let tag = match object.kind {
                    ObjectKind::OperatorFamily => Tag::OperatorFamily,
                    _ => Tag::OperatorClass,
                };
                match self.find(NameSpace::Other(tag), name) {
                    Some(id) => Ok(id),
                    None => Err(self.unknown("operator classes of the system are not followed")),
                }
            }
            ObjectName::Cast { source, target } => {
                let (from, to) = (self.resolve_type(source)?, self.resolve_type(target)?);
                match self.find_cast(&from, &to) {
                    Some(id) => Ok(id),
                    None => {
                        let now = self.now();
                        let (from, to) =
                            (now.type_name_within(&from, &self.path), now.type_name_within(&to, &self.path));
                        let message = format!("cast from type {from} to type {to} does not exist");
                        Err(self.refuse_missing("42704", object.span, message, Name::from("cast")))
                    }
                }
            }
            _ => Err(self.unknown("objects of this kind are not followed")),
        }
    }
}

pub(crate) fn value_of<'a>(define: &'a Define, word: &str) -> Option<&'a DefinitionValue> {
    definition(&define.definitions, word)
}

pub(crate) fn definition<'a>(definitions: &'a [Definition], word: &str) -> Option<&'a DefinitionValue> {
    definitions.iter().find(|definition| definition.name.as_str() == word)?.value.as_ref()
}

/// `slot_name = NONE`.
fn names_no_slot(option: &Definition) -> bool {
    let text = option.value.as_ref().and_then(|value| value.text());
    option.name.as_str() == "slot_name" && text.is_some_and(|text| text.eq_ignore_ascii_case("none"))
}
