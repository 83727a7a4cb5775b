//! Functions, procedures, DO and CALL.

use super::*;

/// Words that say a parameter's mode, longest first.
const MODES: &[&str] = &["in out", "inout", "in", "out", "variadic"];

impl Converter<'_> {
    pub(super) fn create_function(&self, stmt: &raw::CreateFunctionStmt, mut c: Cursor) -> StatementKind {
        c.eat("create");
        c.eat("or replace");
        c.eat_any(&["function", "procedure"]);
        let name = c.qualified(&stmt.funcname);
        let parameters = self.parameters(&stmt.parameters, c);
        c.skip();
        c.eat("returns");
        let table = c.is("table");
        let returns =
            stmt.returnType.get().map(|ty| if table { table_type(ty, &mut c) } else { self.take_type(ty, &mut c) });
        StatementKind::CreateFunction(Box::new(CreateFunction {
            name,
            replace: stmt.replace,
            procedure: stmt.is_procedure,
            parameters,
            returns_table: table && returns.is_some(),
            returns,
            options: self.function_options(&stmt.options, c),
            body: self.function_body(stmt, c),
        }))
    }

    /// Parameters with a place each; those of RETURNS TABLE are among them.
    fn parameters(&self, list: &Ptr<raw::List>, c: Cursor) -> Vec<Parameter> {
        list.of::<raw::FunctionParameter>().map(|parameter| self.parameter(parameter, c)).exact()
    }

    fn parameter(&self, parameter: &raw::FunctionParameter, mut c: Cursor) -> Parameter {
        c.seek_location(parameter.location);
        let start = c.index();
        c.eat_any(MODES);
        let name = c.maybe_ident(&parameter.name);
        let ty = parameter
            .argType
            .get()
            .map(|ty| self.take_type(ty, &mut c))
            .unwrap_or_else(|| self.plain_type(vec![], &mut c));
        let default = self.optional_expr(&parameter.defexpr);
        if default.is_some() {
            c.seek(self.element_end(c.index()));
        }
        Parameter {
            span: c.since(start),
            name,
            mode: match parameter.mode as u8 {
                b'o' => ParameterMode::Out,
                b'b' => ParameterMode::InOut,
                b'v' => ParameterMode::Variadic,
                b't' => ParameterMode::Table,
                _ => ParameterMode::In,
            },
            ty,
            default,
        }
    }

    fn function_body(&self, stmt: &raw::CreateFunctionStmt, mut c: Cursor) -> Option<FunctionBody> {
        match stmt.sql_body.node() {
            None => self.function_text(stmt, c),
            Some(Node::ReturnStmt(body)) => self.optional_expr(&body.returnval).map(FunctionBody::Return),
            Some(Node::List(bodies)) => {
                c.skip_to(&["begin"]);
                c.eat("begin atomic");
                Some(FunctionBody::Atomic(self.atomic_body(bodies, c)))
            }
            Some(_) => None,
        }
    }

    /// Statements up to END; the parser leaves out empty ones.
    fn atomic_body(&self, bodies: &raw::List, c: Cursor) -> Vec<Statement> {
        let statements = bodies.nodes().filter_map(|body| match body {
            Node::List(statements) => Some(statements),
            _ => None,
        });
        let pieces = c.cut(TokenKind::Semicolon).filter(|piece| !piece.is_end());
        statements.flat_map(raw::List::nodes).zip(pieces).map(|(node, piece)| self.part(node, piece)).exact()
    }

    /// `AS 'code'` or `AS 'library', 'symbol'`.
    fn function_text(&self, stmt: &raw::CreateFunctionStmt, mut c: Cursor) -> Option<FunctionBody> {
        let option = stmt.options.of::<raw::DefElem>().find(|option| option.defname.str() == Some("as"))?;
        let Some(Node::List(texts)) = option.arg.node() else { return None };
        c.seek_location(option.location);
        c.eat("as");
        let mut texts = texts.strings();
        let code = self.code(texts.next()?, &mut c);
        Some(FunctionBody::Text { code, link_symbol: texts.next().map(Box::from) })
    }

    /// A string constant that is next, as code.
    fn code(&self, text: &str, c: &mut Cursor) -> CodeText {
        let constant = c.string();
        let source = self.source(constant);
        let inner = within_quotes(source);
        let start = self.bytes(constant).start;
        let place = self.origin().span((start + inner.start) as u32, (start + inner.end) as u32);
        CodeText::new(self.span(constant), place, text.into(), source.get(inner) == Some(text))
    }

    fn function_options(&self, list: &Ptr<raw::List>, c: Cursor) -> FunctionOptions {
        let mut options = FunctionOptions::default();
        let mut said: Vec<&str> = Vec::new();
        for option in list.of::<raw::DefElem>() {
            let mut c = c;
            c.seek_location(option.location);
            let name = option.defname.str().unwrap_or_default();
            if name != "set" && said.contains(&name) {
                options.repeated = options.repeated.or(Some(c.here()));
            }
            said.push(name);
            self.function_option(option, c, &mut options);
        }
        options
    }

    fn function_option(&self, option: &raw::DefElem, mut c: Cursor, options: &mut FunctionOptions) {
        let arg = option.arg.node();
        match (option.defname.str().unwrap_or_default(), arg) {
            ("language", Some(Node::String(name))) => {
                c.eat("language");
                options.language = Some(c.name(&name.sval));
            }
            ("volatility", Some(Node::String(word))) => {
                let volatility = match word.sval.str() {
                    Some("immutable") => Volatility::Immutable,
                    Some("stable") => Volatility::Stable,
                    _ => Volatility::Volatile,
                };
                options.volatility = Some((volatility, c.bump()));
            }
            ("security", Some(Node::Boolean(definer))) => {
                let words =
                    ["external security definer", "external security invoker", "security definer", "security invoker"];
                let span = c.eat_any(&words).unwrap_or(c.here());
                options.security_definer = Some((definer.boolval, span));
            }
            ("strict", Some(Node::Boolean(strict))) => options.strict = Some(strict.boolval),
            ("leakproof", Some(Node::Boolean(leakproof))) => options.leakproof = Some(leakproof.boolval),
            ("parallel", Some(Node::String(word))) => options.parallel = Some(name_of(&word.sval)),
            ("window", _) => options.window = true,
            ("cost", arg) => options.cost = arg.and_then(number_text),
            ("rows", arg) => options.rows = arg.and_then(number_text),
            ("support", Some(Node::List(names))) => {
                c.eat("support");
                let start = c.index();
                let parts = c.dotted(names.strings());
                options.support = Some(self.qualified(parts, start));
            }
            ("set", Some(Node::VariableSetStmt(setting))) => options.settings.push(self.set_variable(setting, c)),
            ("transform", Some(Node::List(types))) => {
                options.transform_types = types.of().map(|ty| self.type_name(ty)).exact();
            }
            _ => {}
        }
    }

    pub(super) fn alter_function(&self, stmt: &raw::AlterFunctionStmt, mut c: Cursor) -> StatementKind {
        let (kind, words) = object::object_kind(stmt.objtype);
        c.eat("alter");
        c.eat_any(words);
        let function = match stmt.func.get() {
            Some(function) => self.function_signature(function, &mut c),
            None => FunctionSignature { span: c.here(), name: QualifiedName::unqualified(c.ident("")), args: None },
        };
        let options = self.function_options(&stmt.actions, c);
        StatementKind::AlterFunction(Box::new(AlterFunction { kind, function, options }))
    }

    /// A routine or aggregate that is next, with its arguments if they are written.
    pub(super) fn function_signature(&self, function: &raw::ObjectWithArgs, c: &mut Cursor) -> FunctionSignature {
        let start = c.index();
        let name = c.qualified(&function.objname);
        let args = (!function.args_unspecified).then(|| match function.objfuncargs.is_empty() {
            true => function.objargs.of().map(|ty| self.unnamed_parameter(ty)).exact(),
            false => self.parameters(&function.objfuncargs, *c),
        });
        if args.is_some() {
            c.skip();
        }
        FunctionSignature { span: c.since(start), name, args }
    }

    fn unnamed_parameter(&self, ty: &raw::TypeName) -> Parameter {
        let ty = self.type_name(ty);
        Parameter { span: ty.span, name: None, mode: ParameterMode::In, ty, default: None }
    }

    /// An operator that is next: `s.+ (a, b)`, `- (NONE, a)`.
    pub(super) fn operator_signature(&self, operator: &raw::ObjectWithArgs, c: &mut Cursor) -> OperatorSignature {
        let name = c.operator(&operator.objname);
        let mut args = operator.objargs.list().into_iter().flat_map(raw::List::slots);
        let mut argument = || match args.next() {
            Some(Some(Node::TypeName(ty))) => Some(self.type_name(ty)),
            _ => None,
        };
        let (left, right) = (argument(), argument());
        c.skip();
        OperatorSignature { operator: name, left, right }
    }

    /// The arguments of an aggregate and how many of them are direct; see `makeOrderedSetArgs`.
    pub(super) fn aggregate_args(&self, args: &Ptr<raw::List>, c: &mut Cursor) -> (Vec<Parameter>, Option<u32>) {
        let mut parts = args.list().into_iter().flat_map(raw::List::slots);
        let parameters = match parts.next() {
            Some(Some(Node::List(list))) => list.of().map(|parameter| self.parameter(parameter, *c)).exact(),
            _ => Vec::new(),
        };
        let direct = match parts.next() {
            Some(Some(Node::Integer(direct))) => u32::try_from(direct.ival).ok(),
            _ => None,
        };
        c.skip();
        (parameters, direct)
    }

    pub(super) fn do_block(&self, stmt: &raw::DoStmt, mut c: Cursor) -> StatementKind {
        let mut language = Name::from("plpgsql");
        let mut code = None;
        for option in stmt.args.of::<raw::DefElem>() {
            let Some(Node::String(value)) = option.arg.node() else { continue };
            match option.defname.str() {
                Some("language") => language = name_of(&value.sval),
                _ => {
                    c.seek_location(option.location);
                    code = value.sval.str().map(|text| self.code(text, &mut c));
                }
            }
        }
        let none = || CodeText::new(c.here(), c.here(), "".into(), false);
        StatementKind::Do(Box::new(DoBlock { language, code: code.unwrap_or_else(none) }))
    }

    pub(super) fn call_statement(&self, stmt: &raw::CallStmt) -> StatementKind {
        match stmt.funccall.get() {
            Some(call) => StatementKind::Call(Box::new(self.expr(Node::FuncCall(call)))),
            None => StatementKind::Other { tag: "CallStmt" },
        }
    }

    /// RETURN in BEGIN ATOMIC.
    pub(super) fn return_statement(&self, stmt: &raw::ReturnStmt) -> StatementKind {
        match stmt.returnval.node() {
            Some(value) => StatementKind::Return(Box::new(self.expr(value))),
            None => StatementKind::Other { tag: "ReturnStmt" },
        }
    }
}

/// RETURNS TABLE: the type is the parser's (a record, or the type of the only column), its place
/// that of the list.
fn table_type(ty: &raw::TypeName, c: &mut Cursor) -> TypeName {
    let start = c.index();
    c.eat("table");
    c.skip();
    let span = c.since(start);
    TypeName {
        span,
        parts: ty.names.strings().map(|name| Ident::new(name, span)).collect(),
        modifiers: Vec::new(),
        array_dimensions: ty.arrayBounds.len() as u32,
        setof: ty.setof,
        percent_type: ty.pct_type,
    }
}

/// The bytes of a constant between its quotes.
fn within_quotes(constant: &str) -> std::ops::Range<usize> {
    let tag = constant.strip_prefix('$').and_then(|rest| rest.find('$')).map(|end| end + 2);
    let start = tag.or_else(|| constant.find('\'').map(|quote| quote + 1)).unwrap_or(0);
    let end = match tag {
        Some(tag) => constant.len().saturating_sub(tag),
        None => constant.rfind('\'').unwrap_or(constant.len()),
    };
    start..end.max(start)
}

fn number_text(node: Node) -> Option<Box<str>> {
    match node {
        Node::Integer(value) => Some(value.ival.to_string().into()),
        Node::Float(value) => optional_text(&value.fval),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_left_out() {
        for constant in ["$$code$$", "$body$code$body$", "'code'", "E'code'", "U&'code'"] {
            assert_eq!(&constant[within_quotes(constant)], "code");
        }
        assert_eq!(within_quotes("$$$$"), 2..2);
        assert_eq!(within_quotes("'"), 1..1);
    }
}
