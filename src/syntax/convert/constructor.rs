//! XML and SQL/JSON: many forms, of which rules need the expressions in them and little else.

use super::expr::is_implied;
use super::*;
use crate::syntax::{Constructor, ExprKind, TypeName};

/// The parts of a constructor as they come together.
struct Parts {
    keyword: &'static str,
    args: Vec<Expr>,
    ty: Option<TypeName>,
}

impl Converter<'_> {
    /// An XML or SQL/JSON construct; `None` for any other node.
    pub(super) fn constructor(&self, node: Node) -> Option<Placed<Expr>> {
        match node {
            Node::XmlExpr(node) if node.op == raw::IS_DOCUMENT => {
                let operator = self.at(node.location);
                self.predicate("is_document", node.args.nodes().next()?, operator, "document")
            }
            Node::JsonIsPredicate(node) => {
                let subject = node.expr.node()?;
                self.is_json(subject, node)
            }
            Node::JsonValueExpr(node) => Some(self.placed_expr(node.raw_expr.node()?)),
            Node::JsonObjectAgg(node) => self.json_aggregate(node.constructor.get()?, |args| {
                let Some(pair) = node.arg.get() else { return };
                self.push_pair(pair, args);
            }),
            Node::JsonArrayAgg(node) => self.json_aggregate(node.constructor.get()?, |args| {
                let Some(value) = node.arg.get() else { return };
                self.push_value(value, args);
            }),
            node => {
                let (location, parts) = self.xml_parts(node).or_else(|| self.json_parts(node))?;
                let first = self.at(location);
                Some(self.built(Extent::new(first, self.after_group(first + 1)), parts))
            }
        }
    }

    fn built(&self, at: Extent, parts: Parts) -> Placed<Expr> {
        let Parts { keyword, args, ty } = parts;
        self.place(at, ExprKind::Constructor(Box::new(Constructor { keyword, args, ty })))
    }

    // --- XML ------------------------------------------------------------------------------------

    fn xml_parts(&self, node: Node) -> Option<(raw::ParseLoc, Parts)> {
        match node {
            Node::XmlExpr(node) => {
                let keyword = match node.op {
                    raw::IS_XMLCONCAT => "xmlconcat",
                    raw::IS_XMLELEMENT => "xmlelement",
                    raw::IS_XMLFOREST => "xmlforest",
                    raw::IS_XMLPARSE => "xmlparse",
                    raw::IS_XMLPI => "xmlpi",
                    _ => "xmlroot",
                };
                let named = node.named_args.of::<raw::ResTarget>().filter_map(|named| named.val.node());
                // Options come as constants that nobody wrote.
                let is_written = |arg: &Node| !is_implied(*arg);
                let args = named.chain(node.args.nodes().filter(is_written)).map(|arg| self.expr(arg)).collect();
                Some((node.location, Parts { keyword, args, ty: None }))
            }
            Node::XmlSerialize(node) => {
                let args = node.expr.node().map(|arg| self.expr(arg)).into_iter().collect();
                let ty = node.typeName.get().map(|ty| self.type_name(ty));
                Some((node.location, Parts { keyword: "xmlserialize", args, ty }))
            }
            _ => None,
        }
    }

    /// `a IS [NOT] DOCUMENT`.
    fn predicate(
        &self,
        keyword: &'static str,
        subject: Node,
        operator: usize,
        last_word: &str,
    ) -> Option<Placed<Expr>> {
        let (subject, first) = self.left_operand(Some(subject), operator);
        let last = self.find_word(Extent::new(operator, (operator + 3).min(self.end())), last_word)?;
        Some(self.built(Extent::new(first, last + 1), Parts { keyword, args: vec![subject], ty: None }))
    }

    // --- SQL/JSON -------------------------------------------------------------------------------

    /// `a IS [NOT] JSON [VALUE | SCALAR | ARRAY | OBJECT] [{WITH | WITHOUT} UNIQUE [KEYS]]`.
    fn is_json(&self, subject: Node, node: &raw::JsonIsPredicate) -> Option<Placed<Expr>> {
        let subject = self.placed_expr(subject);
        let operator = self.skip_closing(subject.at.end);
        let first = self.operand_start(subject.at, operator);
        let mut end = self.skip_word(operator + 1, "not") + 1;
        if node.item_type != raw::JS_TYPE_ANY || self.is_word(end, "value") {
            end += 1;
        }
        let unique = self.skip_word(self.skip_word(end, "with"), "without");
        if unique > end && self.is_word(unique, "unique") {
            end = self.skip_word(unique + 1, "keys");
        }
        let parts = Parts { keyword: "is_json", args: vec![subject.value], ty: None };
        Some(self.built(Extent::new(first, end), parts))
    }

    fn json_parts(&self, node: Node) -> Option<(raw::ParseLoc, Parts)> {
        let mut args = Vec::new();
        let (location, keyword, output) = match node {
            Node::JsonObjectConstructor(node) => {
                node.exprs.of::<raw::JsonKeyValue>().for_each(|pair| self.push_pair(pair, &mut args));
                (node.location, "json_object", node.output.get())
            }
            Node::JsonArrayConstructor(node) => {
                node.exprs.of::<raw::JsonValueExpr>().for_each(|value| self.push_value(value, &mut args));
                (node.location, "json_array", node.output.get())
            }
            Node::JsonArrayQueryConstructor(node) => {
                args.extend(self.json_array_query(node));
                (node.location, "json_array", node.output.get())
            }
            Node::JsonParseExpr(node) => {
                self.push_value(node.expr.get()?, &mut args);
                (node.location, "json", node.output.get())
            }
            Node::JsonScalarExpr(node) => {
                args.push(self.expr(node.expr.node()?));
                (node.location, "json_scalar", node.output.get())
            }
            Node::JsonSerializeExpr(node) => {
                self.push_value(node.expr.get()?, &mut args);
                (node.location, "json_serialize", node.output.get())
            }
            Node::JsonFuncExpr(node) => {
                self.push_json_function(node, &mut args);
                let keyword = match node.op {
                    raw::JSON_EXISTS_OP => "json_exists",
                    raw::JSON_QUERY_OP => "json_query",
                    _ => "json_value",
                };
                (node.location, keyword, node.output.get())
            }
            Node::MergeSupportFunc(node) => (node.location, "merge_action", None),
            _ => return None,
        };
        let ty = output.and_then(|output| output.typeName.get()).map(|ty| self.type_name(ty));
        Some((location, Parts { keyword, args, ty }))
    }

    fn push_pair(&self, pair: &raw::JsonKeyValue, args: &mut Vec<Expr>) {
        args.extend(pair.key.node().map(|key| self.expr(key)));
        if let Some(value) = pair.value.get() {
            self.push_value(value, args);
        }
    }

    pub(super) fn push_value(&self, value: &raw::JsonValueExpr, args: &mut Vec<Expr>) {
        args.extend(value.raw_expr.node().map(|value| self.expr(value)));
    }

    /// The values of PASSING.
    pub(super) fn push_passing(&self, passing: &Ptr<raw::List>, args: &mut Vec<Expr>) {
        for argument in passing.of::<raw::JsonArgument>() {
            if let Some(value) = argument.val.get() {
                self.push_value(value, args);
            }
        }
    }

    fn push_json_function(&self, node: &raw::JsonFuncExpr, args: &mut Vec<Expr>) {
        if let Some(context) = node.context_item.get() {
            self.push_value(context, args);
        }
        args.extend(self.optional_expr(&node.pathspec));
        self.push_passing(&node.passing, args);
        for behavior in [node.on_empty.get(), node.on_error.get()].into_iter().flatten() {
            args.extend(self.optional_expr(&behavior.expr));
        }
    }

    /// `JSON_ARRAY (SELECT …)`.
    fn json_array_query(&self, node: &raw::JsonArrayQueryConstructor) -> Option<Expr> {
        use crate::syntax::{Subquery, SubqueryKind};
        let Some(Node::SelectStmt(select)) = node.query.node() else { return None };
        self.reached(self.at(node.location) + 2);
        let query = self.query(select);
        let subquery = Subquery { kind: SubqueryKind::Array, query: query.value };
        Some(self.place(query.at, ExprKind::Subquery(Box::new(subquery))).value)
    }

    /// `JSON_OBJECTAGG (…)` and `JSON_ARRAYAGG (…)` with FILTER and OVER.
    fn json_aggregate(
        &self,
        node: &raw::JsonAggConstructor,
        push: impl FnOnce(&mut Vec<Expr>),
    ) -> Option<Placed<Expr>> {
        let first = self.at(node.location);
        let keyword = if self.is_word(first, "json_arrayagg") { "json_arrayagg" } else { "json_objectagg" };
        let mut args = Vec::new();
        push(&mut args);
        args.extend(self.sort_list(&node.agg_order).into_iter().map(|sort| sort.expr));
        let ty = node.output.get().and_then(|output| output.typeName.get()).map(|ty| self.type_name(ty));
        let mut end = self.after_group(first + 1);
        if let Some(filter) = node.agg_filter.node() {
            args.push(self.expr(filter));
            end = self.after_group(end + 1);
        }
        if let Some(over) = node.over.get() {
            let window = self.over(over);
            args.extend(window.partition_by);
            args.extend(window.order_by.into_iter().map(|sort| sort.expr));
            args.extend(window.frame);
            end = self.after_over(end);
        }
        Some(self.built(Extent::new(first, end), Parts { keyword, args, ty }))
    }
}
