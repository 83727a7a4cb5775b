//! Enums, composite types, domains, ranges, and what CREATE … (definition list) defines.

use super::*;

impl Converter<'_> {
    pub(super) fn create_enum(&self, stmt: &raw::CreateEnumStmt, mut c: Cursor) -> StatementKind {
        c.eat("create type");
        let name = c.qualified(&stmt.typeName);
        c.eat("as enum");
        let labels = c.parens().map(|inside| {
            let labels = stmt.vals.strings().zip(inside.pieces());
            labels.map(|(text, mut piece)| piece.label(text)).exact()
        });
        StatementKind::CreateEnum { name, labels: labels.unwrap_or_default() }
    }

    pub(super) fn alter_enum(&self, stmt: &raw::AlterEnumStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter type");
        let name = c.qualified(&stmt.typeName);
        let label = |text: &Ptr<c_char>, c: &mut Cursor| c.label(text.str().unwrap_or_default());
        if !stmt.oldVal.is_null() {
            c.eat("rename value");
            let from = label(&stmt.oldVal, &mut c);
            c.eat("to");
            let to = label(&stmt.newVal, &mut c);
            return StatementKind::AlterEnum(Box::new(AlterEnum::Rename { name, from, to }));
        }
        c.eat("add value");
        if stmt.skipIfNewValExists {
            c.eat("if not exists");
        }
        let added = label(&stmt.newVal, &mut c);
        c.eat_any(&["before", "after"]);
        let position = if stmt.newValIsAfter { EnumPosition::After } else { EnumPosition::Before };
        let neighbor = (!stmt.newValNeighbor.is_null()).then(|| (position, label(&stmt.newValNeighbor, &mut c)));
        StatementKind::AlterEnum(Box::new(AlterEnum::Add {
            name,
            label: added,
            if_not_exists: stmt.skipIfNewValExists,
            neighbor,
        }))
    }

    pub(super) fn create_composite_type(&self, stmt: &raw::CompositeTypeStmt, mut c: Cursor) -> StatementKind {
        let name = self.take_relation(&stmt.typevar, &mut c).name;
        c.eat("as");
        let attributes = c.parens().map(|inside| {
            let attributes = stmt.coldeflist.of::<raw::ColumnDef>().zip(inside.pieces());
            attributes.filter_map(|(attribute, piece)| self.attribute(attribute, piece)).exact()
        });
        StatementKind::CreateCompositeType { name, attributes: attributes.unwrap_or_default() }
    }

    fn attribute(&self, attribute: &raw::ColumnDef, mut c: Cursor) -> Option<ColumnShape> {
        let name = c.name(&attribute.colname);
        Some(ColumnShape { name, ty: self.type_name(attribute.typeName.get()?) })
    }

    pub(super) fn create_domain(&self, stmt: &raw::CreateDomainStmt, mut c: Cursor) -> StatementKind {
        c.eat("create domain");
        let name = c.qualified(&stmt.domainname);
        c.eat("as");
        let Some(ty) = stmt.typeName.get() else { return StatementKind::Other { tag: "CreateDomainStmt" } };
        let ty = self.take_type(ty, &mut c);
        let collate = stmt.collClause.get();
        StatementKind::CreateDomain(Box::new(CreateDomain {
            name,
            ty,
            collation: collate.map(|collate| self.collation(collate)),
            constraints: self.constraints_in_a_row(&stmt.constraints, collate, c),
        }))
    }

    pub(super) fn alter_domain(&self, stmt: &raw::AlterDomainStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter domain");
        let name = c.qualified(&stmt.typeName);
        match self.domain_action(stmt, c) {
            Some(action) => StatementKind::AlterDomain(Box::new(AlterDomain { name, action })),
            None => StatementKind::Other { tag: "AlterDomainStmt" },
        }
    }

    fn domain_action(&self, stmt: &raw::AlterDomainStmt, mut c: Cursor) -> Option<DomainAction> {
        Some(match (stmt.subtype as u8, stmt.def.node()) {
            (b'T', None) => DomainAction::DropDefault,
            (b'T', Some(default)) => DomainAction::SetDefault(self.expr(default)),
            (b'N', _) => DomainAction::DropNotNull,
            (b'O', _) => DomainAction::SetNotNull,
            (b'C', Some(Node::Constraint(constraint))) => {
                c.eat("add");
                let mut constraint = self.constraint(constraint, c)?;
                // The parser names a column that a domain does not have.
                if let ConstraintKind::NotNull { column } = &mut constraint.kind {
                    *column = None;
                }
                DomainAction::AddConstraint(constraint)
            }
            (b'X', _) => {
                c.eat("drop constraint");
                if stmt.missing_ok {
                    c.eat("if exists");
                }
                DomainAction::DropConstraint {
                    name: c.name(&stmt.name),
                    if_exists: stmt.missing_ok,
                    behavior: behavior(stmt.behavior),
                }
            }
            (b'V', _) => {
                c.eat("validate constraint");
                DomainAction::ValidateConstraint { name: c.name(&stmt.name) }
            }
            _ => return None,
        })
    }

    pub(super) fn create_range(&self, stmt: &raw::CreateRangeStmt, mut c: Cursor) -> StatementKind {
        c.eat("create type");
        let name = c.qualified(&stmt.typeName);
        c.eat("as range");
        StatementKind::CreateRange { name, definitions: self.definitions_in_parens(&stmt.params, &mut c) }
    }

    pub(super) fn alter_type(&self, stmt: &raw::AlterTypeStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter type");
        let name = c.qualified(&stmt.typeName);
        c.eat("set");
        StatementKind::AlterType { name, definitions: self.definitions_in_parens(&stmt.options, &mut c) }
    }

    pub(super) fn define(&self, stmt: &raw::DefineStmt, mut c: Cursor) -> StatementKind {
        let (kind, words) = object::object_kind(stmt.kind);
        c.eat_any(&["create or replace", "create"]);
        c.eat_any(words);
        if stmt.if_not_exists {
            c.eat("if not exists");
        }
        let name = c.qualified(&stmt.defnames);
        let (args, direct_args) = match kind == ObjectKind::Aggregate && !stmt.oldstyle {
            true => {
                let (args, direct) = self.aggregate_args(&stmt.args, &mut c);
                (Some(args), direct)
            }
            false => (None, None),
        };
        let definitions = match c.eat("from") {
            Some(_) => self.copied_collation(stmt, c),
            None => self.definitions_in_parens(&stmt.definition, &mut c),
        };
        StatementKind::Define(Box::new(Define {
            kind,
            name,
            replace: stmt.replace,
            if_not_exists: stmt.if_not_exists,
            args,
            direct_args,
            definitions,
        }))
    }

    /// `FROM collation`, which the parser makes an option whose value is a list of names.
    fn copied_collation(&self, stmt: &raw::DefineStmt, mut c: Cursor) -> Vec<Definition> {
        let Some(option) = stmt.definition.of::<raw::DefElem>().next() else { return Vec::new() };
        let Some(Node::List(names)) = option.arg.node() else { return Vec::new() };
        let span = c.rest_span();
        let ty = self.plain_type(names.strings().collect(), &mut c);
        vec![Definition {
            span,
            namespace: None,
            name: Ident::new(option.defname.str().unwrap_or_default(), span),
            value: Some(DefinitionValue::Type(ty)),
            action: DefinitionAction::Unspecified,
        }]
    }
}
