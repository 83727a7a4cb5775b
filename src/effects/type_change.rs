//! ALTER COLUMN TYPE: what is rewritten, rebuilt, checked again.

use super::Work;
use super::tree::key_side;
use crate::catalog::baseline::{self, CastMethod};
use crate::catalog::{CatalogAt, Column, ConstraintKind, Index, Key, Kind, ObjectId, TypeClass, TypeRef};
use crate::syntax::{CastContext, Expr, ExprKind, LockMode, Name};

/// What a type change does with the rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TypeChange {
    /// Only the catalog changes.
    Kept,
    /// A CHECK constraint reads all rows again.
    Verified,
    /// All rows are written anew.
    Rewritten,
}

impl Work<'_> {
    /// The effects of a type change on one table of the tree, its indexes and its foreign keys.
    pub(super) fn change_type(&mut self, table: ObjectId, column: Name, using: Option<&Expr>) -> TypeChange {
        let old = self.relation(table).and_then(|relation| relation.column(column)).cloned();
        let new = self.after.get(table).and_then(|object| object.as_relation()?.column(column)).cloned();
        let (Some(old), Some(new)) = (old, new) else { return TypeChange::Kept };
        let (Some(from), Some(to)) = (&old.ty, &new.ty) else { return TypeChange::Kept };
        let is_virtual = old.generated.as_ref().is_some_and(|generated| !generated.stored);
        let keeps_value = using.is_none_or(|using| is_the_column(using, column));
        let keeps_bytes = is_virtual || (keeps_value && self.same_bytes(from, to));
        let rewritten = !keeps_bytes;
        self.keys_of_column(table, old.number, rewritten);
        self.indexes_of_column(table, &old, &new, rewritten);
        if rewritten {
            return TypeChange::Rewritten;
        }
        let checks = |kind: &ConstraintKind| matches!(kind, ConstraintKind::Check { columns, .. } if columns.contains(&old.number));
        let checked = self.before.constraints(table).any(|it| checks(&it.is.kind) && it.is.enforced);
        if checked { TypeChange::Verified } else { TypeChange::Kept }
    }

    /// Foreign keys on both sides are taken down and put up again; with new rows they are checked, too.
    fn keys_of_column(&mut self, table: ObjectId, column: i16, rewritten: bool) {
        let own = self.before.foreign_keys(table).filter(|(_, key)| key.columns.contains(&column));
        let own: Vec<_> = own.map(|(constraint, key)| (constraint.id, table, key.references)).collect();
        let others = self.before.referencing(table).filter(|(_, key)| key.referenced_columns.contains(&column));
        let others: Vec<_> = others.map(|(constraint, _)| (constraint.id, constraint.is.of, table)).collect();
        for (constraint, referencing, referenced) in own.into_iter().chain(others) {
            for side in key_side(self.before, referencing) {
                self.lock(side, LockMode::AccessExclusive);
            }
            for side in key_side(self.before, referenced) {
                // Up to 14 a partitioned table had no triggers that would fall, only those that are made.
                let made_alone = self.version < 15 && side != table && self.is_partitioned(side);
                self.lock(side, if made_alone { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive });
            }
            let key = self.before.get(constraint).and_then(|object| object.as_constraint());
            if rewritten && key.is_some_and(|key| !self.is_copy_beside(key)) {
                self.effects.validates.push(constraint);
                self.scan(referencing);
            }
        }
    }

    /// Indexes that read the column are made again; one that stays compatible keeps its file.
    fn indexes_of_column(&mut self, table: ObjectId, old: &Column, new: &Column, rewritten: bool) {
        let reading: Vec<(ObjectId, Index)> = self
            .before
            .indexes(table)
            .filter(|index| reads(self.before, index.id, index.is, table, old.number))
            .map(|index| (index.id, index.is.clone()))
            .collect();
        let stored = self.relation(table).is_some_and(super::tree::has_storage);
        for (id, index) in reading {
            self.lock(id, LockMode::AccessExclusive);
            if !rewritten && stored && !self.keeps_file(&index, old, new) {
                self.rebuild(id);
                self.scan(table);
            }
        }
    }

    /// CheckIndexCompatible: no expression, no predicate, not partitioned, the same operator classes and collations.
    fn keeps_file(&self, index: &Index, old: &Column, new: &Column) -> bool {
        let has_expression = index.keys.iter().any(|key| matches!(key.key, Key::Expr(_)));
        if has_expression || index.predicate.is_some() || index.parent.is_some() || !index.valid {
            return false;
        }
        let is_key =
            |number: i16| index.keys.iter().any(|key| matches!(key.key, Key::Column(column) if column == number));
        if !is_key(old.number) {
            return true;
        }
        let named = index
            .keys
            .iter()
            .any(|key| matches!(key.key, Key::Column(it) if it == old.number) && key.operator_class.is_some());
        let class = |column: &Column| self.default_class(index.access_method, column.ty.as_ref());
        old.collation == new.collation && (named || class(old) == class(new))
    }

    /// The default operator class of a type, through its domains and the types it is binary coercible to.
    fn default_class(&self, method: Name, ty: Option<&TypeRef>) -> Option<String> {
        let ty = base_type(self.after, ty?);
        if ty.array {
            return Some("array_ops".to_owned());
        }
        let object = self.after.get(ty.id)?;
        match &object.as_type()?.class {
            TypeClass::Enum { .. } => return Some("enum_ops".to_owned()),
            TypeClass::Range { .. } => return Some("range_ops".to_owned()),
            TypeClass::Multirange { .. } => return Some("multirange_ops".to_owned()),
            TypeClass::Composite { .. } => return Some("record_ops".to_owned()),
            _ => {}
        }
        let name = object.name.as_str();
        let of = |name: &str| {
            let mut classes = baseline::operator_classes(method.as_str(), self.version)
                .cloned()
                .chain(self.extension_classes(method));
            classes
                .find(|class| class.default && !class.input.array && class.input.name == name)
                .map(|class| class.name.to_owned())
        };
        let coercible = || {
            let implicit = |cast: &baseline::SystemCast| {
                cast.method == CastMethod::Binary && cast.context == CastContext::Implicit
            };
            let mut targets: Vec<_> =
                baseline::casts_from(name, self.version).filter(implicit).map(|cast| cast.target.name).collect();
            // The preferred type of the strings goes first.
            targets.sort_by_key(|&target| target != "text");
            targets.into_iter().find_map(of)
        };
        // A type of an extension brings classes of its own, which are told apart by its name.
        of(name).or_else(coercible).or_else(|| Some(format!("{name}_ops")))
    }

    /// The operator classes that installed extensions bring.
    fn extension_classes(&self, method: Name) -> Vec<baseline::SystemOperatorClass> {
        let extensions = self.after.objects().filter(|(_, object)| matches!(object.kind, Kind::Extension(_)));
        let classes =
            extensions.flat_map(|(_, object)| baseline::extension_operator_classes(object.name.as_str(), self.version));
        classes.filter(|class| class.method == method.as_str()).cloned().collect()
    }

    /// Whether a value of the one type is one of the other as it lies on disk (ATColumnChangeRequiresRewrite).
    fn same_bytes(&self, from: &TypeRef, to: &TypeRef) -> bool {
        if from == to {
            return true;
        }
        let catalog = self.after;
        if self.is_checked_domain(to) {
            return false;
        }
        // A value of a domain has lost its length for whoever casts it.
        let was_domain = base_type(catalog, from).id != from.id;
        let (from, to) = (base_type(catalog, from), base_type(catalog, to));
        if from.array || to.array {
            // Array elements are converted one by one, unless only the modifiers go.
            return from.array == to.array
                && from.id == to.id
                && (to.modifiers.is_empty() || from.modifiers == to.modifiers);
        }
        let (Some(source), Some(target)) = (type_name(catalog, &from), type_name(catalog, &to)) else { return false };
        if from.id == to.id {
            return keeps_length(target, (!was_domain).then_some(&from.modifiers), &to.modifiers);
        }
        if !self.is_binary_cast(source, target) {
            return false;
        }
        // After a change of type the length is no longer known, so a length is checked row by row.
        keeps_length(target, None, &to.modifiers)
    }

    fn is_checked_domain(&self, ty: &TypeRef) -> bool {
        if ty.array {
            return false;
        }
        let Some(TypeClass::Domain { base, not_null, .. }) =
            self.after.get(ty.id).and_then(|it| Some(&it.as_type()?.class))
        else {
            return false;
        };
        *not_null || self.after.constraints(ty.id).next().is_some() || self.is_checked_domain(base)
    }

    fn is_binary_cast(&self, source: &str, target: &str) -> bool {
        // In a zone without offset the two timestamps are the same number.
        if matches!((source, target), ("timestamp", "timestamptz") | ("timestamptz", "timestamp")) {
            return self.zone_has_no_offset();
        }
        let system = baseline::casts_from(source, self.version)
            .any(|cast| cast.method == CastMethod::Binary && cast.target.name == target && !cast.target.array);
        let own = |kind: &Kind| match kind {
            Kind::Cast(cast) => {
                let is = |ty: &TypeRef, name: &str| type_name(self.after, ty) == Some(name);
                cast.function.is_none() && !cast.inout && is(&cast.source, source) && is(&cast.target, target)
            }
            _ => false,
        };
        system
            || self.after.objects().any(|(_, object)| own(&object.kind))
            || self.extension_has_binary_cast(source, target)
    }

    /// The casts that installed extensions bring.
    fn extension_has_binary_cast(&self, source: &str, target: &str) -> bool {
        let extensions = self.after.objects().filter(|(_, object)| matches!(object.kind, Kind::Extension(_)));
        extensions.filter_map(|(_, object)| baseline::extension(object.name.as_str(), self.version)).any(|extension| {
            let mut casts = extension.casts();
            casts.any(|cast| {
                cast.method == CastMethod::Binary && cast.source.name == source && cast.target.name == target
            })
        })
    }

    /// Whether the session's TimeZone is a fixed zero offset. That is what servers come with, so it is taken for granted
    /// where the session says nothing.
    fn zone_has_no_offset(&self) -> bool {
        let executed = self.after.catalog().statement(self.statement);
        let zone = executed.and_then(|executed| executed.time_zone.as_deref());
        let is_zero = |zone: &str| zone.chars().all(|c| matches!(c, '0' | ':' | '+' | '-')) && zone.contains('0');
        zone.is_none_or(|zone| {
            is_zero(zone) || {
                matches!(
                    zone.to_ascii_lowercase().as_str(),
                    "utc"
                        | "etc/utc"
                        | "gmt"
                        | "etc/gmt"
                        | "0"
                        | "zulu"
                        | "etc/zulu"
                        | "universal"
                        | "etc/universal"
                        | "uct"
                        | "etc/uct"
                        | "greenwich"
                        | "etc/greenwich"
                        | "gmt0"
                        | "gmt+0"
                        | "gmt-0"
                        | "etc/gmt0"
                        | "etc/gmt+0"
                        | "etc/gmt-0"
                )
            }
        })
    }
}

/// `USING column` or `USING column::type…`: the value itself. A cast that does more is a change of type by itself, which
/// the comparison of the two types sees.
fn is_the_column(using: &Expr, column: Name) -> bool {
    match &using.kind {
        ExprKind::Column(reference) => reference.column().is_some_and(|name| name.name == column),
        ExprKind::Cast(cast) => is_the_column(&cast.expr, column),
        _ => false,
    }
}

fn reads(catalog: CatalogAt<'_>, id: ObjectId, index: &Index, table: ObjectId, column: i16) -> bool {
    let in_keys = index.keys.iter().any(|key| matches!(key.key, Key::Column(number) if number == column));
    let needs = || {
        catalog
            .get(id)
            .is_some_and(|object| object.depends.iter().any(|it| it.on == table && it.column == Some(column)))
    };
    in_keys || index.include.contains(&column) || needs()
}

/// What a domain is made of in the end, with its modifiers.
fn base_type(catalog: CatalogAt<'_>, ty: &TypeRef) -> TypeRef {
    let mut ty = ty.clone();
    while !ty.array
        && let Some(TypeClass::Domain { base, .. }) =
            catalog.get(ty.id).and_then(|object| Some(&object.as_type()?.class))
    {
        ty = base.clone();
    }
    ty
}

fn type_name(catalog: CatalogAt<'_>, ty: &TypeRef) -> Option<&'static str> {
    if ty.array { None } else { catalog.get(ty.id).map(|object| object.name.as_str()) }
}

/// Whether a length, scale or precision lets all old values pass unchanged (the support functions of the casts).
/// `old` is `None` where the expression's modifiers are not known.
fn keeps_length(ty: &str, old: Option<&[i32]>, new: &[i32]) -> bool {
    if new.is_empty() || old == Some(new) {
        return true;
    }
    let old = old.filter(|old| !old.is_empty());
    match ty {
        "varchar" | "varbit" => old.is_some_and(|old| old[0] <= new[0]),
        "numeric" => old.is_some_and(|old| scale(old) == scale(new) && old[0] <= new[0]),
        "time" | "timetz" | "timestamp" | "timestamptz" => new[0] >= 6 || old.is_some_and(|old| old[0] <= new[0]),
        "interval" => keeps_interval(old, new),
        _ => false,
    }
}

fn scale(modifiers: &[i32]) -> i32 {
    modifiers.get(1).copied().unwrap_or(0)
}

/// Interval modifiers are a mask of fields and a precision: all fields down to seconds must stay, and the precision must not shrink.
fn keeps_interval(old: Option<&[i32]>, new: &[i32]) -> bool {
    const FULL_RANGE: i32 = 0x7fff;
    /// INTERVAL_MASK(SECOND), from the server's datetime.h.
    const SECOND: i32 = 1 << 12;
    const MINUTE: i32 = 1 << 11;
    const HOUR: i32 = 1 << 10;
    const DAY: i32 = 1 << 3;
    let least = |mask: i32| [SECOND, MINUTE, HOUR, DAY].into_iter().position(|field| mask & field != 0).unwrap_or(4);
    let old_mask = old.map_or(FULL_RANGE, |old| old[0]);
    let fields_stay = least(new[0]) <= least(old_mask);
    let precision = |modifiers: &[i32]| modifiers.get(1).copied().unwrap_or(6);
    fields_stay && (least(old_mask) > 0 || precision(new) >= old.map_or(6, precision))
}

#[cfg(test)]
mod tests {
    use super::keeps_length;

    #[test]
    fn lengths_that_grow_keep_the_rows() {
        assert!(keeps_length("varchar", Some(&[10]), &[20]));
        assert!(!keeps_length("varchar", Some(&[10]), &[5]));
        assert!(!keeps_length("varchar", None, &[20]));
        assert!(keeps_length("varchar", Some(&[10]), &[]));
        assert!(keeps_length("numeric", Some(&[10, 2]), &[12, 2]));
        assert!(!keeps_length("numeric", Some(&[10, 2]), &[12, 4]));
        assert!(keeps_length("timestamp", None, &[6]));
        assert!(!keeps_length("timestamp", None, &[3]));
        assert!(!keeps_length("bpchar", Some(&[10]), &[20]));
    }

    #[test]
    fn intervals_keep_their_fields_and_precision() {
        const DAY_TO_SECOND: i32 = (1 << 3) | (1 << 10) | (1 << 11) | (1 << 12);
        const YEAR_TO_MONTH: i32 = (1 << 2) | (1 << 1);
        assert!(keeps_length("interval", None, &[DAY_TO_SECOND]));
        assert!(!keeps_length("interval", None, &[YEAR_TO_MONTH]));
        assert!(!keeps_length("interval", None, &[0x7fff, 3]));
        assert!(keeps_length("interval", Some(&[0x7fff, 3]), &[0x7fff, 6]));
    }
}
