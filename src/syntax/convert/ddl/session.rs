//! Transactions, prepared statements, cursors, notifications and other commands about a session.

use super::*;

impl Converter<'_> {
    pub(super) fn transaction(&self, stmt: &raw::TransactionStmt, mut c: Cursor) -> Transaction {
        let savepoint = |c: &mut Cursor| {
            c.skip_to(&["savepoint"]);
            c.eat("savepoint");
            c.name(&stmt.savepoint_name)
        };
        match stmt.kind {
            raw::TRANS_STMT_COMMIT => Transaction::Commit { chain: stmt.chain },
            raw::TRANS_STMT_ROLLBACK => Transaction::Rollback { chain: stmt.chain },
            raw::TRANS_STMT_SAVEPOINT => Transaction::Savepoint(savepoint(&mut c)),
            raw::TRANS_STMT_RELEASE => {
                c.eat("release");
                c.eat_before_name("savepoint");
                Transaction::Release(c.name(&stmt.savepoint_name))
            }
            raw::TRANS_STMT_ROLLBACK_TO => {
                c.skip_to(&["to"]);
                c.eat("to");
                c.eat_before_name("savepoint");
                Transaction::RollbackTo(c.name(&stmt.savepoint_name))
            }
            raw::TRANS_STMT_PREPARE => Transaction::Prepare,
            raw::TRANS_STMT_COMMIT_PREPARED => Transaction::CommitPrepared,
            raw::TRANS_STMT_ROLLBACK_PREPARED => Transaction::RollbackPrepared,
            _ => Transaction::Begin { options: self.definitions(&stmt.options, c) },
        }
    }

    pub(super) fn discard(&self, stmt: &raw::DiscardStmt) -> StatementKind {
        let what = match stmt.target {
            raw::DISCARD_PLANS => "plans",
            raw::DISCARD_SEQUENCES => "sequences",
            raw::DISCARD_TEMP => "temp",
            _ => "all",
        };
        StatementKind::Discard { what }
    }

    pub(super) fn set_constraints(&self, stmt: &raw::ConstraintsSetStmt) -> StatementKind {
        let constraints = self.relations(&stmt.constraints).into_iter().map(|constraint| constraint.name).collect();
        StatementKind::SetConstraints { constraints, deferred: stmt.deferred }
    }

    pub(super) fn prepare(&self, stmt: &raw::PrepareStmt, mut c: Cursor) -> StatementKind {
        c.eat("prepare");
        let name = c.name(&stmt.name);
        let types = stmt.argtypes.of().map(|ty| self.type_name(ty)).collect();
        c.parens();
        c.eat("as");
        StatementKind::Prepare { name, types, statement: Box::new(self.inner_statement(&stmt.query, c)) }
    }

    /// The statement that the rest of this one is.
    fn inner_statement(&self, node: &Ptr<raw::Node>, c: Cursor) -> Statement {
        match node.node() {
            Some(node) => self.part(node, c),
            None => Statement {
                span: c.rest_span(),
                written: self.is_written(),
                kind: StatementKind::Other { tag: "nothing" },
            },
        }
    }

    pub(super) fn execute(&self, stmt: &raw::ExecuteStmt, mut c: Cursor) -> StatementKind {
        c.eat("execute");
        StatementKind::Execute { name: c.name(&stmt.name), args: self.exprs(&stmt.params) }
    }

    pub(super) fn deallocate(&self, stmt: &raw::DeallocateStmt, mut c: Cursor) -> StatementKind {
        c.eat("deallocate");
        c.eat_before_name("prepare");
        StatementKind::Deallocate { name: c.maybe_ident(&stmt.name) }
    }

    pub(super) fn explain(&self, stmt: &raw::ExplainStmt, mut c: Cursor) -> StatementKind {
        c.eat("explain");
        let options = if c.is_kind(TokenKind::LeftParen) && !self.opens_query(c) {
            self.definitions_in_parens(&stmt.options, &mut c)
        } else {
            let start = c;
            while c.eat_any(&["analyze", "analyse", "verbose"]).is_some() {}
            self.definitions(&stmt.options, start.until(c.index()))
        };
        StatementKind::Explain { options, statement: Box::new(self.inner_statement(&stmt.query, c)) }
    }

    /// Whether parentheses that are next hold a query: EXPLAIN (SELECT …).
    fn opens_query(&self, mut c: Cursor) -> bool {
        while let Some(inside) = c.parens() {
            c = inside;
        }
        c.is("select") || c.is("with") || c.is("values") || c.is("table")
    }

    pub(super) fn declare_cursor(&self, stmt: &raw::DeclareCursorStmt, mut c: Cursor) -> StatementKind {
        c.eat("declare");
        let name = c.name(&stmt.portalname);
        c.skip_to(&["for"]);
        c.eat("for");
        self.reached(c.index());
        match stmt.query.node() {
            Some(Node::SelectStmt(query)) => {
                StatementKind::DeclareCursor { name, query: Box::new(self.query(query).value) }
            }
            _ => StatementKind::Other { tag: "DeclareCursorStmt" },
        }
    }

    /// The cursor's name comes last.
    pub(super) fn fetch(&self, stmt: &raw::FetchStmt, c: Cursor) -> StatementKind {
        let mut last = c;
        last.seek(c.rest().end.saturating_sub(1));
        StatementKind::Fetch { cursor: last.name(&stmt.portalname), moves: stmt.ismove }
    }

    pub(super) fn close_portal(&self, stmt: &raw::ClosePortalStmt, mut c: Cursor) -> StatementKind {
        c.eat("close");
        StatementKind::ClosePortal { name: c.maybe_ident(&stmt.portalname) }
    }

    pub(super) fn listen(&self, stmt: &raw::ListenStmt, mut c: Cursor) -> StatementKind {
        c.eat("listen");
        StatementKind::Listen { channel: c.name(&stmt.conditionname) }
    }

    pub(super) fn unlisten(&self, stmt: &raw::UnlistenStmt, mut c: Cursor) -> StatementKind {
        c.eat("unlisten");
        StatementKind::Unlisten { channel: c.maybe_ident(&stmt.conditionname) }
    }

    pub(super) fn notify(&self, stmt: &raw::NotifyStmt, mut c: Cursor) -> StatementKind {
        c.eat("notify");
        StatementKind::Notify { channel: c.name(&stmt.conditionname), payload: optional_text(&stmt.payload) }
    }
}
