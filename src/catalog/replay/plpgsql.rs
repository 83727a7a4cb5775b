//! What the server refuses in PL/pgSQL code when it compiles it: at CREATE FUNCTION, or before a DO block runs.
//!
//! It then knows types, variables and the grammar of the SQL within, but looks up no name in that SQL.

use rustc_hash::FxHashSet;

use super::{Effect, Replay};
use crate::catalog::baseline::{self, KeywordCategory};
use crate::catalog::{Routine, RoutineKind, TypeClass, TypeRef};
use crate::source::Span;
use crate::syntax::plpgsql::{
    Block, Body, CodeStatement, CodeStatementKind, Declaration, DeclarationKind, IntoTargets, Loop, LoopKind,
    OpenSource, Raise, Sql, Target, Types, VariableType,
};
use crate::syntax::{CodeText, Ident, Name, ParameterMode, QualifiedName, TypeName};

/// The code while it is gone through.
struct Compilation<'a> {
    body: &'a Body,
    /// Its types, where nobody will ask for what else it says: all of that is SQL, and the code is made again later.
    types: Option<Types>,
    returns: Returns,
    /// The names in sight: one list a block.
    blocks: Vec<Names>,
    /// The labels of the blocks and loops around, with whether it is a loop.
    around: Vec<(Option<Name>, bool)>,
}

/// The variables that one block declares.
#[derive(Default)]
struct Names {
    variables: FxHashSet<Name>,
    constants: FxHashSet<Name>,
}

/// What RETURN may give back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Returns {
    Value,
    Void,
    Set,
    SetOfOutputs,
    Outputs,
    Procedure,
    Trigger,
    /// A DO block.
    Nothing,
}

/// The variables of a trigger function.
const TRIGGER_VARIABLES: &[&str] = &[
    "new",
    "old",
    "tg_argv",
    "tg_level",
    "tg_name",
    "tg_nargs",
    "tg_op",
    "tg_relid",
    "tg_relname",
    "tg_table_name",
    "tg_table_schema",
    "tg_when",
];

impl Replay {
    /// Compiles the code of a function.
    pub(super) fn check_plpgsql_function(
        &mut self,
        created: &QualifiedName,
        routine: &Routine,
        code: &CodeText,
    ) -> Effect<()> {
        let mut names = Names::default();
        for parameter in &routine.parameters {
            names.variables.extend(parameter.name);
        }
        names.variables.insert(created.name.name);
        let pseudo = routine.returns.as_ref().and_then(|ty| self.pseudo_type(ty));
        match pseudo {
            Some("trigger") => names.variables.extend(TRIGGER_VARIABLES.iter().map(Name::from)),
            Some("event_trigger") => names.variables.extend(["tg_event", "tg_tag"].map(Name::from)),
            _ => {}
        }
        let again = self.ahead.makes_again(created);
        let checked = self.check_plpgsql(code, names, returns_of(routine, pseudo), again);
        if again {
            code.forget();
        }
        checked
    }

    /// Compiles the code of a DO block.
    pub(crate) fn check_plpgsql_block(&mut self, code: &CodeText) -> Effect<()> {
        self.check_plpgsql(code, Names::default(), Returns::Nothing, false)
    }

    /// `again`: the function is made again further on.
    fn check_plpgsql(&mut self, code: &CodeText, mut names: Names, returns: Returns, again: bool) -> Effect<()> {
        names.variables.insert(Name::from("found"));
        let body = code.body();
        if body.templated {
            return Ok(());
        }
        if let Some(error) = &body.error {
            return Err(self.refuse(error.sqlstate(), error.span, error.message.clone()));
        }
        let types = (again && body.is_sql(&mut self.known_sql)).then(|| body.types());
        let mut compilation = Compilation { body: &body, types, returns, blocks: vec![names], around: Vec::new() };
        self.compile_all(&body.statements, &mut compilation)
    }

    fn compile_all(&mut self, statements: &[CodeStatement], it: &mut Compilation<'_>) -> Effect<()> {
        statements.iter().try_for_each(|statement| self.compile(statement, it))
    }

    fn compile(&mut self, statement: &CodeStatement, it: &mut Compilation<'_>) -> Effect<()> {
        match &statement.kind {
            CodeStatementKind::Block(block) => self.compile_block(block, it),
            CodeStatementKind::Loop(of) => self.compile_loop(of, it),
            CodeStatementKind::If { arms, otherwise } | CodeStatementKind::Case { arms, otherwise, .. } => {
                if let CodeStatementKind::Case { operand: Some(operand), .. } = &statement.kind {
                    self.check_sql(*operand, it)?;
                }
                for (condition, statements) in arms {
                    self.check_sql(*condition, it)?;
                    self.compile_all(statements, it)?;
                }
                otherwise.as_ref().map_or(Ok(()), |statements| self.compile_all(statements, it))
            }
            CodeStatementKind::Assign { target, value } => {
                self.check_target(target, it)?;
                self.check_assigned_word(target)?;
                self.check_sql(*value, it)
            }
            CodeStatementKind::Raise(raise) => self.compile_raise(raise, statement.span, it),
            CodeStatementKind::Exit { continues, label, when } => {
                self.check_exit(*continues, *label, statement.span, it)?;
                when.map_or(Ok(()), |when| self.check_sql(when, it))
            }
            kind => self.compile_simple(kind, statement.span, it),
        }
    }

    fn compile_simple(&mut self, kind: &CodeStatementKind, span: Span, it: &mut Compilation<'_>) -> Effect<()> {
        match kind {
            CodeStatementKind::Return(value) => self.check_return(*value, span, it),
            CodeStatementKind::ReturnNext(value) => {
                self.check_returns_set("RETURN NEXT", span, it)?;
                if let (Some(value), Returns::SetOfOutputs) = (value, it.returns) {
                    let message = "RETURN NEXT cannot have a parameter in function with OUT parameters";
                    return Err(self.refuse("42804", value.span, message));
                }
                value.map_or(Ok(()), |value| self.check_sql(value, it))
            }
            CodeStatementKind::ReturnQuery(query) => {
                self.check_returns_set("RETURN QUERY", span, it)?;
                self.check_sql(*query, it)
            }
            CodeStatementKind::ReturnExecute { query, using } => {
                self.check_returns_set("RETURN QUERY", span, it)?;
                self.check_all_sql(query, using, it)
            }
            CodeStatementKind::Execute { query, into, using } => {
                self.check_into(into.as_ref(), it)?;
                self.check_all_sql(query, using, it)
            }
            CodeStatementKind::Sql { sql, into } => {
                self.check_into(into.as_ref(), it)?;
                self.check_sql(*sql, it)
            }
            CodeStatementKind::Perform(sql) => self.check_sql(*sql, it),
            CodeStatementKind::Assert { condition, message } => self.check_all_sql(condition, message.as_slice(), it),
            CodeStatementKind::GetDiagnostics { items, .. } => {
                items.iter().try_for_each(|(target, _)| self.check_target(target, it))
            }
            CodeStatementKind::Open { cursor, source } => {
                self.check_known(*cursor, it)?;
                match source {
                    OpenSource::Declared(args) => args.iter().try_for_each(|arg| self.check_sql(arg.value, it)),
                    OpenSource::Query(query) => self.check_sql(*query, it),
                    OpenSource::Execute { query, using } => self.check_all_sql(query, using, it),
                }
            }
            CodeStatementKind::Fetch { cursor, targets, .. } => {
                self.check_known(*cursor, it)?;
                targets.iter().try_for_each(|target| self.check_target(target, it))
            }
            CodeStatementKind::Close(cursor) => self.check_known(*cursor, it),
            _ => Ok(()),
        }
    }

    // --- blocks and loops -------------------------------------------------------------------------

    fn compile_block(&mut self, block: &Block, it: &mut Compilation<'_>) -> Effect<()> {
        it.blocks.push(Names::default());
        it.around.push((block.label.map(|label| label.name), false));
        for declaration in &block.declarations {
            self.compile_declaration(declaration, it)?;
        }
        self.compile_all(&block.statements, it)?;
        for handler in &block.handlers {
            let errors = ["sqlstate", "sqlerrm"].map(Name::from).into_iter().collect();
            it.blocks.push(Names { variables: errors, ..Names::default() });
            self.compile_all(&handler.statements, it)?;
            it.blocks.pop();
        }
        it.around.pop();
        it.blocks.pop();
        Ok(())
    }

    fn compile_declaration(&mut self, declaration: &Declaration, it: &mut Compilation<'_>) -> Effect<()> {
        let name = declaration.name;
        if it.blocks.last().is_some_and(|block| block.variables.contains(&name.name)) {
            let message = format!("duplicate declaration at or near \"{}\"", name.name);
            return Err(self.refuse("42601", name.span, message));
        }
        let mut is_constant = false;
        match &declaration.kind {
            DeclarationKind::Variable { constant, ty, default, .. } => {
                is_constant = *constant;
                self.check_variable_type(name, ty, it)?;
                default.map_or(Ok(()), |default| self.check_sql(default, it))?;
            }
            DeclarationKind::Cursor { args, query, .. } => {
                for (arg, ty) in args {
                    self.check_variable_type(*arg, ty, it)?;
                }
                self.check_sql(*query, it)?;
            }
            DeclarationKind::Alias { .. } | DeclarationKind::Unknown => {}
        }
        if let Some(block) = it.blocks.last_mut() {
            block.variables.insert(name.name);
            if is_constant {
                block.constants.insert(name.name);
            }
        }
        Ok(())
    }

    fn check_variable_type(&mut self, name: Ident, ty: &VariableType, it: &Compilation<'_>) -> Effect<()> {
        match ty {
            VariableType::Type(sql) => {
                let Some(ty) = it.type_name(*sql) else { return Ok(()) };
                let resolved = self.resolve_type(ty)?;
                self.check_no_pseudo_type(name, &resolved, ty.span)
            }
            VariableType::ColumnType { span, name } => self.check_copied_type(*span, name, it),
            VariableType::RowType { name, .. } => self.relation_of_parts(name).map(|_| ()),
        }
    }

    fn check_no_pseudo_type(&self, name: Ident, ty: &TypeRef, span: Span) -> Effect<()> {
        let Some(pseudo) = self.pseudo_type(ty) else { return Ok(()) };
        if matches!(pseudo, "record" | "refcursor") || super::function::is_polymorphic(pseudo) {
            return Ok(());
        }
        Err(self.refuse("0A000", span, format!("variable \"{}\" has pseudo-type {pseudo}", name.name)))
    }

    /// `variable%TYPE`, `table.column%TYPE`.
    fn check_copied_type(&mut self, span: Span, parts: &[Ident], it: &Compilation<'_>) -> Effect<()> {
        let [before @ .., column] = parts else { return Ok(()) };
        if parts.first().is_some_and(|first| it.knows(first.name)) {
            return Ok(());
        }
        if before.is_empty() {
            let message = "improper %TYPE reference (too few dotted names)";
            return Err(self.refuse("42601", span, format!("{message}: {}", column.name)));
        }
        let relation = self.relation_of_parts(before)?;
        self.column_of(relation, *column).map(|_| ())
    }

    fn relation_of_parts(&mut self, parts: &[Ident]) -> Effect<crate::catalog::ObjectId> {
        let mut parts = parts.iter().rev().copied();
        let Some(name) = parts.next() else { return Err(self.unknown("the relation has no name")) };
        self.relation_read(&QualifiedName { database: None, schema: parts.next(), name })
    }

    fn compile_loop(&mut self, of: &Loop, it: &mut Compilation<'_>) -> Effect<()> {
        let mut names = Names::default();
        match &of.kind {
            LoopKind::Forever => {}
            LoopKind::While(condition) => self.check_sql(*condition, it)?,
            LoopKind::Range { variable, from, to, step, .. } => {
                names.variables.insert(variable.name);
                self.check_all_sql(from, &[*to], it)?;
                step.map_or(Ok(()), |step| self.check_sql(step, it))?;
            }
            LoopKind::Query { targets, query } => {
                self.check_loop_targets(targets, it)?;
                self.check_sql(*query, it)?;
            }
            LoopKind::Execute { targets, query, using } => {
                self.check_loop_targets(targets, it)?;
                self.check_all_sql(query, using, it)?;
            }
            LoopKind::Cursor { targets, args, .. } => {
                args.iter().try_for_each(|arg| self.check_sql(arg.value, it))?;
                names.variables.extend(targets.iter().filter_map(|target| target.parts.first()).map(|part| part.name));
            }
            LoopKind::Array { targets, array, .. } => {
                targets.iter().try_for_each(|target| self.check_target(target, it))?;
                self.check_sql(*array, it)?;
            }
        }
        it.blocks.push(names);
        it.around.push((of.label.map(|label| label.name), true));
        self.compile_all(&of.statements, it)?;
        it.around.pop();
        it.blocks.pop();
        Ok(())
    }

    fn check_loop_targets(&self, targets: &[Target], it: &Compilation<'_>) -> Effect<()> {
        let unknown = |target: &&Target| target.parts.first().is_some_and(|first| !it.knows(first.name));
        let Some(target) = targets.iter().find(unknown) else { return Ok(()) };
        let message = "loop variable of loop over rows must be a record variable or list of scalar variables";
        let name = target.parts.first().map(|first| first.name).unwrap_or_default();
        Err(self.refuse("42601", target.span, message).help(format!("declare {name}: {name} record;")))
    }

    fn check_exit(&self, continues: bool, label: Option<Ident>, span: Span, it: &Compilation<'_>) -> Effect<()> {
        let word = if continues { "CONTINUE" } else { "EXIT" };
        let in_loop = it.around.iter().any(|(_, is_loop)| *is_loop);
        match label {
            None if in_loop => Ok(()),
            None if continues => Err(self.refuse("42601", span, "CONTINUE cannot be used outside a loop")),
            None => Err(self.refuse("42601", span, "EXIT cannot be used outside a loop, unless it has a label")),
            Some(label) => match it.around.iter().rev().find(|(known, _)| *known == Some(label.name)) {
                Some((_, false)) if continues => {
                    let message = format!("block label \"{}\" cannot be used in {word}", label.name);
                    Err(self.refuse("42601", label.span, message))
                }
                Some(_) => Ok(()),
                None => {
                    let message = format!(
                        "there is no label \"{}\" attached to any block or loop enclosing this statement",
                        label.name
                    );
                    Err(self.refuse("42601", label.span, message))
                }
            },
        }
    }

    // --- variables --------------------------------------------------------------------------------

    fn check_into(&self, into: Option<&IntoTargets>, it: &Compilation<'_>) -> Effect<()> {
        into.map_or(Ok(()), |into| into.targets.iter().try_for_each(|target| self.check_target(target, it)))
    }

    fn check_target(&self, target: &Target, it: &Compilation<'_>) -> Effect<()> {
        let Some(first) = target.parts.first() else { return Ok(()) };
        let names: Vec<&str> = target.parts.iter().map(|part| part.as_str()).collect();
        if !it.knows(first.name) {
            return Err(self.refuse("42601", target.span, format!("\"{}\" is not a known variable", names.join("."))));
        }
        if target.parts.len() == 1 && it.is_constant(first.name) {
            let message = format!("variable \"{}\" is declared CONSTANT", first.name);
            return Err(self.refuse("22005", target.span, message));
        }
        Ok(())
    }

    /// A variable may have the name of a reserved key word, but the grammar of assignments is that of SQL.
    fn check_assigned_word(&self, target: &Target) -> Effect<()> {
        let Some(first) = target.parts.first() else { return Ok(()) };
        let is_quoted = first.span.len() as usize != first.as_str().len();
        let category = baseline::keyword(first.as_str(), self.settings.version);
        let is_reserved = matches!(category, Some(KeywordCategory::Reserved | KeywordCategory::TypeOrFunctionName));
        if is_quoted || !is_reserved {
            return Ok(());
        }
        let message = format!("syntax error at or near \"{}\"", first.name);
        Err(self.refuse("42601", first.span, message).help("take a name that is no reserved key word"))
    }

    fn check_known(&self, name: Ident, it: &Compilation<'_>) -> Effect<()> {
        if it.knows(name.name) {
            return Ok(());
        }
        Err(self.refuse("42601", name.span, format!("\"{}\" is not a known variable", name.name)))
    }

    // --- RETURN and RAISE -------------------------------------------------------------------------

    fn check_return(&mut self, value: Option<Sql>, span: Span, it: &Compilation<'_>) -> Effect<()> {
        let Some(value) = value else {
            let needed = matches!(it.returns, Returns::Value | Returns::Trigger);
            return match needed {
                true => Err(self.refuse("42601", span, "missing expression at or near \";\"")),
                false => Ok(()),
            };
        };
        let message = match it.returns {
            Returns::Set | Returns::SetOfOutputs => "RETURN cannot have a parameter in function returning set",
            Returns::Outputs => "RETURN cannot have a parameter in function with OUT parameters",
            Returns::Void | Returns::Nothing => "RETURN cannot have a parameter in function returning void",
            Returns::Procedure => "RETURN cannot have a parameter in a procedure",
            Returns::Value | Returns::Trigger => return self.check_sql(value, it),
        };
        Err(self.refuse("42804", value.span, message))
    }

    fn check_returns_set(&self, word: &str, span: Span, it: &Compilation<'_>) -> Effect<()> {
        if matches!(it.returns, Returns::Set | Returns::SetOfOutputs) {
            return Ok(());
        }
        Err(self.refuse("42804", span, format!("cannot use {word} in a non-SETOF function")))
    }

    fn compile_raise(&mut self, raise: &Raise, span: Span, it: &Compilation<'_>) -> Effect<()> {
        for arg in &raise.args {
            self.check_sql(*arg, it)?;
        }
        for (_, value) in &raise.options {
            self.check_sql(*value, it)?;
        }
        let Some(format) = &raise.format else { return Ok(()) };
        let wanted = placeholders(&format.text);
        let (given, few) = (raise.args.len(), "too few parameters specified for RAISE");
        let message = match given.cmp(&wanted) {
            std::cmp::Ordering::Equal => return Ok(()),
            std::cmp::Ordering::Less => few,
            std::cmp::Ordering::Greater => "too many parameters specified for RAISE",
        };
        let label = format!("{wanted} % in the format, {given} given");
        Err(self.refuse("42601", span, message).label(format.span, label))
    }

    // --- SQL --------------------------------------------------------------------------------------

    fn check_all_sql(&self, first: &Sql, others: &[Sql], it: &Compilation<'_>) -> Effect<()> {
        self.check_sql(*first, it)?;
        others.iter().try_for_each(|sql| self.check_sql(*sql, it))
    }

    /// The grammar of a piece.
    fn check_sql(&self, sql: Sql, it: &Compilation<'_>) -> Effect<()> {
        if it.types.is_some() {
            return Ok(());
        }
        match it.body.statement(sql) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.refuse(error.sqlstate(), error.span, error.message.clone())),
        }
    }

    /// The name of a type that stands for others or for nothing.
    pub(super) fn pseudo_type(&self, ty: &TypeRef) -> Option<&'static str> {
        let object = self.now().get(ty.id).filter(|_| !ty.array)?;
        matches!(object.as_type()?.class, TypeClass::Pseudo).then(|| object.name.as_str())
    }
}

impl Compilation<'_> {
    fn type_name(&self, sql: Sql) -> Option<&TypeName> {
        match &self.types {
            Some(types) => types.get(sql),
            None => self.body.type_name(sql),
        }
    }

    /// Whether a word is a variable, or a block or function that qualifies one.
    fn knows(&self, name: Name) -> bool {
        name.as_str().starts_with('$')
            || self.blocks.iter().any(|block| block.variables.contains(&name))
            || self.around.iter().any(|(label, _)| *label == Some(name))
    }

    fn is_constant(&self, name: Name) -> bool {
        let block = self.blocks.iter().rev().find(|block| block.variables.contains(&name));
        block.is_some_and(|block| block.constants.contains(&name))
    }
}

fn returns_of(routine: &Routine, pseudo: Option<&str>) -> Returns {
    let is_output = |mode| matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table);
    let outputs = routine.parameters.iter().any(|parameter| is_output(parameter.mode));
    match (routine.kind, routine.returns_set, pseudo) {
        (RoutineKind::Procedure, ..) => Returns::Procedure,
        (_, true, _) if outputs => Returns::SetOfOutputs,
        (_, true, _) => Returns::Set,
        (_, false, Some("trigger" | "event_trigger")) => Returns::Trigger,
        (_, false, Some("void")) => Returns::Void,
        _ if outputs => Returns::Outputs,
        _ => Returns::Value,
    }
}

/// The `%` of a format that stand for arguments; `%%` is one per cent sign.
fn placeholders(format: &str) -> usize {
    let mut count = 0;
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '%' && letters.next_if_eq(&'%').is_none() {
            count += 1;
        }
    }
    count
}
