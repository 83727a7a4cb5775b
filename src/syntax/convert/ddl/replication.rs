//! Publications and subscriptions.

use super::*;

impl Converter<'_> {
    pub(super) fn create_publication(&self, stmt: &raw::CreatePublicationStmt, mut c: Cursor) -> StatementKind {
        c.eat("create publication");
        let name = c.name(&stmt.pubname);
        c.eat("for all tables");
        c.eat("for");
        let (objects, mut c) = self.publication_objects(&stmt.pubobjects, c);
        c.eat("with");
        StatementKind::CreatePublication(Box::new(CreatePublication {
            name,
            all_tables: stmt.for_all_tables,
            objects,
            options: self.definitions_in_parens(&stmt.options, &mut c),
        }))
    }

    pub(super) fn alter_publication(&self, stmt: &raw::AlterPublicationStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter publication");
        let name = c.name(&stmt.pubname);
        c.eat_any(&["add", "drop", "set"]);
        let (objects, mut c) = self.publication_objects(&stmt.pubobjects, c);
        let action = match stmt.action {
            _ if !stmt.options.is_empty() => PublicationAction::SetOptions,
            raw::AP_AddObjects => PublicationAction::Add,
            raw::AP_DropObjects => PublicationAction::Drop,
            _ => PublicationAction::SetObjects,
        };
        let options = self.definitions_in_parens(&stmt.options, &mut c);
        StatementKind::AlterPublication(Box::new(AlterPublication { name, action, objects, options }))
    }

    /// `TABLE a (b) WHERE (c), d, TABLES IN SCHEMA e, f`, and the cursor after it.
    fn publication_objects<'c>(&self, list: &Ptr<raw::List>, c: Cursor<'c>) -> (Vec<PublicationObject>, Cursor<'c>) {
        let mut after = c;
        let mut objects = Vec::new();
        for (object, mut piece) in list.of::<raw::PublicationObjSpec>().zip(c.pieces()) {
            objects.extend(self.publication_object(object, &mut piece));
            after.seek(piece.index());
        }
        (objects, after)
    }

    fn publication_object(&self, object: &raw::PublicationObjSpec, c: &mut Cursor) -> Option<PublicationObject> {
        c.eat("tables in schema");
        match object.pubobjtype {
            raw::PUBLICATIONOBJ_TABLES_IN_SCHEMA => Some(PublicationObject::TablesInSchema(c.name(&object.name))),
            raw::PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA => {
                c.bump();
                Some(PublicationObject::TablesInCurrentSchema)
            }
            _ => {
                let table = object.pubtable.get()?;
                let relation = self.take_relation(&table.relation, c);
                let columns = c.names_in_parens(&table.columns);
                let filter = self.optional_expr(&table.whereClause);
                if c.eat("where").is_some() {
                    c.skip();
                }
                Some(PublicationObject::Table { relation, columns, filter })
            }
        }
    }

    pub(super) fn create_subscription(&self, stmt: &raw::CreateSubscriptionStmt, mut c: Cursor) -> StatementKind {
        c.eat("create subscription");
        let name = c.name(&stmt.subname);
        let publications = stmt.publication.strings().map(Name::from).collect();
        StatementKind::CreateSubscription { name, publications, options: self.last_parens(&stmt.options, c) }
    }

    pub(super) fn alter_subscription(&self, stmt: &raw::AlterSubscriptionStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter subscription");
        let name = c.name(&stmt.subname);
        let options = match stmt.kind {
            raw::ALTER_SUBSCRIPTION_ENABLED => {
                // ENABLE and DISABLE are the option "enabled", whose place is that of ALTER.
                let options = stmt.options.of().map(|option| self.definition(option, c));
                options.collect()
            }
            _ => self.last_parens(&stmt.options, c),
        };
        StatementKind::AlterSubscription { name, refresh: stmt.kind == raw::ALTER_SUBSCRIPTION_REFRESH, options }
    }

    /// Options in parentheses after words of no interest.
    fn last_parens(&self, options: &Ptr<raw::List>, mut c: Cursor) -> Vec<Definition> {
        while !c.is_end() && !c.is_kind(TokenKind::LeftParen) {
            c.bump();
        }
        self.definitions_in_parens(options, &mut c)
    }

    pub(super) fn drop_subscription(&self, stmt: &raw::DropSubscriptionStmt, mut c: Cursor) -> StatementKind {
        c.eat("drop subscription");
        if stmt.missing_ok {
            c.eat("if exists");
        }
        StatementKind::DropSubscription { name: c.name(&stmt.subname), if_exists: stmt.missing_ok }
    }
}
