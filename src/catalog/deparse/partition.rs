//! Partitioning (pg_get_partkeydef, and pg_get_expr of relpartbound).

use std::sync::Arc;

use super::constant::{Label, constant};
use super::{Deparser, Printer};
use crate::catalog::analyze::tree::Node;
use crate::catalog::{Key, ObjectId, PartitionKey, TypeRef};
use crate::syntax::{Expr, ExprKind, PartitionBound, PartitionBoundKind, PartitionStrategy};

impl Deparser<'_> {
    /// `pg_get_partkeydef(oid)`.
    pub fn partition_key(&self, table: ObjectId) -> Option<String> {
        let relation = self.at.get(table)?.as_relation()?;
        let key = relation.partition_key.as_ref()?;
        let strategy = match key.strategy {
            PartitionStrategy::List => "LIST",
            PartitionStrategy::Range => "RANGE",
            PartitionStrategy::Hash => "HASH",
        };
        let key_text = |key: &Key| self.key(table, table, key);
        let keys = key.keys.iter().map(key_text).collect::<Option<Vec<_>>>()?;
        Some(format!("{strategy} ({})", keys.join(", ")))
    }

    /// FOR VALUES of a partition: `pg_get_expr(relpartbound, oid)`.
    pub fn partition_bound(&self, partition: ObjectId) -> Option<String> {
        let relation = self.at.get(partition)?.as_relation()?;
        let bound = relation.bound.as_ref()?;
        let table = *relation.parents.first()?;
        let key = self.at.get(table)?.as_relation()?.partition_key.clone()?;
        let values = |values: &[Expr]| self.bound_values(bound, table, &key, values);
        Some(match &bound.kind {
            PartitionBoundKind::Default => "DEFAULT".to_owned(),
            PartitionBoundKind::Hash { modulus, remainder } => {
                format!("FOR VALUES WITH (modulus {modulus}, remainder {remainder})")
            }
            PartitionBoundKind::List(list) => {
                let values = list.iter().map(|value| values(std::slice::from_ref(value)));
                format!("FOR VALUES IN ({})", values.collect::<Option<Vec<_>>>()?.join(", "))
            }
            PartitionBoundKind::Range { from, to } => {
                format!("FOR VALUES FROM ({}) TO ({})", values(from)?, values(to)?)
            }
        })
    }

    /// get_range_partbound_string: the values without their types.
    fn bound_values(
        &self,
        bound: &Arc<PartitionBound>,
        table: ObjectId,
        key: &PartitionKey,
        values: &[Expr],
    ) -> Option<String> {
        let mut texts = Vec::with_capacity(values.len());
        for (value, key) in values.iter().zip(&key.keys) {
            texts.push(match open_end(value) {
                Some(word) => word.to_owned(),
                None => self.bound_value(bound, value, self.key_type(table, key)?)?,
            });
        }
        Some(texts.join(", "))
    }

    fn key_type(&self, table: ObjectId, key: &Key) -> Option<TypeRef> {
        match key {
            Key::Column(number) => self.at.column(table, *number)?.ty.clone(),
            Key::Expr(expr) => self.resolve(table, expr)?.analysis.ty(),
        }
    }

    fn bound_value(&self, bound: &Arc<PartitionBound>, value: &Expr, ty: TypeRef) -> Option<String> {
        let analysis = self.origins.bound(self.at.catalog(), self.version, bound, (value, Some(ty)))?;
        let mut expr = &analysis.expr;
        // The server computes the value; conversions that leave a constant as it is are looked through.
        while let Node::Coercion(it) = &expr.node {
            let same = it.arg.ty == expr.ty || it.method == crate::catalog::analyze::tree::CoercionMethod::Relabel;
            expr = same.then_some(&it.arg)?;
        }
        let Node::Constant(value) = &expr.node else { return None };
        let mut printer = Printer::new(self.facts(), self.style);
        constant(&mut printer, expr, value, Label::Omitted)?;
        Some(printer.out)
    }
}

fn open_end(value: &Expr) -> Option<&'static str> {
    let ExprKind::Column(column) = &value.kind else { return None };
    let word = column.column()?;
    ["MINVALUE", "MAXVALUE"].into_iter().find(|known| word.name.eq_ignore_ascii_case(known))
}
