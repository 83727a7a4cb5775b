//! Constraints of tables, columns and domains.

use super::options::operator_of;
use super::*;

impl Converter<'_> {
    /// The constraint that starts with the cursor's first token and ends with its last; `None` for an
    /// attribute of the constraint before it.
    pub(super) fn constraint(&self, constraint: &raw::Constraint, mut c: Cursor) -> Option<Constraint> {
        let span = c.rest_span();
        let name = c.eat("constraint").and_then(|_| c.maybe_ident(&constraint.conname));
        let kind = self.constraint_kind(constraint, &mut c)?;
        let says_enforced = matches!(kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_));
        c.skip_to(&["not"]);
        Some(Constraint {
            span,
            name,
            not_valid: self.not_valid(c),
            kind,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initdeferred,
            enforced: !says_enforced || constraint.is_enforced,
            no_inherit: constraint.is_no_inherit,
        })
    }

    /// NOT VALID among the words after a constraint.
    fn not_valid(&self, mut c: Cursor) -> Option<Span> {
        while c.skip_to(&["not"]) {
            if let Some(span) = c.eat("not valid") {
                return Some(span);
            }
            c.bump();
        }
        None
    }

    fn constraint_kind(&self, constraint: &raw::Constraint, c: &mut Cursor) -> Option<ConstraintKind> {
        Some(match constraint.contype {
            raw::CONSTR_NULL => ConstraintKind::Null,
            raw::CONSTR_NOTNULL => {
                c.eat("not null");
                ConstraintKind::NotNull { column: constraint.keys.strings().next().map(|column| c.ident(column)) }
            }
            raw::CONSTR_DEFAULT => ConstraintKind::Default(self.optional_expr(&constraint.raw_expr)?),
            raw::CONSTR_IDENTITY => self.identity(constraint, c),
            raw::CONSTR_GENERATED => ConstraintKind::Generated {
                expr: self.optional_expr(&constraint.raw_expr)?,
                stored: constraint.generated_kind as u8 == b's',
            },
            raw::CONSTR_CHECK => {
                c.eat("check");
                c.skip();
                ConstraintKind::Check(self.optional_expr(&constraint.raw_expr)?)
            }
            raw::CONSTR_PRIMARY => {
                c.eat("primary key");
                ConstraintKind::Primary(Box::new(self.key(constraint, c)))
            }
            raw::CONSTR_UNIQUE => {
                c.eat("unique");
                c.eat_any(&["nulls not distinct", "nulls distinct"]);
                let key = Box::new(self.key(constraint, c));
                ConstraintKind::Unique { key, nulls_not_distinct: constraint.nulls_not_distinct }
            }
            raw::CONSTR_EXCLUSION => ConstraintKind::Exclude(Box::new(self.exclude(constraint, c))),
            raw::CONSTR_FOREIGN => ConstraintKind::ForeignKey(Box::new(self.foreign_key(constraint, c)?)),
            _ => return None,
        })
    }

    fn identity(&self, constraint: &raw::Constraint, c: &mut Cursor) -> ConstraintKind {
        c.eat("generated");
        c.eat_any(&["always", "by default"]);
        c.eat("as identity");
        let options = c.parens().map(|inside| self.sequence_options(&constraint.options, inside));
        ConstraintKind::Identity {
            always: constraint.generated_when as u8 == b'a',
            options: options.unwrap_or_default(),
        }
    }

    /// What follows PRIMARY KEY or UNIQUE.
    fn key(&self, constraint: &raw::Constraint, c: &mut Cursor) -> Key {
        let index = c.eat("using index").and_then(|_| c.maybe_ident(&constraint.indexname));
        let columns = if index.is_none() { c.names_in_parens(&constraint.keys) } else { Vec::new() };
        let (include, options, tablespace) = self.index_clauses(constraint, c);
        Key { columns, without_overlaps: constraint.without_overlaps, include, options, index, tablespace }
    }

    /// INCLUDE, WITH, USING INDEX TABLESPACE.
    fn index_clauses(
        &self,
        constraint: &raw::Constraint,
        c: &mut Cursor,
    ) -> (Vec<Ident>, Vec<Definition>, Option<Ident>) {
        let include = c.eat("include").map(|_| c.names_in_parens(&constraint.including));
        let options = c.eat("with").map(|_| self.definitions_in_parens(&constraint.options, c));
        let tablespace = c.eat("using index tablespace").and_then(|_| c.maybe_ident(&constraint.indexspace));
        (include.unwrap_or_default(), options.unwrap_or_default(), tablespace)
    }

    fn exclude(&self, constraint: &raw::Constraint, c: &mut Cursor) -> Exclude {
        c.eat("exclude");
        // The parser fills in btree where nothing is written.
        let access_method = c.eat("using").and_then(|_| c.maybe_ident(&constraint.access_method));
        let elements = c.parens().map(|inside| {
            let elements = constraint.exclusions.nodes().zip(inside.pieces());
            elements.filter_map(|(element, piece)| self.exclusion(element, piece)).exact()
        });
        let (include, options, tablespace) = self.index_clauses(constraint, c);
        let filter = self.optional_expr(&constraint.where_clause);
        if c.eat("where").is_some() {
            c.skip();
        }
        Exclude { access_method, elements: elements.unwrap_or_default(), include, options, tablespace, filter }
    }

    /// `element WITH operator`.
    fn exclusion(&self, element: Node, mut c: Cursor) -> Option<(IndexElement, OperatorName)> {
        let Node::List(pair) = element else { return None };
        let index_element = pair.of::<raw::IndexElem>().next()?;
        let names = pair.nodes().find_map(|node| match node {
            Node::List(names) => Some(names),
            _ => None,
        })?;
        let whole = c;
        c.skip_to(&["with"]);
        let element = self.index_element(index_element, whole.until(c.index()));
        c.eat("with");
        Some((element, operator_of(names, c)))
    }

    fn foreign_key(&self, constraint: &raw::Constraint, c: &mut Cursor) -> Option<ForeignKey> {
        let columns = c.eat("foreign key").map(|_| self.period_columns(&constraint.fk_attrs, c));
        c.eat("references");
        constraint.pktable.get()?;
        let references = self.take_relation(&constraint.pktable, c);
        let referenced_columns = self.period_columns(&constraint.pk_attrs, c);
        c.eat_any(&["match full", "match simple", "match partial"]);
        let delete_columns = self.referential_actions(&constraint.fk_del_set_cols, c);
        Some(ForeignKey {
            columns: columns.unwrap_or_default(),
            references,
            referenced_columns,
            with_period: constraint.fk_with_period,
            match_full: constraint.fk_matchtype as u8 == b'f',
            on_update: referential_action(constraint.fk_upd_action),
            on_delete: referential_action(constraint.fk_del_action),
            delete_columns,
        })
    }

    /// `(a, PERIOD b)`.
    fn period_columns(&self, names: &Ptr<raw::List>, c: &mut Cursor) -> Vec<Ident> {
        let Some(inside) = c.parens() else { return Vec::new() };
        let columns = inside.pieces().zip(names.strings()).map(|(mut piece, name)| {
            piece.eat_before_name("period");
            piece.ident(name)
        });
        columns.exact()
    }

    /// Takes ON DELETE and ON UPDATE in any order; the columns of SET NULL or SET DEFAULT.
    fn referential_actions(&self, names: &Ptr<raw::List>, c: &mut Cursor) -> Vec<Ident> {
        let mut columns = Vec::new();
        while c.eat_any(&["on delete", "on update"]).is_some() {
            c.eat_any(&["no action", "restrict", "cascade", "set null", "set default"]);
            if c.is_kind(TokenKind::LeftParen) {
                columns = c.names_in_parens(names);
            }
        }
        columns
    }
}

fn referential_action(action: c_char) -> ReferentialAction {
    match action as u8 {
        b'r' => ReferentialAction::Restrict,
        b'c' => ReferentialAction::Cascade,
        b'n' => ReferentialAction::SetNull,
        b'd' => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

/// Applies DEFERRABLE and the others to the constraint that they are written after.
pub(super) fn add_attribute(constraint: Option<&mut Constraint>, attribute: raw::ConstrType, span: Span) {
    let Some(constraint) = constraint else { return };
    constraint.span = constraint.span.to(span);
    match attribute {
        raw::CONSTR_ATTR_DEFERRABLE => constraint.deferrable = true,
        raw::CONSTR_ATTR_NOT_DEFERRABLE => constraint.deferrable = false,
        // INITIALLY DEFERRED alone makes it deferrable as well.
        raw::CONSTR_ATTR_DEFERRED => (constraint.deferrable, constraint.initially_deferred) = (true, true),
        raw::CONSTR_ATTR_IMMEDIATE => constraint.initially_deferred = false,
        raw::CONSTR_ATTR_ENFORCED => constraint.enforced = true,
        raw::CONSTR_ATTR_NOT_ENFORCED => constraint.enforced = false,
        _ => {}
    }
}
