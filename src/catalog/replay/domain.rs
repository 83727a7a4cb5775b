//! Domains and their constraints.

use std::sync::Arc;

use super::type_::qualified;
use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{
    Constraint, ConstraintKind, Dependency, Kind, NameKey, NameSpace, Object, ObjectId, Outcome, Part, RelationClass,
    Type, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{self, AlterDomain, CreateDomain, DomainAction, Expr, Ident, Name, QualifiedName};

/// What the constraints of CREATE DOMAIN say together.
#[derive(Default)]
struct Properties<'a> {
    not_null: Option<(bool, &'a syntax::Constraint)>,
    default: Option<&'a Expr>,
    checks: Vec<(&'a syntax::Constraint, &'a Expr)>,
}

impl Replay {
    pub(super) fn create_domain(&mut self, create: &CreateDomain) -> Effect {
        let schema = self.schema_for_new(&create.name)?;
        let base = self.resolve_type(&create.ty)?;
        self.check_base_type(&base, create)?;
        let properties = self.domain_properties(create)?;
        let not_null = properties.not_null.is_some_and(|(not_null, _)| not_null);
        let category = self.now().get(base.id).and_then(|object| object.as_type()).map_or('U', |ty| ty.category);
        let category = if base.array { 'A' } else { category };
        let default = match properties.default {
            Some(default) => self.domain_default(create.name.name.name, &base, default)?,
            None => None,
        };
        let class = TypeClass::Domain { base: base.clone(), not_null, default };
        let id = self.create_type(create.name.name, schema, class, category)?;
        if let Some((true, constraint)) = properties.not_null {
            self.add_domain_not_null(id, constraint.name, constraint.span);
        }
        for (constraint, check) in properties.checks {
            self.add_domain_check(id, constraint, check)?;
        }
        Ok(Outcome::Done)
    }

    fn check_base_type(&self, base: &TypeRef, create: &CreateDomain) -> Effect<()> {
        let ty = self.now().get(base.id).and_then(|object| object.as_type());
        if base.array || !ty.is_some_and(|ty| matches!(ty.class, TypeClass::Pseudo)) {
            return Ok(());
        }
        let name = self.now().type_name(base);
        let message = format!("\"{name}\" is not a valid base type for a domain");
        Err(self.refuse("42804", create.ty.span, message))
    }

    fn domain_properties<'a>(&self, create: &'a CreateDomain) -> Effect<Properties<'a>> {
        let mut properties = Properties::default();
        for constraint in &create.constraints {
            match &constraint.kind {
                syntax::ConstraintKind::Default(_) if properties.default.is_some() => {
                    return Err(self.refuse("42601", constraint.span, "multiple default expressions"));
                }
                syntax::ConstraintKind::Default(default) => properties.default = Some(default),
                syntax::ConstraintKind::NotNull { .. } | syntax::ConstraintKind::Null => {
                    let not_null = !matches!(constraint.kind, syntax::ConstraintKind::Null);
                    if let Some((_, first)) = properties.not_null.filter(|(known, _)| *known != not_null) {
                        let refusal = self.refuse("42601", constraint.span, "conflicting NULL/NOT NULL constraints");
                        return Err(refusal.label(first.span, "the other one"));
                    }
                    properties.not_null = Some((not_null, constraint));
                }
                syntax::ConstraintKind::Check(check) => properties.checks.push((constraint, check)),
                other => return Err(self.refuse_on_domain(constraint.span, other)),
            }
        }
        Ok(properties)
    }

    fn refuse_on_domain(&self, span: Span, kind: &syntax::ConstraintKind) -> super::Stop {
        let (sqlstate, what) = match kind {
            syntax::ConstraintKind::Unique { .. } => ("42601", "unique constraints not possible for domains"),
            syntax::ConstraintKind::Primary(_) => ("42601", "primary key constraints not possible for domains"),
            syntax::ConstraintKind::Exclude(_) => ("42601", "exclusion constraints not possible for domains"),
            syntax::ConstraintKind::ForeignKey(_) => ("42601", "foreign key constraints not possible for domains"),
            _ => ("42601", "this constraint is not possible for domains"),
        };
        self.refuse(sqlstate, span, what)
    }

    /// `DEFAULT NULL` is no default.
    fn domain_default(&mut self, domain: Name, base: &TypeRef, default: &Expr) -> Effect<Option<Arc<Expr>>> {
        let purpose = Purpose::Default { column: domain, ty: Some(base.clone()) };
        self.analyze(&Scope::empty(), default, &purpose)?;
        let is_null = matches!(default.kind, syntax::ExprKind::Null);
        Ok((!is_null).then(|| Arc::new(default.clone())))
    }

    /// NOT NULL of a domain is an object since 17.
    fn add_domain_not_null(&mut self, domain: ObjectId, name: Option<Ident>, span: Span) {
        if self.settings.version < 17 {
            return;
        }
        let name = name.unwrap_or_else(|| Ident { name: self.free_domain_name(domain, "not_null"), span });
        self.add_domain_constraint(domain, name, ConstraintKind::NotNull { column: 0 }, true, Vec::new());
    }

    fn add_domain_check(&mut self, domain: ObjectId, constraint: &syntax::Constraint, check: &Expr) -> Effect<()> {
        let Some(ty) = self.domain(domain) else { return Ok(()) };
        let TypeClass::Domain { base, .. } = ty.class.clone() else { return Ok(()) };
        let analysis = self.analyze(&Scope::empty(), check, &Purpose::DomainCheck { base: Some(base) })?;
        let needs = self.needs_of(&analysis.needs(), Part::Whole);
        let name = match constraint.name {
            Some(name) => {
                self.check_domain_name_free(domain, name)?;
                name
            }
            None => Ident { name: self.free_domain_name(domain, "check"), span: constraint.span },
        };
        let kind = ConstraintKind::Check { expr: Arc::new(check.clone()), columns: Vec::new() };
        self.add_domain_constraint(domain, name, kind, constraint.not_valid.is_none(), needs);
        Ok(())
    }

    fn domain(&self, id: ObjectId) -> Option<&Type> {
        self.now().get(id)?.as_type()
    }

    fn check_domain_name_free(&self, domain: ObjectId, name: Ident) -> Effect<()> {
        let Some(taken) = self.domain_constraint(domain, name.name) else { return Ok(()) };
        let of = self.now().get(domain).map(|object| object.name).unwrap_or_default();
        let message = format!("constraint \"{}\" for domain \"{of}\" already exists", name.name);
        Err(self.refuse_because("42710", name.span, message, taken, "made here"))
    }

    /// `domain_check`, `domain_check1` …: no constraint of the schema may have the name.
    fn free_domain_name(&self, domain: ObjectId, label: &str) -> Name {
        let Some(object) = self.now().get(domain) else { return Name::from(label) };
        let mut names = (0..).map(|pass| match pass {
            0 => Name::from(&format!("{}_{label}", object.name)),
            pass => Name::from(&format!("{}_{label}{pass}", object.name)),
        });
        names.find(|&name| self.domain_constraint(domain, name).is_none()).unwrap_or_default()
    }

    fn add_domain_constraint(
        &mut self,
        domain: ObjectId,
        name: Ident,
        kind: ConstraintKind,
        validated: bool,
        depends: Vec<Dependency>,
    ) {
        let schema = self.now().get(domain).and_then(|object| object.schema);
        let constraint = Constraint { validated, ..Constraint::new(domain, kind) };
        let mut object = Object::new(name.name, schema, Kind::Constraint(constraint));
        object.span = name.span;
        object.depends = depends;
        self.add(object);
    }

    pub(super) fn alter_domain(&mut self, alter: &AlterDomain) -> Effect {
        let id = self.domain_named(&alter.name)?;
        if checks_rows(&alter.action) {
            self.check_not_inside(id, false, alter.name.span())?;
        }
        match &alter.action {
            DomainAction::SetDefault(default) => {
                let Some(TypeClass::Domain { base, .. }) = self.domain(id).map(|ty| ty.class.clone()) else {
                    return Ok(Outcome::Done);
                };
                let default = self.domain_default(alter.name.name.name, &base, default)?;
                self.set_domain_default(id, default);
            }
            DomainAction::DropDefault => self.set_domain_default(id, None),
            DomainAction::SetNotNull => self.set_domain_not_null(id, true, alter.name.name.span),
            DomainAction::DropNotNull => self.set_domain_not_null(id, false, alter.name.name.span),
            DomainAction::AddConstraint(constraint) => return self.add_constraint_to_domain(id, constraint),
            DomainAction::DropConstraint { name, if_exists, .. } => {
                return self.drop_domain_constraint(id, *name, *if_exists);
            }
            DomainAction::ValidateConstraint { name } => self.validate_domain_constraint(id, *name)?,
        }
        Ok(Outcome::Done)
    }

    /// Values of a domain that are parts of other stored values cannot be checked.
    fn check_not_inside(&self, ty: ObjectId, is_part: bool, span: Span) -> Effect<()> {
        let now = self.now();
        for (id, user, need) in now.dependents(ty) {
            if let Some(TypeClass::Domain { base, .. }) = user.as_type().map(|ty| &ty.class) {
                self.check_not_inside(id, is_part || base.array, span)?;
            }
            let (Part::Column(number), Some(relation)) = (need.part, user.as_relation()) else { continue };
            let Some(column) = relation.column_number(number) else { continue };
            let array = column.ty.as_ref().is_some_and(|ty| ty.array);
            let stored = matches!(relation.class, RelationClass::Table | RelationClass::MaterializedView);
            if stored && (is_part || array) {
                let message = format!(
                    "cannot alter type \"{}\" because column \"{}.{}\" uses it",
                    self.name_of(ty),
                    user.name,
                    column.name
                );
                return Err(self.refuse("0A000", span, message).label(column.span, "used here"));
            }
            if let Some(row_type) = relation.row_type.filter(|&row_type| row_type != ty && id != ty) {
                self.check_not_inside(row_type, true, span)?;
            }
        }
        Ok(())
    }

    /// The domain of this name; another type is refused.
    fn domain_named(&mut self, name: &QualifiedName) -> Effect<ObjectId> {
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        let Some(id) = self.find_type(name) else {
            let message = format!("type \"{name}\" does not exist");
            return Err(self.refuse_no_such("42704", NameSpace::Type, name, message));
        };
        if self.domain(id).is_some_and(|ty| matches!(ty.class, TypeClass::Domain { .. })) {
            return Ok(id);
        }
        let message = format!("{name} is not a domain");
        Err(self.refuse_because("42809", name.span(), message, id, "made here"))
    }

    fn set_domain_default(&mut self, id: ObjectId, new: Option<Arc<Expr>>) {
        self.catalog.modify(id, |object| {
            if let Kind::Type(Type { class: TypeClass::Domain { default, .. }, .. }) = &mut object.kind {
                *default = new;
            }
        });
    }

    fn set_domain_not_null(&mut self, id: ObjectId, new: bool, span: Span) {
        self.catalog.modify(id, |object| {
            if let Kind::Type(Type { class: TypeClass::Domain { not_null, .. }, .. }) = &mut object.kind {
                *not_null = new;
            }
        });
        match self.domain_not_null(id) {
            Some(constraint) if !new => self.erase(constraint),
            None if new => self.add_domain_not_null(id, None, span),
            _ => {}
        }
    }

    fn add_constraint_to_domain(&mut self, id: ObjectId, constraint: &syntax::Constraint) -> Effect {
        match &constraint.kind {
            syntax::ConstraintKind::Check(check) => self.add_domain_check(id, constraint, check)?,
            syntax::ConstraintKind::NotNull { .. } => {
                if let Some(name) = constraint.name {
                    self.check_domain_name_free(id, name)?;
                }
                if self.domain_not_null(id).is_none() {
                    self.add_domain_not_null(id, constraint.name, constraint.span);
                }
                self.set_domain_not_null(id, true, constraint.span);
            }
            other => return Err(self.refuse_on_domain(constraint.span, other)),
        }
        Ok(Outcome::Done)
    }

    fn drop_domain_constraint(&mut self, id: ObjectId, name: Ident, if_exists: bool) -> Effect {
        let Some(constraint) = self.domain_constraint(id, name.name) else {
            return if if_exists { Ok(Outcome::Skipped) } else { Err(self.refuse_no_domain_constraint(id, name)) };
        };
        if self.domain_not_null(id) == Some(constraint) {
            self.set_domain_not_null(id, false, name.span);
        } else {
            self.erase(constraint);
        }
        Ok(Outcome::Done)
    }

    fn validate_domain_constraint(&mut self, id: ObjectId, name: Ident) -> Effect<()> {
        let Some(constraint) = self.domain_constraint(id, name.name) else {
            return Err(self.refuse_no_domain_constraint(id, name));
        };
        self.catalog.modify(constraint, |object| {
            if let Kind::Constraint(constraint) = &mut object.kind {
                constraint.validated = true;
            }
        });
        Ok(())
    }

    pub(crate) fn refuse_no_domain_constraint(&mut self, domain: ObjectId, name: Ident) -> super::Stop {
        let of = self.now().get(domain).map(|object| object.name).unwrap_or_default();
        let message = format!("constraint \"{}\" of domain \"{of}\" does not exist", name.name);
        let key = NameKey { space: NameSpace::Constraint, parent: Some(domain), name: name.name };
        self.refuse_undefined("42704", name.span, message, key)
    }

    /// The constraint of a domain that COMMENT or RENAME names.
    pub(crate) fn constraint_of_domain(&mut self, domain: &syntax::TypeName, name: Ident) -> Effect<ObjectId> {
        let domain = self.domain_named(&qualified(domain)?)?;
        match self.domain_constraint(domain, name.name) {
            Some(constraint) => Ok(constraint),
            None => Err(self.refuse_no_domain_constraint(domain, name)),
        }
    }
}

/// Whether an action makes the server look at the values there are.
fn checks_rows(action: &DomainAction) -> bool {
    match action {
        DomainAction::SetNotNull | DomainAction::ValidateConstraint { .. } => true,
        DomainAction::AddConstraint(constraint) => constraint.not_valid.is_none(),
        _ => false,
    }
}
