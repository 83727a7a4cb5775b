//! SET and RESET, on their own and as parts of other statements.

use super::*;

impl Converter<'_> {
    /// A SET or RESET that is next.
    pub(super) fn set_variable(&self, stmt: &raw::VariableSetStmt, mut c: Cursor) -> SetVariable {
        let start = c.index();
        c.eat_any(&["set", "reset"]);
        let is_name = c.is_ahead(1, "authorization") || c.is_ahead(1, "characteristics");
        if c.eat("local").is_none() && !is_name {
            c.eat("session");
        }
        let value = match stmt.kind {
            raw::VAR_SET_VALUE => SetValue::To(self.set_arguments(stmt, &mut c)),
            raw::VAR_SET_DEFAULT => SetValue::Default,
            raw::VAR_SET_CURRENT => SetValue::FromCurrent,
            raw::VAR_SET_MULTI if stmt.args.of::<raw::A_Const>().next().is_some() => {
                SetValue::To(self.set_arguments(stmt, &mut c))
            }
            raw::VAR_SET_MULTI => {
                let modes = self.definitions(&stmt.args, c);
                c.seek(c.rest().end);
                SetValue::Transaction(modes)
            }
            raw::VAR_RESET_ALL => SetValue::ResetAll,
            _ => SetValue::Reset,
        };
        if !matches!(value, SetValue::To(_) | SetValue::Transaction(_)) {
            skip_setting_without_value(&mut c);
        }
        SetVariable { span: c.since(start), name: name_of(&stmt.name), local: stmt.is_local, value }
    }

    /// The values, each at its place; the cursor ends up after the last one.
    fn set_arguments(&self, stmt: &raw::VariableSetStmt, c: &mut Cursor) -> Vec<SetArgument> {
        let mut arguments = Vec::new();
        for node in stmt.args.nodes() {
            let (text, location) = match node {
                Node::A_Const(value) => (constant_text(value), value.location),
                Node::TypeCast(cast) => self.interval(cast),
                Node::ParamRef(param) => (format!("${}", param.number), param.location),
                _ => continue,
            };
            c.seek_location(location);
            let start = c.index();
            c.eat_any(&["interval"]);
            if c.parens().is_some() || c.is_kind(TokenKind::String) {
                c.string();
                c.eat_any(&["hour to minute", "hour"]);
            } else {
                c.eat_operator("-");
                c.eat_operator("+");
                c.bump();
            }
            arguments.push(SetArgument { text: text.into(), span: c.since(start) });
        }
        arguments
    }

    /// `INTERVAL '1' HOUR` in SET TIME ZONE, whose place is that of the type.
    fn interval(&self, cast: &raw::TypeCast) -> (String, raw::ParseLoc) {
        let text = match cast.arg.node() {
            Some(Node::A_Const(value)) => constant_text(value),
            _ => String::new(),
        };
        (text, cast.typeName.get().map_or(cast.location, |ty| ty.location))
    }
}

/// `search_path TO DEFAULT`, `search_path FROM CURRENT`, `TIME ZONE LOCAL`, `a.b` of RESET, `ALL`.
fn skip_setting_without_value(c: &mut Cursor) {
    if c.eat_any(&["time zone", "session authorization", "transaction isolation level"]).is_none() {
        c.bump();
        while c.eat_kind(TokenKind::Dot).is_some() {
            c.bump();
        }
    }
    if c.eat_any(&["from current", "to default", "default", "local"]).is_none() && c.eat_operator("=").is_some() {
        c.eat("default");
    }
}

/// A value as the text that the server keeps.
fn constant_text(value: &raw::A_Const) -> String {
    match value.value() {
        Literal::Null => String::new(),
        Literal::Integer(value) => value.to_string(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Float(value) | Literal::String(value) | Literal::BitString(value) => value.to_owned(),
    }
}
