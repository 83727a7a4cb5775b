//! `name = value` in its many spellings, and the options of sequences.

use super::*;

impl Converter<'_> {
    /// Options between commas, or one after another; the cursor ends where the last of them ends.
    pub(super) fn definitions(&self, list: &Ptr<raw::List>, c: Cursor) -> Vec<Definition> {
        list.list().map(|list| self.definitions_of(list, c)).unwrap_or_default()
    }

    pub(super) fn definitions_of(&self, list: &raw::List, c: Cursor) -> Vec<Definition> {
        let pieces = self.options_in_a_row(list, c).filter(|(_, piece)| piece.index() >= c.index() && !piece.is_end());
        pieces.map(|(option, piece)| self.definition(option, piece.pieces().next().unwrap_or(piece))).exact()
    }

    /// Each option and the tokens up to the next one.
    pub(super) fn options_in_a_row<'t, 'c>(
        &self,
        list: &'t raw::List,
        c: Cursor<'c>,
    ) -> impl Iterator<Item = (&'t raw::DefElem, Cursor<'c>)> {
        let options: Vec<&raw::DefElem> = list.of().collect();
        let starts: Vec<usize> = options.iter().map(|option| self.at(option.location)).collect();
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([c.rest().end]).collect();
        let pieces = starts.into_iter().zip(ends).map(move |(start, end)| c.between(start, end));
        options.into_iter().zip(pieces)
    }

    /// Options in parentheses that are next.
    pub(super) fn definitions_in_parens(&self, list: &Ptr<raw::List>, c: &mut Cursor) -> Vec<Definition> {
        c.parens().map(|inside| self.definitions(list, inside)).unwrap_or_default()
    }

    /// `OPTIONS (…)`, if it is next.
    pub(super) fn generic_options(&self, list: &Ptr<raw::List>, c: &mut Cursor) -> Vec<Definition> {
        c.eat("options");
        self.definitions_in_parens(list, c)
    }

    /// An option that is all of the cursor's tokens.
    pub(super) fn definition(&self, option: &raw::DefElem, mut c: Cursor) -> Definition {
        let span = c.rest_span();
        let namespace = option.defnamespace.str().map(Name::from);
        if namespace.is_some() {
            c.bump();
            c.eat_kind(TokenKind::Dot);
        }
        Definition {
            span,
            namespace,
            name: c.name(&option.defname),
            value: option.arg.node().map(|value| self.definition_value(value, c)),
            action: match option.defaction {
                raw::DEFELEM_ADD => DefinitionAction::Add,
                raw::DEFELEM_SET => DefinitionAction::Set,
                raw::DEFELEM_DROP => DefinitionAction::Drop,
                _ => DefinitionAction::Unspecified,
            },
        }
    }

    fn definition_value(&self, value: Node, mut c: Cursor) -> DefinitionValue {
        match value {
            Node::Boolean(value) => DefinitionValue::Bool(value.boolval),
            Node::Integer(value) => DefinitionValue::Integer(value.ival.into()),
            Node::Float(value) => DefinitionValue::Float(text_of(&value.fval)),
            Node::String(value) => DefinitionValue::String(text_of(&value.sval)),
            Node::A_Const(value) => constant(value),
            Node::TypeName(ty) => DefinitionValue::Type(self.type_name(ty)),
            Node::RoleSpec(role) => DefinitionValue::Role(self.role(role)),
            Node::List(list) if is_operator(list) => {
                c.eat_operator("=");
                DefinitionValue::Operator(operator_of(list, c))
            }
            Node::List(list) => {
                DefinitionValue::List(list.nodes().map(|value| self.definition_value(value, c)).exact())
            }
            Node::ParamRef(_) => DefinitionValue::String("".into()),
            _ => DefinitionValue::Star,
        }
    }

    /// Options of CREATE or ALTER SEQUENCE and of an identity column.
    pub(super) fn sequence_options(&self, list: &Ptr<raw::List>, c: Cursor) -> Vec<SequenceOption> {
        list.of::<raw::DefElem>().filter_map(|option| self.sequence_option(option, c)).exact()
    }

    pub(super) fn sequence_option(&self, option: &raw::DefElem, mut c: Cursor) -> Option<SequenceOption> {
        let value = option.arg.node();
        let number = value.and_then(number);
        let flag = !matches!(value, Some(Node::Boolean(value)) if !value.boolval);
        c.seek_location(option.location);
        Some(match option.defname.str()? {
            "as" => SequenceOption::As(match value? {
                Node::TypeName(ty) => self.type_name(ty),
                _ => return None,
            }),
            "increment" => SequenceOption::IncrementBy(number?),
            "minvalue" => SequenceOption::MinValue(number),
            "maxvalue" => SequenceOption::MaxValue(number),
            "start" => SequenceOption::Start(number?),
            "restart" => SequenceOption::Restart(number),
            "cache" => SequenceOption::Cache(number?),
            "cycle" => SequenceOption::Cycle(flag),
            "logged" => SequenceOption::Logged(flag),
            "owned_by" => {
                c.eat("owned by");
                SequenceOption::OwnedBy(owner_column(value?, c))
            }
            "sequence_name" => {
                c.eat("sequence name");
                let Some(Node::List(names)) = value else { return None };
                let parts = c.dotted(names.strings());
                SequenceOption::Name(self.qualified(parts, c.index()))
            }
            _ => return None,
        })
    }
}

/// `OWNED BY a.b`; a lone NONE, even in quotes, is no column to the server.
fn owner_column(names: Node, mut c: Cursor) -> Option<Box<[Ident]>> {
    let Node::List(names) = names else { return None };
    let parts = c.dotted(names.strings());
    (parts.len() != 1 || parts[0].as_str() != "none").then(|| parts.into())
}

/// A whole number; those beyond 32 bits are `Float` nodes.
pub(super) fn number(node: Node) -> Option<i64> {
    match node {
        Node::Integer(value) => Some(value.ival.into()),
        Node::Float(value) => value.fval.str()?.replace('_', "").parse().ok(),
        _ => None,
    }
}

fn constant(value: &raw::A_Const) -> DefinitionValue {
    match value.value() {
        Literal::Boolean(value) => DefinitionValue::Bool(value),
        Literal::Integer(value) => DefinitionValue::Integer(value.into()),
        Literal::Float(value) => DefinitionValue::Float(value.into()),
        Literal::String(value) | Literal::BitString(value) => DefinitionValue::String(value.into()),
        Literal::Null => DefinitionValue::String("".into()),
    }
}

/// A list of names is an operator where the last of them is written like one.
fn is_operator(names: &raw::List) -> bool {
    let is_written_like_one = |name: &str| !name.is_empty() && name.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c));
    names.strings().count() == names.len() && names.strings().next_back().is_some_and(is_written_like_one)
}

/// An operator, maybe in `OPERATOR(schema.operator)`, that is all of the cursor's tokens.
pub(super) fn operator_of(names: &raw::List, c: Cursor) -> OperatorName {
    let mut parts = names.strings().rev();
    let name = parts.next().map(Name::from).unwrap_or_default();
    OperatorName { name, schema: parts.next().map(Name::from), span: c.rest_span() }
}
