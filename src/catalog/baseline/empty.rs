//! The objects of an empty server.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::extensions::{ExtensionType, FactColumn, FactRelation, read_type};
use super::system::{self, OTHER, RELATIONS, SystemType, TYPES};
use crate::catalog::{
    Acl, AclItem, Catalog, Column, Extension, Grantee, Kind, Membership, NameKey, NameSpace, Object, ObjectId,
    Privileges, Relation, Role, Tag, Type, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{Name, Persistence, ReplicaIdentity};

/// Makes the objects of an empty server of a major version, whose first role is `superuser`.
/// Returns that role.
pub(crate) fn fill(catalog: &mut Catalog, version: u8, superuser: &str) -> ObjectId {
    let owner = bootstrap_role(catalog, superuser);
    let first = catalog.object_count();
    let mut filler = Filler { catalog, version, owner, types: FxHashMap::default() };
    filler.roles();
    filler.system_schemas();
    filler.types();
    filler.relations();
    filler.others();
    catalog.set_system(first);
    // What a database has of its own, and can lose.
    let mut filler = Filler { catalog, version, owner, types: FxHashMap::default() };
    filler.schema_public();
    filler.database();
    filler.plpgsql();
    catalog.list_others();
    owner
}

fn bootstrap_role(catalog: &mut Catalog, name: &str) -> ObjectId {
    let all = Role {
        superuser: true,
        inherit: true,
        login: true,
        bypass_rls: true,
        create_role: true,
        create_db: true,
        replication: true,
        ..Role::default()
    };
    let id = catalog.insert_system(object(name, None, None, Kind::Role(all)));
    catalog.bind_system(key(NameSpace::Other(Tag::Role), None, name), id);
    id
}

struct Filler<'a> {
    catalog: &'a mut Catalog,
    version: u8,
    owner: ObjectId,
    /// Types by name, as the facts spell them.
    types: FxHashMap<SystemType, ObjectId>,
}

impl Filler<'_> {
    fn roles(&mut self) {
        let mut made = FxHashMap::default();
        let rows: Vec<_> = OTHER.rows("role", self.version).collect();
        for row in &rows {
            made.insert(row.column(1), self.global(row.column(1), Kind::Role(predefined_role()), None));
        }
        for row in rows {
            let groups = row.list(2).filter_map(|group| made.get(group));
            let member_of: Vec<_> =
                groups.map(|&role| Membership { role, inherit: true, set: true, admin: false }).collect();
            self.catalog.change_system(made[row.column(1)], |object| {
                object.kind = Kind::Role(Role { member_of, ..predefined_role() });
            });
        }
    }

    fn system_schemas(&mut self) {
        let both = Privileges::USAGE.with(Privileges::CREATE);
        for name in ["pg_catalog", "information_schema"] {
            let acl = acl(self.owner, both, Privileges::USAGE);
            self.schema(name, self.owner, acl);
        }
    }

    /// Since 15 only the owner of the database may create in `public`.
    fn schema_public(&mut self) {
        let both = Privileges::USAGE.with(Privileges::CREATE);
        let database_owner = self.catalog.end().role(Name::from("pg_database_owner"));
        match database_owner.filter(|_| self.version >= 15) {
            Some(owner) => self.schema("public", owner, acl(owner, both, Privileges::USAGE)),
            None => self.schema("public", self.owner, acl(self.owner, both, both)),
        }
    }

    fn database(&mut self) {
        self.global("postgres", Kind::Other(Tag::Database), Some(self.owner));
    }

    fn plpgsql(&mut self) {
        let Some(schema) = self.catalog.end().schema(Name::from("pg_catalog")) else { return };
        let extension = Extension { schema, version: Some(Arc::from("1.0")), relocatable: false };
        let extension = self.global("plpgsql", Kind::Extension(extension), Some(self.owner));
        let language = self.global("plpgsql", Kind::Other(Tag::Language), Some(self.owner));
        self.catalog.change_system(language, |object| object.extension = Some(extension));
    }

    fn schema(&mut self, name: &str, owner: ObjectId, acl: Acl) {
        let object = Object { acl: Some(Arc::new(acl)), ..object(name, None, Some(owner), Kind::Schema) };
        let id = self.catalog.insert_system(object);
        self.catalog.bind_system(key(NameSpace::Other(Tag::Schema), None, name), id);
    }

    fn types(&mut self) {
        let facts: Vec<_> = TYPES.all(self.version).map(|row| read_type(row, 0)).collect();
        for fact in &facts {
            self.make_type(fact, TypeClass::Base);
        }
        for fact in &facts {
            if let Some(class) = self.type_class(fact) {
                let id = self.types[&SystemType::parse(fact.name)];
                self.catalog.change_system(id, |object| object.kind = type_kind(fact, class));
            }
        }
    }

    fn make_type(&mut self, fact: &ExtensionType, class: TypeClass) {
        let ty = SystemType::parse(fact.name);
        let schema = self.catalog.end().schema(Name::from(ty.schema.unwrap_or("pg_catalog")));
        let id = self.catalog.insert_system(object(ty.name, schema, Some(self.owner), type_kind(fact, class)));
        self.catalog.bind_system(key(NameSpace::Type, schema, ty.name), id);
        self.types.insert(ty, id);
    }

    /// What a type is that needs another to say it; `None` for a base type.
    fn type_class(&self, fact: &ExtensionType) -> Option<TypeClass> {
        let base = || self.type_ref(fact.base?);
        Some(match fact.class {
            'p' => TypeClass::Pseudo,
            'd' => TypeClass::Domain { base: base()?, not_null: false, default: None },
            'r' => TypeClass::Range { subtype: base()? },
            'm' => TypeClass::Multirange { range: self.range_of(fact.name)? },
            _ => return None,
        })
    }

    /// The range type of a multirange of the system: `int4range` of `int4multirange`.
    fn range_of(&self, multirange: &'static str) -> Option<ObjectId> {
        let subtype = multirange.strip_suffix("multirange")?;
        let range = self.types.iter().find(|(ty, _)| ty.name.strip_suffix("range") == Some(subtype))?;
        Some(*range.1)
    }

    fn type_ref(&self, ty: SystemType) -> Option<TypeRef> {
        let id = *self.types.get(&SystemType { array: false, ..ty })?;
        Some(TypeRef { id, modifiers: Vec::new(), array: ty.array })
    }

    fn relations(&mut self) {
        for row in RELATIONS.all(self.version) {
            let ty = SystemType::parse(row.column(0));
            let Some(schema) = self.catalog.end().schema(Name::from(ty.schema.unwrap_or("pg_catalog"))) else {
                continue;
            };
            let fact = FactRelation::read(ty.name, row, 1);
            let Some(class) = fact.class else { continue };
            let columns =
                fact.columns().zip(1..).map(|(column, number)| Arc::new(self.column(column, number))).collect();
            let relation = Relation { row_security: None, ..relation(class, columns) };
            let relation = object(fact.name, Some(schema), Some(self.owner), Kind::Relation(relation));
            let id = self.catalog.insert_system(relation);
            self.catalog.bind_system(key(NameSpace::Relation, Some(schema), fact.name), id);
            self.row_type(fact.name, schema, id);
        }
    }

    fn row_type(&mut self, name: &str, schema: ObjectId, relation: ObjectId) {
        let ty = Type { class: TypeClass::Composite { relation }, category: 'C', preferred: false };
        let id = self.catalog.insert_system(object(name, Some(schema), Some(self.owner), Kind::Type(ty)));
        self.catalog.bind_system(key(NameSpace::Type, Some(schema), name), id);
        self.catalog.change_system(relation, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                relation.row_type = Some(id);
            }
        });
    }

    fn column(&self, fact: FactColumn, number: i16) -> Column {
        Column { not_null: fact.not_null, ..column(fact.name, number, self.type_ref(fact.ty)) }
    }

    fn others(&mut self) {
        for method in system::access_methods(self.version) {
            self.global(method.name, Kind::Other(Tag::AccessMethod), None);
        }
        for (kind, tag) in GLOBAL_KINDS {
            for row in OTHER.rows(kind, self.version).filter(|row| row.column(1) != "plpgsql") {
                self.global(row.column(1), Kind::Other(*tag), Some(self.owner));
            }
        }
        let Some(schema) = self.catalog.end().schema(Name::from("pg_catalog")) else { return };
        for (kind, tag) in TEXT_SEARCH_KINDS {
            for row in OTHER.rows(kind, self.version) {
                let name = row.column(1);
                let id = self.catalog.insert_system(object(name, Some(schema), Some(self.owner), Kind::Other(*tag)));
                self.catalog.bind_system(key(NameSpace::Other(*tag), Some(schema), name), id);
            }
        }
    }

    fn global(&mut self, name: &str, kind: Kind, owner: Option<ObjectId>) -> ObjectId {
        let object = object(name, None, owner, kind);
        let key = key(NameSpace::Other(object.tag()), None, name);
        let id = self.catalog.insert_system(object);
        self.catalog.bind_system(key, id);
        id
    }
}

const GLOBAL_KINDS: &[(&str, Tag)] = &[("language", Tag::Language), ("tablespace", Tag::Tablespace)];

const TEXT_SEARCH_KINDS: &[(&str, Tag)] = &[
    ("text search configuration", Tag::TextSearchConfiguration),
    ("text search dictionary", Tag::TextSearchDictionary),
    ("text search parser", Tag::TextSearchParser),
    ("text search template", Tag::TextSearchTemplate),
];

fn predefined_role() -> Role {
    Role { inherit: true, ..Role::default() }
}

fn key(space: NameSpace, parent: Option<ObjectId>, name: &str) -> NameKey {
    NameKey { space, parent, name: Name::from(name) }
}

fn object(name: &str, schema: Option<ObjectId>, owner: Option<ObjectId>, kind: Kind) -> Object {
    Object {
        name: Name::from(name),
        schema,
        owner,
        acl: None,
        comment: None,
        extension: None,
        span: Span::NONE,
        depends: Vec::new(),
        kind,
    }
}

fn acl(owner: ObjectId, owners: Privileges, everyones: Privileges) -> Acl {
    let item = |grantee, privileges| AclItem { grantee, grantor: owner, privileges, grant_options: Privileges::NONE };
    vec![item(Grantee::Role(owner), owners), item(Grantee::Public, everyones)]
}

fn type_kind(fact: &ExtensionType, class: TypeClass) -> Kind {
    Kind::Type(Type { class, category: fact.category, preferred: fact.preferred })
}

/// A relation with nothing but columns.
pub(crate) fn relation(class: crate::catalog::RelationClass, columns: Vec<Arc<Column>>) -> Relation {
    Relation {
        class,
        persistence: Persistence::Permanent,
        last_column_number: columns.len() as i16,
        columns,
        columns_known: true,
        options: Vec::new(),
        row_security: None,
        force_row_security: false,
        partition_key: None,
        parents: Vec::new(),
        bound: None,
        query: None,
        replica_identity: ReplicaIdentity::Default,
        populated: true,
        access_method: None,
        tablespace: None,
        server: None,
        row_type: None,
        of_type: None,
    }
}

/// A column with nothing but a type.
pub(crate) fn column(name: &str, number: i16, ty: Option<TypeRef>) -> Column {
    Column {
        name: Name::from(name),
        number,
        ty,
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
        span: Span::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(version: u8) -> Catalog {
        let mut catalog = Catalog::default();
        fill(&mut catalog, version, "postgres");
        catalog
    }

    #[test]
    fn types_are_told_by_name() {
        let catalog = empty(17);
        let now = catalog.end();
        let ty = |text| now.system_type(SystemType::parse(text), None).expect(text);
        assert!(ty("text[]").array && ty("text").id == ty("text[]").id);
        let kind = |text| now.get(ty(text).id).and_then(|object| object.as_type().cloned()).expect(text);
        assert!(matches!(kind("int4range").class, TypeClass::Range { subtype } if subtype == ty("int4")));
        assert!(matches!(kind("int4multirange").class, TypeClass::Multirange { range } if range == ty("int4range").id));
        assert!(matches!(kind("information_schema.yes_or_no").class, TypeClass::Domain { .. }));
        assert!(matches!(kind("pg_class").class, TypeClass::Composite { .. }));
        assert!(kind("timestamptz").preferred && kind("trigger").category == 'P');
    }

    #[test]
    fn system_relations_have_columns() {
        let catalog = empty(17);
        let now = catalog.end();
        let schema = now.schema(Name::from("information_schema")).expect("schema");
        let tables = now.relation_in(schema, Name::from("tables")).expect("tables");
        let relation = now.get(tables).and_then(|object| object.as_relation()).expect("relation");
        assert!(relation.column(Name::from("table_name")).is_some_and(|column| column.ty.is_some()));
    }

    #[test]
    fn every_type_of_the_facts_is_known() {
        for version in super::super::OLDEST..=super::super::NEWEST {
            let catalog = empty(version);
            let known = |ty| catalog.end().system_type(ty, None).is_some();
            for row in RELATIONS.all(version) {
                for column in FactRelation::read("", row, 1).columns() {
                    assert!(known(column.ty), "{version} {} {:?}", row.column(0), column);
                }
            }
        }
    }

    #[test]
    fn the_schema_public_is_closed_since_15() {
        let public_may_create = |version| {
            let catalog = empty(version);
            let schema =
                catalog.end().schema(Name::from("public")).and_then(|id| catalog.end().get(id)).expect("public");
            let acl = schema.effective_acl();
            acl.iter().any(|item| item.grantee == Grantee::Public && item.privileges.contains(Privileges::CREATE))
        };
        assert!(public_may_create(14) && !public_may_create(15));
    }
}
