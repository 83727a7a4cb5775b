//! Foreign data.

use super::*;

impl Converter<'_> {
    pub(super) fn create_foreign_table(&self, stmt: &raw::CreateForeignTableStmt, mut c: Cursor) -> StatementKind {
        let table = self.table(&stmt.base, &mut c);
        c.eat("server");
        let server = c.name(&stmt.servername);
        let options = self.generic_options(&stmt.options, &mut c);
        StatementKind::CreateForeignTable(Box::new(CreateForeignTable { table, server, options }))
    }

    pub(super) fn create_wrapper(&self, stmt: &raw::CreateFdwStmt, mut c: Cursor) -> StatementKind {
        c.eat("create foreign data wrapper");
        let name = c.name(&stmt.fdwname);
        StatementKind::CreateForeignDataWrapper { name, options: self.wrapper_options(&stmt.options, c) }
    }

    pub(super) fn alter_wrapper(&self, stmt: &raw::AlterFdwStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter foreign data wrapper");
        let name = c.name(&stmt.fdwname);
        StatementKind::AlterForeignDataWrapper { name, options: self.wrapper_options(&stmt.options, c) }
    }

    /// OPTIONS after HANDLER and VALIDATOR.
    fn wrapper_options(&self, options: &Ptr<raw::List>, mut c: Cursor) -> Vec<Definition> {
        while c.eat_any(&["no handler", "no validator", "handler", "validator"]).is_some() {
            let is_name = !c.is("options") && !c.is("no") && !c.is("handler") && !c.is("validator");
            while is_name && !c.is_end() {
                c.bump();
                if c.eat_kind(TokenKind::Dot).is_none() {
                    break;
                }
            }
        }
        self.generic_options(options, &mut c)
    }

    pub(super) fn create_server(&self, stmt: &raw::CreateForeignServerStmt, mut c: Cursor) -> StatementKind {
        c.eat("create server");
        if stmt.if_not_exists {
            c.eat("if not exists");
        }
        let name = c.name(&stmt.servername);
        c.skip_to(&["foreign"]);
        c.eat("foreign data wrapper");
        let wrapper = c.name(&stmt.fdwname);
        let options = self.generic_options(&stmt.options, &mut c);
        StatementKind::CreateForeignServer(Box::new(CreateForeignServer {
            name,
            if_not_exists: stmt.if_not_exists,
            wrapper,
            ty: optional_text(&stmt.servertype),
            version: optional_text(&stmt.version),
            options,
        }))
    }

    pub(super) fn alter_server(&self, stmt: &raw::AlterForeignServerStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter server");
        let name = c.name(&stmt.servername);
        if stmt.has_version {
            c.eat("version");
            c.bump();
        }
        let options = self.generic_options(&stmt.options, &mut c);
        StatementKind::AlterForeignServer { name, version: optional_text(&stmt.version), options }
    }

    pub(super) fn create_user_mapping(&self, stmt: &raw::CreateUserMappingStmt, mut c: Cursor) -> StatementKind {
        StatementKind::CreateUserMapping {
            user: self.role_at(&stmt.user, c),
            server: mapping_server(&stmt.servername, &mut c),
            if_not_exists: stmt.if_not_exists,
        }
    }

    pub(super) fn alter_user_mapping(&self, stmt: &raw::AlterUserMappingStmt, mut c: Cursor) -> StatementKind {
        let user = self.role_at(&stmt.user, c);
        StatementKind::AlterUserMapping { user, server: mapping_server(&stmt.servername, &mut c) }
    }

    pub(super) fn drop_user_mapping(&self, stmt: &raw::DropUserMappingStmt, mut c: Cursor) -> StatementKind {
        StatementKind::DropUserMapping {
            user: self.role_at(&stmt.user, c),
            server: mapping_server(&stmt.servername, &mut c),
            if_exists: stmt.missing_ok,
        }
    }

    pub(super) fn import_foreign_schema(&self, stmt: &raw::ImportForeignSchemaStmt, mut c: Cursor) -> StatementKind {
        c.eat("import foreign schema");
        let remote_schema = c.name(&stmt.remote_schema);
        if c.eat_any(&["limit to", "except"]).is_some() {
            c.skip();
        }
        c.eat("from server");
        let server = c.name(&stmt.server_name);
        c.eat("into");
        StatementKind::ImportForeignSchema(Box::new(ImportForeignSchema {
            remote_schema,
            server,
            into: c.name(&stmt.local_schema),
            limit_to: match stmt.list_type {
                raw::FDW_IMPORT_SCHEMA_LIMIT_TO => Some(true),
                raw::FDW_IMPORT_SCHEMA_EXCEPT => Some(false),
                _ => None,
            },
            tables: self.relations(&stmt.table_list),
        }))
    }
}

/// `… USER MAPPING [IF EXISTS] FOR user SERVER server`.
fn mapping_server(name: &Ptr<c_char>, c: &mut Cursor) -> Ident {
    c.skip_to(&["for"]);
    c.eat("for");
    c.bump();
    c.eat("server");
    c.name(name)
}
