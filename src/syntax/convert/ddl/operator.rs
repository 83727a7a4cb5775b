//! Casts, conversions, transforms, operators and their classes, languages, access methods, text search.

use super::*;

impl Converter<'_> {
    pub(super) fn create_cast(&self, stmt: &raw::CreateCastStmt, mut c: Cursor) -> StatementKind {
        let (Some(source), Some(target)) = (stmt.sourcetype.get(), stmt.targettype.get()) else {
            return StatementKind::Other { tag: "CreateCastStmt" };
        };
        c.eat("create cast");
        c.parens();
        c.eat("with function");
        StatementKind::CreateCast(Box::new(CreateCast {
            source: self.type_name(source),
            target: self.type_name(target),
            function: stmt.func.get().map(|function| self.function_signature(function, &mut c)),
            inout: stmt.inout,
            context: match stmt.context {
                raw::COERCION_IMPLICIT => CastContext::Implicit,
                raw::COERCION_ASSIGNMENT => CastContext::Assignment,
                _ => CastContext::Explicit,
            },
        }))
    }

    pub(super) fn create_transform(&self, stmt: &raw::CreateTransformStmt, mut c: Cursor) -> StatementKind {
        let Some(ty) = stmt.type_name.get() else { return StatementKind::Other { tag: "CreateTransformStmt" } };
        let ty = self.take_type(ty, &mut c);
        c.eat("language");
        StatementKind::CreateTransform { ty, language: c.name(&stmt.lang), replace: stmt.replace }
    }

    pub(super) fn create_conversion(&self, stmt: &raw::CreateConversionStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["create default conversion", "create conversion"]);
        let name = c.qualified(&stmt.conversion_name);
        c.eat("for");
        c.string();
        c.eat("to");
        c.string();
        c.eat("from");
        StatementKind::CreateConversion { name, function: c.qualified(&stmt.func_name) }
    }

    pub(super) fn create_operator_class(&self, stmt: &raw::CreateOpClassStmt, mut c: Cursor) -> StatementKind {
        c.eat("create operator class");
        let name = c.qualified(&stmt.opclassname);
        let Some(ty) = stmt.datatype.get() else { return StatementKind::Other { tag: "CreateOpClassStmt" } };
        let ty = self.take_type(ty, &mut c);
        c.eat("using");
        let access_method = c.name(&stmt.amname);
        let family = c.eat("family").map(|_| c.qualified(&stmt.opfamilyname));
        StatementKind::CreateOperatorClass(Box::new(CreateOperatorClass {
            name,
            family,
            access_method,
            ty,
            default: stmt.isDefault,
        }))
    }

    pub(super) fn create_operator_family(&self, stmt: &raw::CreateOpFamilyStmt, mut c: Cursor) -> StatementKind {
        c.eat("create operator family");
        let name = c.qualified(&stmt.opfamilyname);
        c.eat("using");
        StatementKind::CreateOperatorFamily { name, access_method: c.name(&stmt.amname) }
    }

    pub(super) fn alter_operator_family(&self, stmt: &raw::AlterOpFamilyStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter operator family");
        let name = c.qualified(&stmt.opfamilyname);
        c.eat("using");
        StatementKind::AlterOperatorFamily { name, access_method: c.name(&stmt.amname) }
    }

    pub(super) fn alter_operator(&self, stmt: &raw::AlterOperatorStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter operator");
        let Some(operator) = stmt.opername.get() else { return StatementKind::Other { tag: "AlterOperatorStmt" } };
        let operator = Box::new(self.operator_signature(operator, &mut c));
        c.eat("set");
        StatementKind::AlterOperator { operator, definitions: self.definitions_in_parens(&stmt.options, &mut c) }
    }

    pub(super) fn create_language(&self, stmt: &raw::CreatePLangStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["create or replace", "create"]);
        c.eat("trusted");
        c.eat("procedural");
        c.eat("language");
        let name = c.name(&stmt.plname);
        let handler = c.eat("handler").map(|_| c.qualified(&stmt.plhandler));
        StatementKind::CreateLanguage { name, replace: stmt.replace, handler }
    }

    pub(super) fn create_access_method(&self, stmt: &raw::CreateAmStmt, mut c: Cursor) -> StatementKind {
        c.eat("create access method");
        let name = c.name(&stmt.amname);
        c.eat_any(&["type index", "type table"]);
        c.eat("handler");
        let kind = char::from(stmt.amtype as u8);
        StatementKind::CreateAccessMethod { name, kind, handler: c.qualified(&stmt.handler_name) }
    }

    pub(super) fn alter_collation(&self, stmt: &raw::AlterCollationStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter collation");
        StatementKind::AlterCollationRefreshVersion { name: c.qualified(&stmt.collname) }
    }

    pub(super) fn alter_dictionary(&self, stmt: &raw::AlterTSDictionaryStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter text search dictionary");
        let name = c.qualified(&stmt.dictname);
        StatementKind::AlterTextSearchDictionary { name, options: self.definitions_in_parens(&stmt.options, &mut c) }
    }

    pub(super) fn alter_configuration(&self, stmt: &raw::AlterTSConfigurationStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter text search configuration");
        StatementKind::AlterTextSearchConfiguration { name: c.qualified(&stmt.cfgname) }
    }
}
