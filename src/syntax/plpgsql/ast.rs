//! What PL/pgSQL code says.
#![allow(missing_docs, reason = "fields carry the names of the manual's synopses; types are documented")]

use crate::source::Span;
use crate::syntax::{Ident, Label};

/// A piece of SQL in the code: a statement, an expression or a type. [`super::Body`] has its parsed form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sql {
    /// Its place; an INTO clause that PL/pgSQL reads by itself lies within.
    pub span: Span,
    pub(super) index: u32,
}

/// A statement of the code, with the place of everything up to its semicolon.
#[derive(Clone, PartialEq, Debug)]
pub struct CodeStatement {
    pub span: Span,
    pub kind: CodeStatementKind,
}

/// What a statement of PL/pgSQL is.
#[derive(Clone, PartialEq, Debug)]
pub enum CodeStatementKind {
    Block(Box<Block>),
    /// `target := value`
    Assign {
        target: Target,
        value: Sql,
    },
    If {
        /// Condition and statements of IF and each ELSIF.
        arms: Vec<(Sql, Vec<CodeStatement>)>,
        otherwise: Option<Vec<CodeStatement>>,
    },
    Case {
        operand: Option<Sql>,
        /// The list after WHEN (as one piece, `select a, b`), and the statements.
        arms: Vec<(Sql, Vec<CodeStatement>)>,
        otherwise: Option<Vec<CodeStatement>>,
    },
    Loop(Box<Loop>),
    /// EXIT, or CONTINUE where `continues`.
    Exit {
        continues: bool,
        label: Option<Ident>,
        when: Option<Sql>,
    },
    Return(Option<Sql>),
    ReturnNext(Option<Sql>),
    ReturnQuery(Sql),
    /// RETURN QUERY EXECUTE.
    ReturnExecute {
        query: Sql,
        using: Vec<Sql>,
    },
    Raise(Box<Raise>),
    Assert {
        condition: Sql,
        message: Option<Sql>,
    },
    /// EXECUTE of a query that is made at run time.
    Execute {
        query: Sql,
        into: Option<IntoTargets>,
        using: Vec<Sql>,
    },
    /// PERFORM; the piece is read as a SELECT.
    Perform(Sql),
    /// A statement of SQL.
    Sql {
        sql: Sql,
        into: Option<IntoTargets>,
    },
    GetDiagnostics {
        stacked: bool,
        /// Variable and item, such as `row_count`.
        items: Vec<(Target, Ident)>,
    },
    Open {
        cursor: Ident,
        source: OpenSource,
    },
    /// FETCH, or MOVE, which has no targets.
    Fetch {
        cursor: Ident,
        /// Goes to the next row, as it does where no direction is written.
        next: bool,
        targets: Vec<Target>,
    },
    Close(Ident),
    Commit {
        chain: bool,
    },
    Rollback {
        chain: bool,
    },
    Null,
    /// What we do not understand.
    Unknown,
}

/// `[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END`
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    pub label: Option<Ident>,
    pub declarations: Vec<Declaration>,
    pub statements: Vec<CodeStatement>,
    pub handlers: Vec<Handler>,
}

/// A declared name.
#[derive(Clone, PartialEq, Debug)]
pub struct Declaration {
    pub span: Span,
    pub name: Ident,
    pub kind: DeclarationKind,
}

/// What a name is declared as.
#[derive(Clone, PartialEq, Debug)]
pub enum DeclarationKind {
    Variable {
        constant: bool,
        ty: VariableType,
        not_null: bool,
        default: Option<Sql>,
    },
    /// `ALIAS FOR name`, maybe `$1`.
    Alias {
        of: Ident,
    },
    Cursor {
        scroll: Option<bool>,
        args: Vec<(Ident, VariableType)>,
        query: Sql,
    },
    Unknown,
}

/// The type of a variable.
#[derive(Clone, PartialEq, Debug)]
pub enum VariableType {
    /// A type's name (also `record` and `refcursor`).
    Type(Sql),
    /// `variable%TYPE`, `table.column%TYPE`.
    ColumnType { span: Span, name: Box<[Ident]> },
    /// `table%ROWTYPE`.
    RowType { span: Span, name: Box<[Ident]> },
}

/// `WHEN condition OR … THEN …` of an EXCEPTION section.
#[derive(Clone, PartialEq, Debug)]
pub struct Handler {
    pub span: Span,
    pub conditions: Vec<Condition>,
    pub statements: Vec<CodeStatement>,
}

/// An error by name or by number.
#[derive(Clone, PartialEq, Debug)]
pub enum Condition {
    /// `unique_violation`, `others`.
    Name(Ident),
    SqlState(Label),
}

/// What is written to: `a`, `a.b`, `a[1].b`.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    pub span: Span,
    /// The names; subscripts are left out.
    pub parts: Box<[Ident]>,
    pub subscripted: bool,
}

/// `INTO [STRICT] target, …`
#[derive(Clone, PartialEq, Debug)]
pub struct IntoTargets {
    pub span: Span,
    pub strict: bool,
    pub targets: Vec<Target>,
}

/// LOOP, WHILE, FOR, FOREACH.
#[derive(Clone, PartialEq, Debug)]
pub struct Loop {
    pub label: Option<Ident>,
    pub kind: LoopKind,
    pub statements: Vec<CodeStatement>,
}

/// What a loop goes over.
#[derive(Clone, PartialEq, Debug)]
pub enum LoopKind {
    Forever,
    While(Sql),
    /// `FOR i IN [REVERSE] from .. to [BY step]`
    Range {
        variable: Ident,
        reverse: bool,
        from: Sql,
        to: Sql,
        step: Option<Sql>,
    },
    /// `FOR row IN query`
    Query {
        targets: Vec<Target>,
        query: Sql,
    },
    /// `FOR row IN EXECUTE query [USING …]`
    Execute {
        targets: Vec<Target>,
        query: Sql,
        using: Vec<Sql>,
    },
    /// `FOR row IN cursor [(arguments)]`
    Cursor {
        targets: Vec<Target>,
        cursor: Ident,
        args: Vec<CursorArgument>,
    },
    /// `FOREACH x [SLICE n] IN ARRAY array`
    Array {
        targets: Vec<Target>,
        slice: bool,
        array: Sql,
    },
}

/// How loud a RAISE is; EXCEPTION ends the transaction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RaiseLevel {
    Debug,
    Log,
    Info,
    Notice,
    Warning,
    /// Also where no level is written.
    Exception,
}

/// RAISE.
#[derive(Clone, PartialEq, Debug)]
pub struct Raise {
    pub level: RaiseLevel,
    /// RAISE alone: the caught error once more.
    pub again: bool,
    pub condition: Option<Condition>,
    pub format: Option<Label>,
    /// For the `%` of the format.
    pub args: Vec<Sql>,
    /// `USING option = value`, such as `errcode`.
    pub options: Vec<(Ident, Sql)>,
}

/// `value` or `name := value`, for a cursor that takes arguments.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CursorArgument {
    pub name: Option<Ident>,
    pub value: Sql,
}

/// What OPEN opens.
#[derive(Clone, PartialEq, Debug)]
pub enum OpenSource {
    /// A cursor that was declared with its query.
    Declared(Vec<CursorArgument>),
    Query(Sql),
    Execute {
        query: Sql,
        using: Vec<Sql>,
    },
}

impl CodeStatement {
    /// The piece whose value is a statement that is run: EXECUTE in all its places.
    pub fn executed(&self) -> Option<Sql> {
        match &self.kind {
            CodeStatementKind::Execute { query, .. } | CodeStatementKind::ReturnExecute { query, .. } => Some(*query),
            CodeStatementKind::Loop(inner) => match &inner.kind {
                LoopKind::Execute { query, .. } => Some(*query),
                _ => None,
            },
            CodeStatementKind::Open { source: OpenSource::Execute { query, .. }, .. } => Some(*query),
            _ => None,
        }
    }

    /// The statements within, in order: of a block its handlers' too.
    pub fn children(&self) -> Vec<&CodeStatement> {
        match &self.kind {
            CodeStatementKind::Block(block) => {
                let handled = block.handlers.iter().flat_map(|handler| &handler.statements);
                block.statements.iter().chain(handled).collect()
            }
            CodeStatementKind::Loop(inner) => inner.statements.iter().collect(),
            CodeStatementKind::If { arms, otherwise } | CodeStatementKind::Case { arms, otherwise, .. } => {
                let chosen = arms.iter().flat_map(|(_, statements)| statements);
                chosen.chain(otherwise.iter().flatten()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Shows this statement and all within it, in the order of the text.
    pub fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a CodeStatement)) {
        see(self);
        for child in self.children() {
            child.walk(see);
        }
    }
}
