//! Definitions (pg_get_constraintdef, pg_get_indexdef).

use super::Deparser;
use crate::catalog::{Constraint, ConstraintKind, ForeignKey, Index, IndexColumn, ObjectId, RelationClass, Tag};
use crate::syntax::quote::quote_identifier;
use crate::syntax::{Name, ReferentialAction};

impl Deparser<'_> {
    /// `pg_get_constraintdef(oid)`.
    pub fn constraint(&self, id: ObjectId) -> Option<String> {
        let object = self.at.get(id)?;
        let constraint = object.as_constraint()?;
        let mut text = match &constraint.kind {
            ConstraintKind::NotNull { column: 0 } => "NOT NULL".to_owned(),
            ConstraintKind::NotNull { column } => format!("NOT NULL {}", self.columns(constraint.of, &[*column])?),
            ConstraintKind::Trigger => "TRIGGER".to_owned(),
            ConstraintKind::Check { expr, .. } => format!("CHECK ({})", self.expression(id, expr)?),
            ConstraintKind::Primary { columns, index } => {
                self.key_constraint("PRIMARY KEY", constraint, columns, *index)?
            }
            ConstraintKind::Unique { columns, index } => {
                let distinct = self.at.get(*index)?.as_index()?.nulls_not_distinct;
                let words = if distinct { "UNIQUE NULLS NOT DISTINCT" } else { "UNIQUE" };
                self.key_constraint(words, constraint, columns, *index)?
            }
            ConstraintKind::Exclude { index, operators, .. } => self.exclusion(*index, operators)?,
            ConstraintKind::ForeignKey(key) => self.foreign_key(constraint, key)?,
        };
        let may_inherit = matches!(constraint.kind, ConstraintKind::Check { .. } | ConstraintKind::NotNull { .. });
        if constraint.no_inherit && may_inherit {
            text.push_str(" NO INHERIT");
        }
        if constraint.deferrable {
            text.push_str(" DEFERRABLE");
        }
        if constraint.initially_deferred {
            text.push_str(" INITIALLY DEFERRED");
        }
        if !constraint.enforced {
            text.push_str(" NOT ENFORCED");
        } else if !constraint.validated {
            text.push_str(" NOT VALID");
        }
        Some(text)
    }

    fn key_constraint(&self, words: &str, constraint: &Constraint, columns: &[i16], index: ObjectId) -> Option<String> {
        let mut text = format!("{words} ({})", self.columns(constraint.of, columns)?);
        let include = &self.at.get(index)?.as_index()?.include;
        if !include.is_empty() {
            text.push_str(&format!(" INCLUDE ({})", self.columns(constraint.of, include)?));
        }
        Some(text)
    }

    /// The names of columns, quoted, with `, ` between.
    pub(super) fn columns(&self, relation: ObjectId, numbers: &[i16]) -> Option<String> {
        let name = |&number: &i16| Some(quote_identifier(&self.at.column(relation, number)?.name).into_owned());
        Some(numbers.iter().map(name).collect::<Option<Vec<_>>>()?.join(", "))
    }

    fn foreign_key(&self, constraint: &Constraint, key: &ForeignKey) -> Option<String> {
        let mut text = format!(
            "FOREIGN KEY ({}) REFERENCES {}({})",
            self.columns(constraint.of, &key.columns)?,
            self.object_name(key.references)?,
            self.columns(key.references, &key.referenced_columns)?,
        );
        if key.match_full {
            text.push_str(" MATCH FULL");
        }
        for (words, action) in [(" ON UPDATE ", key.on_update), (" ON DELETE ", key.on_delete)] {
            let action = match action {
                ReferentialAction::NoAction => continue,
                ReferentialAction::Restrict => "RESTRICT",
                ReferentialAction::Cascade => "CASCADE",
                ReferentialAction::SetNull => "SET NULL",
                ReferentialAction::SetDefault => "SET DEFAULT",
            };
            text.push_str(words);
            text.push_str(action);
        }
        if !key.delete_columns.is_empty() {
            text.push_str(&format!(" ({})", self.columns(constraint.of, &key.delete_columns)?));
        }
        Some(text)
    }

    /// The name of a relation or the like, qualified where it must be.
    pub fn object_name(&self, id: ObjectId) -> Option<String> {
        super::Printer::new(self.facts(), self.style).object_name(id)
    }

    fn exclusion(&self, index: ObjectId, operators: &[Name]) -> Option<String> {
        let it = self.at.get(index)?.as_index()?;
        let keys = self.index_keys(index, it, operators)?;
        let mut text = format!("EXCLUDE USING {} ({keys})", quote_identifier(&it.access_method));
        self.index_tail(index, it, &mut text, true)?;
        Some(text)
    }

    /// `pg_get_indexdef(oid)`.
    pub fn index(&self, id: ObjectId) -> Option<String> {
        let object = self.at.get(id)?;
        let index = object.as_index()?;
        let table = self.at.get(index.table)?.as_relation()?;
        let only = table.class == RelationClass::PartitionedTable;
        let mut text = format!(
            "CREATE {}INDEX {} ON {}{} USING {} ({})",
            if index.unique { "UNIQUE " } else { "" },
            quote_identifier(&object.name),
            if only { "ONLY " } else { "" },
            self.at.sql_name(index.table),
            quote_identifier(&index.access_method),
            self.index_keys(id, index, &[])?,
        );
        self.index_tail(id, index, &mut text, false)?;
        Some(text)
    }

    /// A key or INCLUDE column, counted from 0, as `pg_get_indexdef(oid, number, pretty)` prints it.
    pub fn index_column(&self, id: ObjectId, place: usize) -> Option<String> {
        let index = self.at.get(id)?.as_index()?;
        match index.keys.get(place) {
            Some(column) => self.key(id, index.table, &column.key),
            None => self.columns(index.table, &[*index.include.get(place - index.keys.len())?]),
        }
    }

    fn index_keys(&self, id: ObjectId, index: &Index, operators: &[Name]) -> Option<String> {
        let plain = self.in_one_line();
        let mut keys = Vec::with_capacity(index.keys.len());
        for (at, column) in index.keys.iter().enumerate() {
            let mut text = plain.key(id, index.table, &column.key)?;
            self.key_details(column, &mut text);
            if index.access_method.as_str() == "btree" {
                text.push_str(match (column.descending, column.nulls_first) {
                    (true, true) => " DESC",
                    (true, false) => " DESC NULLS LAST",
                    (false, true) => " NULLS FIRST",
                    (false, false) => "",
                });
            }
            if let Some(operator) = operators.get(at) {
                text.push_str(&format!(" WITH {operator}"));
            }
            keys.push(text);
        }
        Some(keys.join(", "))
    }

    fn key_details(&self, column: &IndexColumn, text: &mut String) {
        if let Some(collation) = column.collation {
            text.push_str(&format!(" COLLATE {}", quote_identifier(&collation)));
        }
        if let Some(class) = column.operator_class {
            text.push_str(&format!(" {}", self.operator_class(class)));
        }
        if !column.operator_class_options.is_empty() {
            text.push_str(&format!(" ({})", options(&column.operator_class_options)));
        }
    }

    /// get_opclass_name: only those of extensions and of the project are objects.
    fn operator_class(&self, class: Name) -> String {
        let mut made = self.at.of_kind(Tag::OperatorClass).filter(|(_, object)| object.name == class);
        let name = made.next().and_then(|(id, _)| self.object_name(id));
        name.unwrap_or_else(|| quote_identifier(&class).into_owned())
    }

    fn index_tail(&self, id: ObjectId, index: &Index, text: &mut String, constraint: bool) -> Option<()> {
        if !index.include.is_empty() {
            text.push_str(&format!(" INCLUDE ({})", self.columns(index.table, &index.include)?));
        }
        if index.nulls_not_distinct {
            text.push_str(" NULLS NOT DISTINCT");
        }
        if !index.options.is_empty() {
            text.push_str(&format!(" WITH ({})", options(&index.options)));
        }
        if let Some(predicate) = &index.predicate {
            let predicate = self.in_one_line().expression(id, predicate)?;
            text.push_str(&if constraint { format!(" WHERE ({predicate})") } else { format!(" WHERE {predicate}") });
        }
        Some(())
    }
}

/// flatten_reloptions.
pub(super) fn options(options: &[(Name, std::sync::Arc<str>)]) -> String {
    let option = |(name, value): &(Name, std::sync::Arc<str>)| {
        let quoted = quote_identifier(value);
        let value = if *quoted == **value { value.to_string() } else { format!("'{}'", value.replace('\'', "''")) };
        format!("{}={value}", quote_identifier(name))
    };
    options.iter().map(option).collect::<Vec<_>>().join(", ")
}
