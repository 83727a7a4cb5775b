//! Objects of any kind: how each kind is named, and the statements that work on all of them.

use super::*;

/// The kind and the words that name it after DROP, ALTER, COMMENT ON or GRANT ON.
pub(super) fn object_kind(kind: raw::ObjectType) -> (ObjectKind, &'static [&'static str]) {
    match kind {
        raw::OBJECT_ACCESS_METHOD => (ObjectKind::AccessMethod, &["access method"]),
        raw::OBJECT_AGGREGATE => (ObjectKind::Aggregate, &["aggregate"]),
        raw::OBJECT_ATTRIBUTE => (ObjectKind::Attribute, &["attribute"]),
        raw::OBJECT_CAST => (ObjectKind::Cast, &["cast"]),
        raw::OBJECT_COLUMN => (ObjectKind::Column, &["column"]),
        raw::OBJECT_COLLATION => (ObjectKind::Collation, &["collation"]),
        raw::OBJECT_CONVERSION => (ObjectKind::Conversion, &["conversion"]),
        raw::OBJECT_DATABASE => (ObjectKind::Database, &["database"]),
        raw::OBJECT_DOMAIN => (ObjectKind::Domain, &["domain"]),
        raw::OBJECT_DOMCONSTRAINT => (ObjectKind::DomainConstraint, &["constraint"]),
        raw::OBJECT_EVENT_TRIGGER => (ObjectKind::EventTrigger, &["event trigger"]),
        raw::OBJECT_EXTENSION => (ObjectKind::Extension, &["extension"]),
        raw::OBJECT_FDW => (ObjectKind::ForeignDataWrapper, &["foreign data wrapper"]),
        raw::OBJECT_FOREIGN_SERVER => (ObjectKind::ForeignServer, &["foreign server", "server"]),
        raw::OBJECT_FOREIGN_TABLE => (ObjectKind::ForeignTable, &["foreign table"]),
        raw::OBJECT_FUNCTION => (ObjectKind::Function, &["function"]),
        raw::OBJECT_INDEX => (ObjectKind::Index, &["index"]),
        raw::OBJECT_LANGUAGE => (ObjectKind::Language, &["procedural language", "language"]),
        raw::OBJECT_LARGEOBJECT => (ObjectKind::LargeObject, &["large object"]),
        raw::OBJECT_MATVIEW => (ObjectKind::MaterializedView, &["materialized view"]),
        raw::OBJECT_OPCLASS => (ObjectKind::OperatorClass, &["operator class"]),
        raw::OBJECT_OPERATOR => (ObjectKind::Operator, &["operator"]),
        raw::OBJECT_OPFAMILY => (ObjectKind::OperatorFamily, &["operator family"]),
        raw::OBJECT_PARAMETER_ACL => (ObjectKind::ParameterSetting, &["parameter"]),
        raw::OBJECT_POLICY => (ObjectKind::Policy, &["policy"]),
        raw::OBJECT_PROCEDURE => (ObjectKind::Procedure, &["procedure"]),
        raw::OBJECT_PUBLICATION => (ObjectKind::Publication, &["publication"]),
        raw::OBJECT_ROLE => (ObjectKind::Role, &["role", "user", "group"]),
        raw::OBJECT_ROUTINE => (ObjectKind::Routine, &["routine"]),
        raw::OBJECT_RULE => (ObjectKind::Rule, &["rule"]),
        raw::OBJECT_SCHEMA => (ObjectKind::Schema, &["schema"]),
        raw::OBJECT_SEQUENCE => (ObjectKind::Sequence, &["sequence"]),
        raw::OBJECT_STATISTIC_EXT => (ObjectKind::Statistics, &["statistics"]),
        raw::OBJECT_SUBSCRIPTION => (ObjectKind::Subscription, &["subscription"]),
        raw::OBJECT_TABCONSTRAINT => (ObjectKind::TableConstraint, &["constraint"]),
        raw::OBJECT_TABLESPACE => (ObjectKind::Tablespace, &["tablespace"]),
        raw::OBJECT_TRANSFORM => (ObjectKind::Transform, &["transform"]),
        raw::OBJECT_TRIGGER => (ObjectKind::Trigger, &["trigger"]),
        raw::OBJECT_TSCONFIGURATION => (ObjectKind::TextSearchConfiguration, &["text search configuration"]),
        raw::OBJECT_TSDICTIONARY => (ObjectKind::TextSearchDictionary, &["text search dictionary"]),
        raw::OBJECT_TSPARSER => (ObjectKind::TextSearchParser, &["text search parser"]),
        raw::OBJECT_TSTEMPLATE => (ObjectKind::TextSearchTemplate, &["text search template"]),
        raw::OBJECT_TYPE => (ObjectKind::Type, &["type"]),
        raw::OBJECT_USER_MAPPING => (ObjectKind::UserMapping, &["user mapping"]),
        raw::OBJECT_VIEW => (ObjectKind::View, &["view"]),
        _ => (ObjectKind::Table, &["table"]),
    }
}

/// The kind of relation that an ALTER names.
pub(super) fn relation_kind(kind: raw::ObjectType) -> RelationKind {
    match kind {
        raw::OBJECT_VIEW => RelationKind::View,
        raw::OBJECT_MATVIEW => RelationKind::MaterializedView,
        raw::OBJECT_INDEX => RelationKind::Index,
        raw::OBJECT_SEQUENCE => RelationKind::Sequence,
        raw::OBJECT_FOREIGN_TABLE => RelationKind::ForeignTable,
        raw::OBJECT_TYPE => RelationKind::CompositeType,
        _ => RelationKind::Table,
    }
}

impl Converter<'_> {
    pub(super) fn drop(&self, stmt: &raw::DropStmt, mut c: Cursor) -> StatementKind {
        let (kind, words) = object_kind(stmt.removeType);
        c.eat("drop");
        c.eat_any(words);
        let concurrently = if stmt.concurrent { c.eat("concurrently") } else { None };
        if stmt.missing_ok {
            c.eat("if exists");
        }
        let objects = stmt.objects.nodes().zip(c.pieces());
        StatementKind::Drop(Box::new(Drop {
            kind,
            objects: objects.map(|(object, mut piece)| self.object(kind, object, &mut piece)).exact(),
            if_exists: stmt.missing_ok,
            behavior: behavior(stmt.behavior),
            concurrently,
        }))
    }

    /// An object that is next, named in the way of its kind.
    pub(super) fn object(&self, kind: ObjectKind, object: Node, c: &mut Cursor) -> ObjectRef {
        let start = c.index();
        let name = match object {
            Node::String(name) => ObjectName::Qualified(QualifiedName::unqualified(c.name(&name.sval))),
            Node::TypeName(ty) => ObjectName::Type(self.take_type(ty, c)),
            Node::RoleSpec(role) => {
                c.bump();
                ObjectName::Role(self.role(role))
            }
            Node::ObjectWithArgs(object) if kind == ObjectKind::Operator => {
                ObjectName::Operator(self.operator_signature(object, c))
            }
            Node::ObjectWithArgs(object) => ObjectName::Function(self.function_signature(object, c)),
            Node::Integer(_) | Node::Float(_) => {
                c.bump();
                ObjectName::LargeObject(options::number(object).unwrap_or_default())
            }
            Node::List(list) => self.object_in_parts(kind, list, c),
            _ => ObjectName::Qualified(QualifiedName::unqualified(c.ident(""))),
        };
        ObjectRef { kind, span: c.since(start), name }
    }

    /// The kinds whose name the parser gives as a list.
    fn object_in_parts(&self, kind: ObjectKind, list: &raw::List, c: &mut Cursor) -> ObjectName {
        match kind {
            ObjectKind::Cast => self.cast_name(list, c),
            ObjectKind::Transform => self.transform_name(list, c),
            ObjectKind::DomainConstraint => self.domain_constraint(list, c),
            ObjectKind::OperatorClass | ObjectKind::OperatorFamily => {
                let parts = c.dotted(list.strings().skip(1).collect::<Vec<_>>().into_iter());
                let name = self.qualified(parts, c.index());
                c.eat("using");
                let access_method = c.ident(list.strings().next().unwrap_or_default());
                ObjectName::OfAccessMethod { name, access_method }
            }
            ObjectKind::Policy | ObjectKind::Rule | ObjectKind::Trigger | ObjectKind::TableConstraint => {
                let mut names: Vec<&str> = list.strings().collect();
                let name = c.ident(names.pop().unwrap_or_default());
                c.eat("on");
                ObjectName::OfRelation { relation: self.take_qualified(names, c), name }
            }
            ObjectKind::Column => {
                let start = c.index();
                let mut parts = c.dotted(list.strings());
                let name = parts.pop().unwrap_or_else(|| Ident::new("", c.here()));
                ObjectName::OfRelation { relation: self.qualified(parts, start), name }
            }
            _ => ObjectName::Qualified(self.take_qualified(list.strings().collect(), c)),
        }
    }

    fn take_qualified(&self, names: Vec<&str>, c: &mut Cursor) -> QualifiedName {
        let start = c.index();
        let parts = c.dotted(names.into_iter());
        self.qualified(parts, start)
    }

    /// `(source AS target)`.
    fn cast_name(&self, list: &raw::List, c: &mut Cursor) -> ObjectName {
        let types: Vec<TypeName> = list.of().map(|ty| self.type_name(ty)).exact();
        c.skip();
        let mut types = types.into_iter();
        match (types.next(), types.next()) {
            (Some(source), Some(target)) => ObjectName::Cast { source, target },
            _ => ObjectName::Qualified(QualifiedName::unqualified(c.ident(""))),
        }
    }

    /// `FOR type LANGUAGE language`.
    fn transform_name(&self, list: &raw::List, c: &mut Cursor) -> ObjectName {
        c.eat("for");
        let Some(ty) = list.of::<raw::TypeName>().next() else {
            return ObjectName::Qualified(QualifiedName::unqualified(c.ident("")));
        };
        let ty = self.take_type(ty, c);
        c.eat("language");
        ObjectName::Transform { ty, language: c.ident(list.strings().next().unwrap_or_default()) }
    }

    /// `constraint ON DOMAIN domain`; the domain has no place in the tree.
    fn domain_constraint(&self, list: &raw::List, c: &mut Cursor) -> ObjectName {
        let name = c.ident(list.strings().next().unwrap_or_default());
        c.eat("on domain");
        let names = list.of::<raw::TypeName>().next().map(|ty| ty.names.strings().collect());
        ObjectName::OfDomain { domain: self.plain_type(names.unwrap_or_default(), c), name }
    }

    /// A type that is written as a mere name.
    pub(super) fn plain_type(&self, names: Vec<&str>, c: &mut Cursor) -> TypeName {
        let start = c.index();
        let parts = c.dotted(names.into_iter());
        TypeName {
            span: c.since(start),
            parts: parts.into(),
            modifiers: Vec::new(),
            array_dimensions: 0,
            setof: false,
            percent_type: false,
        }
    }

    /// The object of an ALTER, whose node holds it in one of three places, and IF EXISTS.
    ///
    /// `ALTER kind [IF EXISTS] object`, `ALTER kind [IF EXISTS] name ON relation`, where the kind of a
    /// column, attribute or constraint is that of its relation.
    fn altered(&self, altered: &Altered, c: &mut Cursor) -> ObjectRef {
        let (kind, words) = object_kind(altered.kind);
        c.eat("alter");
        c.eat_any(words);
        c.eat("if exists");
        let start = c.index();
        let (relation, object) = (altered.relation, altered.object);
        let name = match (relation.is_null(), altered.name, object) {
            (false, Some(name), _) => {
                let name = c.ident(name);
                c.eat("on");
                ObjectName::OfRelation { relation: self.take_relation(relation, c).name, name }
            }
            (false, None, _) => {
                let relation = self.take_relation(relation, c);
                let name = ObjectName::Qualified(relation.name);
                return ObjectRef { kind, span: relation.span, name };
            }
            (true, _, Some(Node::List(names))) if matches!(kind, ObjectKind::Type | ObjectKind::Domain) => {
                ObjectName::Type(self.plain_type(names.strings().collect(), c))
            }
            (true, _, Some(object)) => return self.object(kind, object, c),
            (true, name, None) => ObjectName::Qualified(QualifiedName::unqualified(c.ident(name.unwrap_or_default()))),
        };
        ObjectRef { kind, span: c.since(start), name }
    }

    pub(super) fn rename(&self, stmt: &raw::RenameStmt, mut c: Cursor) -> StatementKind {
        let is_part = matches!(
            stmt.renameType,
            raw::OBJECT_COLUMN | raw::OBJECT_ATTRIBUTE | raw::OBJECT_TABCONSTRAINT | raw::OBJECT_DOMCONSTRAINT
        );
        let mut only = false;
        let object = if is_part {
            self.renamed_part(stmt, &mut c, &mut only)
        } else {
            let name = stmt.subname.str();
            let altered = Altered { kind: stmt.renameType, relation: &stmt.relation, name, object: stmt.object.node() };
            let object = self.altered(&altered, &mut c);
            c.eat("rename");
            object
        };
        c.eat("to");
        let new_name = c.name(&stmt.newname);
        let of_relation = matches!(object.name, ObjectName::OfRelation { .. }) && is_part;
        StatementKind::Rename(Box::new(Rename {
            object,
            relation_kind: of_relation.then(|| relation_kind(stmt.relationType)),
            only,
            new_name,
            if_exists: stmt.missing_ok,
            behavior: behavior(stmt.behavior),
        }))
    }

    /// `ALTER … relation RENAME [COLUMN] name`, up to the name.
    fn renamed_part(&self, stmt: &raw::RenameStmt, c: &mut Cursor, only: &mut bool) -> ObjectRef {
        let (kind, words) = object_kind(stmt.renameType);
        c.eat("alter");
        let name;
        let object = if kind == ObjectKind::DomainConstraint {
            c.eat("domain");
            let Some(Node::List(names)) = stmt.object.node() else {
                return ObjectRef { kind, span: c.here(), name: ObjectName::Qualified(self.take_qualified(vec![], c)) };
            };
            let domain = self.plain_type(names.strings().collect(), c);
            c.eat("rename constraint");
            name = c.name(&stmt.subname);
            ObjectName::OfDomain { domain, name }
        } else {
            let RelationRef { name: relation, only: alone, .. } = self.take_relation(&stmt.relation, c);
            // The grammar has no inheritance of attributes.
            *only = alone && kind != ObjectKind::Attribute;
            c.eat("rename");
            // In a table, `attribute` is a name like any other.
            c.eat_any(words);
            name = c.name(&stmt.subname);
            ObjectName::OfRelation { relation, name }
        };
        ObjectRef { kind, span: name.span, name: object }
    }

    pub(super) fn set_schema(&self, stmt: &raw::AlterObjectSchemaStmt, mut c: Cursor) -> StatementKind {
        let object = stmt.object.node();
        let altered = Altered { kind: stmt.objectType, relation: &stmt.relation, name: None, object };
        let object = self.altered(&altered, &mut c);
        c.eat("set schema");
        StatementKind::SetSchema {
            object: Box::new(object),
            if_exists: stmt.missing_ok,
            schema: c.name(&stmt.newschema),
        }
    }

    pub(super) fn set_owner(&self, stmt: &raw::AlterOwnerStmt, mut c: Cursor) -> StatementKind {
        let object = stmt.object.node();
        let altered = Altered { kind: stmt.objectType, relation: &stmt.relation, name: None, object };
        let object = Box::new(self.altered(&altered, &mut c));
        StatementKind::SetOwner { object, owner: self.role_at(&stmt.newowner, c) }
    }

    pub(super) fn depends_on_extension(&self, stmt: &raw::AlterObjectDependsStmt, mut c: Cursor) -> StatementKind {
        let object = stmt.object.node();
        let name = match object {
            Some(Node::List(names)) => names.strings().next(),
            _ => None,
        };
        let altered = Altered { kind: stmt.objectType, relation: &stmt.relation, name, object };
        let object = self.altered(&altered, &mut c);
        c.eat("no");
        c.eat("depends on extension");
        let extension = c.ident(stmt.extname.get().and_then(|name| name.sval.str()).unwrap_or_default());
        StatementKind::DependsOnExtension { object: Box::new(object), extension, remove: stmt.remove }
    }

    pub(super) fn comment(&self, stmt: &raw::CommentStmt, mut c: Cursor) -> StatementKind {
        c.eat("comment on");
        let object = self.object_after_kind(stmt.objtype, stmt.object.node(), &mut c);
        StatementKind::Comment { object: Box::new(object), comment: optional_text(&stmt.comment) }
    }

    pub(super) fn security_label(&self, stmt: &raw::SecLabelStmt, mut c: Cursor) -> StatementKind {
        c.skip_to(&["on"]);
        c.eat("on");
        let object = self.object_after_kind(stmt.objtype, stmt.object.node(), &mut c);
        let provider = stmt.provider.str().map(Name::from);
        StatementKind::SecurityLabel { object: Box::new(object), provider, label: optional_text(&stmt.label) }
    }

    pub(super) fn alter_extension_contents(
        &self,
        stmt: &raw::AlterExtensionContentsStmt,
        mut c: Cursor,
    ) -> StatementKind {
        c.eat("alter extension");
        let extension = c.name(&stmt.extname);
        c.eat_any(&["add", "drop"]);
        let object = self.object_after_kind(stmt.objtype, stmt.object.node(), &mut c);
        StatementKind::AlterExtensionContents { extension, add: stmt.action > 0, object: Box::new(object) }
    }

    fn object_after_kind(&self, kind: raw::ObjectType, object: Option<Node>, c: &mut Cursor) -> ObjectRef {
        let (kind, words) = object_kind(kind);
        c.eat_any(words);
        match object {
            Some(object) => self.object(kind, object, c),
            None => ObjectRef { kind, span: c.here(), name: ObjectName::Qualified(self.take_qualified(vec![], c)) },
        }
    }
}

/// Where the node of an ALTER holds its object.
struct Altered<'t> {
    kind: raw::ObjectType,
    relation: &'t Ptr<raw::RangeVar>,
    /// What belongs to the relation, or the object itself.
    name: Option<&'t str>,
    object: Option<Node<'t>>,
}
