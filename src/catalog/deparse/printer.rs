//! The text under construction: indentation as ruleutils.c does it, names as they are found from here.

use super::Style;
use super::names::Namespace;
use crate::catalog::analyze::tree::{Expr, Target, Window};
use crate::catalog::analyze::{Facts, FunctionId, OperatorId, Type};
use crate::catalog::{Kind, ObjectId, TypeRef};
use crate::syntax::Name;
use crate::syntax::quote::quote_identifier;

/// PRETTYINDENT_STD.
pub(super) const STANDARD: i32 = 8;
/// PRETTYINDENT_JOIN, PRETTYINDENT_VAR.
pub(super) const SMALL: i32 = 4;
/// PRETTYINDENT_LIMIT.
const LIMIT: i32 = 40;
/// What is nested deeper is not printed.
const MAX_DEPTH: u32 = 1000;

/// What decides how the parts of the query at hand are printed (deparse_context).
#[derive(Clone, Default)]
pub(super) struct Context<'p> {
    /// Columns are qualified by their table.
    pub prefix: bool,
    pub targets: &'p [Target],
    pub windows: &'p [Window],
    /// The names of the view's columns, where it is the query of a view.
    pub result_names: Option<Vec<Name>>,
    /// Somebody sees the names of the output columns.
    pub names_visible: bool,
    pub in_group_by: bool,
    pub in_order_by: bool,
}

/// What ruleutils.c prints of one expression or query. Methods give `None` where something is not known.
pub(super) struct Printer<'p> {
    pub facts: Facts<'p>,
    pub style: Style,
    pub out: String,
    pub indent: i32,
    /// The queries around, innermost last.
    pub namespaces: Vec<Namespace<'p>>,
    pub context: Context<'p>,
    depth: u32,
}

impl<'p> Printer<'p> {
    pub fn new(facts: Facts<'p>, style: Style) -> Printer<'p> {
        let (out, namespaces, context) = (String::new(), Vec::new(), Context::default());
        Printer { facts, style, out, indent: 0, namespaces, context, depth: 0 }
    }

    /// Runs `f` one level deeper; `None` where that is too deep.
    pub fn deeper(&mut self, f: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let done = f(self);
        self.depth -= 1;
        done
    }

    pub fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub fn identifier(&mut self, name: &str) {
        let quoted = quote_identifier(name);
        self.out.push_str(&quoted);
    }

    /// The parenthesis that is only printed where parentheses are not thought about.
    pub fn plain_paren(&mut self, paren: char) {
        if !self.style.pretty {
            self.out.push(paren);
        }
    }

    /// appendContextKeyword.
    pub fn keyword(&mut self, words: &str, before: i32, after: i32, plus: i32) {
        if !self.style.indent {
            self.push(words);
            return;
        }
        self.indent += before;
        self.trim_spaces();
        self.out.push('\n');
        let amount = if self.indent < LIMIT {
            self.indent.max(0) + plus
        } else {
            (LIMIT + (self.indent - LIMIT) / (STANDARD / 2)) % LIMIT + plus
        };
        self.out.extend(std::iter::repeat_n(' ', usize::try_from(amount).unwrap_or(0)));
        self.push(words);
        self.indent = (self.indent + after).max(0);
    }

    /// removeStringInfoSpaces.
    pub fn trim_spaces(&mut self) {
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
    }

    /// What `f` prints, apart from the rest.
    pub fn apart(&mut self, f: impl FnOnce(&mut Self) -> Option<()>) -> Option<String> {
        let before = std::mem::take(&mut self.out);
        let done = f(self);
        let text = std::mem::replace(&mut self.out, before);
        done.map(|()| text)
    }

    /// A list with `, ` between its elements.
    pub fn list<T>(&mut self, items: &[T], mut f: impl FnMut(&mut Self, &T) -> Option<()>) -> Option<()> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            f(self, item)?;
        }
        Some(())
    }

    /// format_type_with_typemod.
    pub fn type_of(&mut self, expr: &Expr) -> Option<()> {
        let text = self.type_text(expr.ty?, expr.modifiers.as_slice());
        self.push(&text);
        Some(())
    }

    pub fn type_text(&self, ty: Type, modifiers: &[i32]) -> String {
        let ty = TypeRef { id: ty.id, modifiers: modifiers.to_vec(), array: ty.array };
        self.facts.catalog.column_type_within(&ty, self.facts.environment.search_path)
    }

    /// generate_relation_name, generate_function_name for what is no function of the empty server.
    pub fn object_name(&self, id: ObjectId) -> Option<String> {
        let catalog = self.facts.catalog;
        let object = catalog.get(id)?;
        let name = quote_identifier(&object.name);
        match object.schema {
            Some(schema) if !self.is_visible(schema) => {
                Some(format!("{}.{name}", quote_identifier(&catalog.get(schema)?.name)))
            }
            _ => Some(name.into_owned()),
        }
    }

    fn is_visible(&self, schema: ObjectId) -> bool {
        let catalog = self.facts.catalog;
        self.facts.environment.search_path.contains(&schema)
            || catalog.get(schema).is_some_and(|schema| schema.name.as_str() == "pg_catalog")
    }

    /// generate_function_name.
    pub fn function_name(&self, function: FunctionId) -> Option<String> {
        let place = match function {
            FunctionId::Object(id) => return self.object_name(id),
            FunctionId::System(place) => place,
        };
        let (schema, name) = self.facts.index.function_name(place)?;
        let name = quote_identifier(name);
        Some(if schema == "pg_catalog" { name.into_owned() } else { format!("{}.{name}", quote_identifier(schema)) })
    }

    /// generate_operator_name.
    pub fn operator_name(&self, operator: OperatorId) -> Option<String> {
        let id = match operator {
            OperatorId::System(place) => return self.facts.index.operator_name(place).map(str::to_owned),
            OperatorId::Object(id) => id,
        };
        let object = self.facts.catalog.get(id)?;
        let Kind::Operator(_) = &object.kind else { return None };
        let schema = object.schema?;
        if self.is_visible(schema) {
            return Some(object.name.to_string());
        }
        let schema = &self.facts.catalog.get(schema)?.name;
        Some(format!("OPERATOR({}.{})", quote_identifier(schema), object.name))
    }

    /// The name of a function of the empty server that is called, whatever the call is written as.
    pub fn system_name(&self, function: FunctionId) -> Option<&'static str> {
        match function {
            FunctionId::System(place) => self.facts.index.function_name(place).map(|(_, name)| name),
            FunctionId::Object(_) => None,
        }
    }
}
