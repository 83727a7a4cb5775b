//! Databases, tablespaces, ALTER SYSTEM.

use super::*;

impl Converter<'_> {
    pub(super) fn create_database(&self, stmt: &raw::CreatedbStmt, mut c: Cursor) -> StatementKind {
        c.eat("create database");
        let name = c.name(&stmt.dbname);
        StatementKind::CreateDatabase { name, options: self.definitions(&stmt.options, c) }
    }

    pub(super) fn alter_database(&self, stmt: &raw::AlterDatabaseStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter database");
        let name = c.name(&stmt.dbname);
        StatementKind::AlterDatabase { name, options: self.definitions(&stmt.options, c) }
    }

    pub(super) fn alter_database_set(&self, stmt: &raw::AlterDatabaseSetStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter database");
        let name = c.name(&stmt.dbname);
        match stmt.setstmt.get() {
            Some(setting) => StatementKind::AlterDatabaseSet { name, setting: self.set_variable(setting, c) },
            None => StatementKind::Other { tag: "AlterDatabaseSetStmt" },
        }
    }

    pub(super) fn refresh_collation(&self, stmt: &raw::AlterDatabaseRefreshCollStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter database");
        StatementKind::AlterDatabaseRefreshCollation { name: c.name(&stmt.dbname) }
    }

    pub(super) fn drop_database(&self, stmt: &raw::DropdbStmt, mut c: Cursor) -> StatementKind {
        c.eat("drop database");
        if stmt.missing_ok {
            c.eat("if exists");
        }
        let name = c.name(&stmt.dbname);
        c.eat("with");
        let options = self.definitions_in_parens(&stmt.options, &mut c);
        StatementKind::DropDatabase { name, if_exists: stmt.missing_ok, options }
    }

    pub(super) fn create_tablespace(&self, stmt: &raw::CreateTableSpaceStmt, mut c: Cursor) -> StatementKind {
        c.eat("create tablespace");
        let name = c.name(&stmt.tablespacename);
        c.skip_to(&["location"]);
        c.eat("location");
        c.string();
        c.eat("with");
        StatementKind::CreateTablespace { name, options: self.definitions_in_parens(&stmt.options, &mut c) }
    }

    pub(super) fn alter_tablespace(&self, stmt: &raw::AlterTableSpaceOptionsStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter tablespace");
        let name = c.name(&stmt.tablespacename);
        c.eat_any(&["set", "reset"]);
        StatementKind::AlterTablespace { name, options: self.definitions_in_parens(&stmt.options, &mut c) }
    }

    pub(super) fn drop_tablespace(&self, stmt: &raw::DropTableSpaceStmt, mut c: Cursor) -> StatementKind {
        c.eat("drop tablespace");
        if stmt.missing_ok {
            c.eat("if exists");
        }
        StatementKind::DropTablespace { name: c.name(&stmt.tablespacename), if_exists: stmt.missing_ok }
    }

    pub(super) fn alter_system(&self, stmt: &raw::AlterSystemStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter system");
        match stmt.setstmt.get() {
            Some(setting) => StatementKind::AlterSystem { setting: self.set_variable(setting, c) },
            None => StatementKind::Other { tag: "AlterSystemStmt" },
        }
    }
}
