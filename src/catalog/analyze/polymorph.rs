//! Polymorphic types: `anyelement` and `anycompatible` with their families (parse_coerce.c).

use super::Type;
use super::types::{Facts, UNKNOWN};
use crate::syntax::CastContext;

/// What the polymorphic arguments of one call are.
#[derive(Clone, Copy, Default, Debug)]
struct Families {
    element: Option<Type>,
    array: Option<Type>,
    range: Option<Type>,
    multirange: Option<Type>,
    compatible: Option<Type>,
    compatible_range: Option<Type>,
    compatible_multirange: Option<Type>,
}

/// The types of a call after its polymorphic ones are resolved.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    /// The types the arguments are converted to.
    pub args: Vec<Type>,
    /// `None` where it cannot be known.
    pub result: Option<Type>,
}

impl Facts<'_> {
    /// check_generic_type_consistency.
    pub(super) fn generics_are_consistent(&self, actual: &[Type], declared: &[Type]) -> bool {
        self.families(actual, declared).is_some()
    }

    /// enforce_generic_type_consistency; `None` where the server refuses the combination.
    pub(super) fn resolve_generics(
        &self,
        actual: &[Type],
        declared: &[Type],
        result: Option<Type>,
    ) -> Option<Resolved> {
        let polymorphic = declared.iter().any(|ty| self.is_polymorphic(*ty));
        if !polymorphic {
            return Some(Resolved { args: declared.to_vec(), result });
        }
        let families = self.families(actual, declared)?;
        let any_of_one = declared.iter().any(|ty| self.is_polymorphic_of_one(*ty));
        if any_of_one && families.element.is_none() && families.range.is_none() && families.multirange.is_none() {
            // All inputs are constants of no type.
            return None;
        }
        let args =
            declared.iter().zip(actual).map(|(declared, actual)| self.resolved_arg(*declared, *actual, &families));
        Some(Resolved { args: args.collect(), result: result.and_then(|ty| self.resolved(ty, &families)) })
    }

    /// Arguments of the first family keep their polymorphic type (they need no conversion) unless they are
    /// constants of no type; those of the second are converted to the common type.
    fn resolved_arg(&self, declared: Type, actual: Type, families: &Families) -> Type {
        let one = self.is_polymorphic_of_one(declared);
        if (one && actual == self.known.unknown) || self.is_polymorphic_of_compatible(declared) {
            return self.resolved(declared, families).unwrap_or(declared);
        }
        declared
    }

    fn resolved(&self, ty: Type, families: &Families) -> Option<Type> {
        let known = self.known;
        match ty {
            _ if ty == known.anyelement || ty == known.anynonarray || ty == known.anyenum => families.element,
            _ if ty == known.anyarray => families.array.or_else(|| self.array_of(families.element?)),
            _ if ty == known.anyrange => families.range,
            _ if ty == known.anymultirange => families.multirange,
            _ if ty == known.anycompatible || ty == known.anycompatiblenonarray => families.compatible,
            _ if ty == known.anycompatiblearray => self.array_of(families.compatible?),
            _ if ty == known.anycompatiblerange => families.compatible_range,
            _ if ty == known.anycompatiblemultirange => families.compatible_multirange,
            _ => Some(ty),
        }
    }

    fn families(&self, actual: &[Type], declared: &[Type]) -> Option<Families> {
        let mut families = Families::default();
        let mut compatible = Vec::new();
        for (&actual, &declared) in actual.iter().zip(declared) {
            if self.category(actual).0 == UNKNOWN {
                continue;
            }
            self.note_one(&mut families, actual, declared)?;
            self.note_compatible(&mut families, &mut compatible, actual, declared)?;
        }
        self.settle_one(&mut families, declared)?;
        self.settle_compatible(&mut families, &compatible, declared)?;
        Some(families)
    }

    fn note_one(&self, families: &mut Families, actual: Type, declared: Type) -> Option<()> {
        let known = self.known;
        if [known.anyelement, known.anynonarray, known.anyenum].contains(&declared) {
            return agree(&mut families.element, actual);
        }
        let base = self.base(actual);
        match declared {
            _ if declared == known.anyarray => {
                // anyarray itself is the type of columns of pg_statistic.
                let fits = self.element(base).is_some() || base == known.anyarray;
                agree(&mut families.array, base).filter(|()| fits)
            }
            _ if declared == known.anyrange => agree(&mut families.range, base).filter(|()| self.is_range(base)),
            _ if declared == known.anymultirange => {
                agree(&mut families.multirange, base).filter(|()| self.is_multirange(base))
            }
            _ => Some(()),
        }
    }

    fn note_compatible(
        &self,
        families: &mut Families,
        types: &mut Vec<Type>,
        actual: Type,
        declared: Type,
    ) -> Option<()> {
        let known = self.known;
        let base = self.base(actual);
        match declared {
            _ if declared == known.anycompatible || declared == known.anycompatiblenonarray => types.push(actual),
            _ if declared == known.anycompatiblearray => types.push(self.element(base)?),
            _ if declared == known.anycompatiblerange => {
                agree(&mut families.compatible_range, base)?;
                types.push(self.range_subtype(base)?);
            }
            _ if declared == known.anycompatiblemultirange => {
                agree(&mut families.compatible_multirange, base)?;
                let range = self.range_of_multirange(base)?;
                agree(&mut families.compatible_range, range)?;
                types.push(self.range_subtype(range)?);
            }
            _ => {}
        }
        Some(())
    }

    fn settle_one(&self, families: &mut Families, declared: &[Type]) -> Option<()> {
        let known = self.known;
        if let Some(array) = families.array {
            let element = if array == known.anyarray { known.anyelement } else { self.element(array)? };
            agree(&mut families.element, element)?;
        }
        if let Some(multirange) = families.multirange {
            agree(&mut families.range, self.range_of_multirange(multirange)?)?;
        }
        if let Some(range) = families.range {
            families.multirange = families.multirange.or_else(|| self.multirange_of(range));
            agree(&mut families.element, self.range_subtype(range)?)?;
        }
        let Some(element) = families.element else { return (!declared.contains(&known.anyenum)).then_some(()) };
        let is_array = self.element(self.base(element)).is_some();
        if (declared.contains(&known.anynonarray) && is_array)
            || (declared.contains(&known.anyenum) && !self.is_enum(self.base(element)))
        {
            return None;
        }
        Some(())
    }

    fn settle_compatible(&self, families: &mut Families, types: &[Type], declared: &[Type]) -> Option<()> {
        if !declared.iter().any(|ty| self.is_polymorphic_of_compatible(*ty)) {
            return Some(());
        }
        let known = self.known;
        let common = if types.is_empty() { known.text } else { self.common_of(types).ok()? };
        let possible = |ty: &Type| self.can_coerce_one(*ty, common, CastContext::Implicit);
        let is_array = self.element(self.base(common)).is_some();
        let range_fits = families.compatible_range.is_none_or(|range| self.range_subtype(range) == Some(common));
        if !types.iter().all(possible) || !range_fits || (declared.contains(&known.anycompatiblenonarray) && is_array) {
            return None;
        }
        if let Some(range) = families.compatible_range {
            families.compatible_multirange = families.compatible_multirange.or_else(|| self.multirange_of(range));
        }
        families.compatible = Some(common);
        Some(())
    }
}

/// Sets what is not set yet; all that is said must be the same.
fn agree(slot: &mut Option<Type>, ty: Type) -> Option<()> {
    match slot {
        Some(known) => (*known == ty).then_some(()),
        None => {
            *slot = Some(ty);
            Some(())
        }
    }
}
