//! Sequences: their own statements, and those of serial and identity columns.

use std::borrow::Cow;

use super::depend::change_column;
use super::{Effect, Replay};
use crate::catalog::{Kind, NameKey, NameSpace, ObjectId, Outcome, RelationClass, Sequence};
use crate::source::Span;
use crate::syntax::{
    AlterSequence, Argument, Call, Cast, CreateSequence, Expr, ExprKind, Ident, Name, ObjectKind, Persistence,
    QualifiedName, SequenceOption, TypeName, quote,
};

/// A sequence that a column asks for.
#[derive(Clone)]
pub(crate) struct ColumnSequence<'a> {
    /// The type of its values.
    pub data_type: Name,
    /// The options of an identity column.
    pub options: Cow<'a, [SequenceOption]>,
    /// Whether it is that of an identity column.
    pub identity: bool,
}

/// The integer type behind `serial` and its like; `None` for any other type.
pub(crate) fn serial_type(ty: &TypeName) -> Option<Name> {
    if ty.parts.len() != 1 || ty.percent_type {
        return None;
    }
    Some(Name::from(match ty.name().as_str() {
        "smallserial" | "serial2" => "int2",
        "serial" | "serial4" => "int4",
        "bigserial" | "serial8" => "int8",
        _ => return None,
    }))
}

impl Replay {
    pub(super) fn create_sequence(&mut self, create: &CreateSequence) -> Effect {
        let schema = self.schema_for_new_relation(&create.relation)?;
        let name = create.relation.name.name;
        if create.if_not_exists && self.relation_in(schema, name.name).is_some() {
            return Ok(Outcome::Skipped);
        }
        self.check_options_once(&create.options, name.span)?;
        let mut sequence = empty_sequence(create.relation.persistence);
        self.apply_options(&mut sequence, &create.options, true, name.span)?;
        let object = self.owned(name, Some(schema), Kind::Sequence(sequence));
        let id = self.create(object)?;
        self.apply_ownership(id, &create.options)?;
        Ok(Outcome::Done)
    }

    fn check_options_once(&self, options: &[SequenceOption], span: Span) -> Effect<()> {
        let kind = std::mem::discriminant::<SequenceOption>;
        let again =
            (1..options.len()).any(|at| options[..at].iter().any(|earlier| kind(earlier) == kind(&options[at])));
        self.check_said_once(again.then_some(span))
    }

    pub(super) fn alter_sequence(&mut self, alter: &AlterSequence) -> Effect {
        let Some(id) = self.relation_or_skip(&alter.relation.name, alter.if_exists)? else {
            return Ok(Outcome::Skipped);
        };
        self.check_relation_kind(id, ObjectKind::Sequence, &alter.relation.name)?;
        self.check_options_once(&alter.options, alter.relation.span)?;
        self.alter_sequence_options(id, &alter.options, alter.relation.span)?;
        self.apply_ownership(id, &alter.options)?;
        Ok(Outcome::Done)
    }

    /// The relation of this name in a schema.
    pub(crate) fn relation_in(&self, schema: ObjectId, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Relation, parent: Some(schema), name };
        self.now().named(key).first().copied()
    }

    /// Applies the options of ALTER SEQUENCE or ALTER COLUMN … SET to a sequence.
    pub(crate) fn alter_sequence_options(&mut self, id: ObjectId, options: &[SequenceOption], at: Span) -> Effect<()> {
        let Some(sequence) = self.now().get(id).and_then(|object| object.as_sequence()) else { return Ok(()) };
        let mut sequence = sequence.clone();
        self.apply_options(&mut sequence, options, false, at)?;
        self.catalog.modify(id, |object| object.kind = Kind::Sequence(sequence));
        Ok(())
    }

    fn apply_options(&self, sequence: &mut Sequence, options: &[SequenceOption], is_new: bool, at: Span) -> Effect<()> {
        let (mut min, mut max) = (None, None);
        let old_type = sequence.data_type;
        for option in options {
            match option {
                SequenceOption::As(ty) => sequence.data_type = self.sequence_type(ty)?,
                SequenceOption::IncrementBy(0) => return Err(self.refuse("22023", at, "INCREMENT must not be zero")),
                SequenceOption::IncrementBy(by) => sequence.increment = *by,
                SequenceOption::MinValue(value) => min = Some(*value),
                SequenceOption::MaxValue(value) => max = Some(*value),
                SequenceOption::Cache(cache) => sequence.cache = *cache,
                SequenceOption::Cycle(cycle) => sequence.cycle = *cycle,
                SequenceOption::Logged(logged) => {
                    sequence.persistence = if *logged { Persistence::Permanent } else { Persistence::Unlogged };
                }
                SequenceOption::Start(_)
                | SequenceOption::Restart(_)
                | SequenceOption::OwnedBy(_)
                | SequenceOption::Name(_) => {}
            }
        }
        let retyped = old_type != sequence.data_type;
        set_bounds(sequence, old_type, (min, max), is_new, retyped);
        let start = options.iter().find_map(|option| match option {
            SequenceOption::Start(start) => Some(*start),
            _ => None,
        });
        match start {
            Some(start) => sequence.start = start,
            None if is_new => {
                sequence.start = if sequence.increment > 0 { sequence.min_value } else { sequence.max_value };
            }
            None => {}
        }
        self.check_sequence(sequence, at)
    }

    fn sequence_type(&self, ty: &TypeName) -> Effect<Name> {
        let name = ty.name();
        if matches!(name.as_str(), "int2" | "int4" | "int8") && ty.array_dimensions == 0 {
            return Ok(name);
        }
        Err(self.refuse("22023", ty.span, "sequence type must be smallint, integer, or bigint"))
    }

    fn check_sequence(&self, sequence: &Sequence, at: Span) -> Effect<()> {
        let Sequence { min_value: min, max_value: max, start, .. } = *sequence;
        let (lowest, highest) = type_bounds(sequence.data_type);
        let message = if max < lowest || max > highest {
            format!("MAXVALUE ({max}) is out of range for its data type")
        } else if min < lowest || min > highest {
            format!("MINVALUE ({min}) is out of range for its data type")
        } else if min >= max {
            format!("MINVALUE ({min}) must be less than MAXVALUE ({max})")
        } else if start < min {
            format!("START value ({start}) cannot be less than MINVALUE ({min})")
        } else if start > max {
            format!("START value ({start}) cannot be greater than MAXVALUE ({max})")
        } else if sequence.cache <= 0 {
            format!("CACHE ({}) must be greater than zero", sequence.cache)
        } else {
            return Ok(());
        };
        Err(self.refuse("22023", at, message))
    }

    fn apply_ownership(&mut self, id: ObjectId, options: &[SequenceOption]) -> Effect<()> {
        for option in options {
            let SequenceOption::OwnedBy(owner) = option else { continue };
            let owned_by = match owner.as_deref() {
                None => None,
                Some(parts) => Some(self.sequence_owner(id, parts)?),
            };
            let identity = self.now().get(id).and_then(|object| object.as_sequence()).is_some_and(|it| it.identity);
            if identity {
                let span = owner.as_deref().and_then(<[Ident]>::first).map_or(Span::NONE, |part| part.span);
                return Err(self.refuse("0A000", span, "cannot change ownership of identity sequence"));
            }
            self.own_sequence(id, owned_by);
        }
        Ok(())
    }

    fn own_sequence(&mut self, id: ObjectId, owned_by: Option<(ObjectId, i16)>) {
        self.catalog.modify(id, |object| {
            if let Kind::Sequence(sequence) = &mut object.kind {
                sequence.owned_by = owned_by;
            }
        });
    }

    /// The column that `OWNED BY schema.table.column` names.
    fn sequence_owner(&mut self, sequence: ObjectId, parts: &[Ident]) -> Effect<(ObjectId, i16)> {
        let Some((&column, relation)) = parts.split_last().filter(|(_, relation)| !relation.is_empty()) else {
            let span = parts.first().map_or(Span::NONE, |part| part.span);
            return Err(self.refuse("42601", span, "invalid OWNED BY option").help("say OWNED BY table.column"));
        };
        let (&name, before) = relation.split_last().expect("checked to be more than the column");
        let table_name = QualifiedName { database: None, schema: before.last().copied(), name };
        let table = self.relation(&table_name)?;
        let number = self.column_of(table, column)?;
        let now = self.now();
        let (Some(owner), Some(owned)) = (now.get(table), now.get(sequence)) else { return Ok((table, number)) };
        let is_table = owner.as_relation().is_some_and(|relation| {
            !matches!(relation.class, RelationClass::MaterializedView | RelationClass::CompositeType)
        });
        if !is_table {
            let message = format!("sequence cannot be owned by relation \"{}\"", owner.name);
            return Err(self.refuse("42809", table_name.span(), message));
        }
        if owner.owner != owned.owner {
            let message = "sequence must have same owner as table it is linked to";
            return Err(self.refuse("55000", table_name.span(), message));
        }
        if owner.schema != owned.schema {
            let message = "sequence must be in same schema as table it is linked to";
            return Err(self.refuse("55000", table_name.span(), message));
        }
        Ok((table, number))
    }

    /// The name that the sequence of a column gets where the options do not say one.
    pub(crate) fn column_sequence_name(
        &mut self,
        table: Name,
        column: Ident,
        schema: ObjectId,
        options: &[SequenceOption],
    ) -> Effect<(ObjectId, Ident)> {
        let written = options.iter().find_map(|option| match option {
            SequenceOption::Name(name) => Some(name),
            _ => None,
        });
        match written {
            Some(name) => {
                let schema = if name.schema.is_some() { self.schema_for_new(name)? } else { schema };
                Ok((schema, name.name))
            }
            None => {
                let name = self.choose_relation_name(&table, Some(&column.name), "seq", schema, false);
                Ok((schema, Ident { name, span: column.span }))
            }
        }
    }

    /// Makes the sequence of a serial or identity column; it is given to the column with
    /// [`Replay::give_sequence_to_column`] once that exists.
    pub(crate) fn create_column_sequence(
        &mut self,
        (schema, name): (ObjectId, Ident),
        wanted: &ColumnSequence<'_>,
        persistence: Persistence,
        owner: Option<ObjectId>,
    ) -> Effect<ObjectId> {
        let mut sequence = empty_sequence(persistence);
        sequence.data_type = wanted.data_type;
        sequence.max_value = type_bounds(wanted.data_type).1;
        sequence.identity = wanted.identity;
        self.apply_options(&mut sequence, &wanted.options, true, name.span)?;
        let mut object = self.owned(name, Some(schema), Kind::Sequence(sequence));
        object.owner = owner.or(object.owner);
        self.create(object)
    }

    /// Links a sequence to its column.
    pub(crate) fn give_sequence_to_column(&mut self, sequence: ObjectId, table: ObjectId, column: i16) {
        self.own_sequence(sequence, Some((table, column)));
    }

    /// The sequence of an identity column.
    pub(crate) fn identity_sequence(&self, table: ObjectId, column: i16) -> Option<ObjectId> {
        let now = self.now();
        now.owned_sequences(table).into_iter().find(|&id| {
            let sequence = now.get(id).and_then(|object| object.as_sequence());
            sequence.is_some_and(|it| it.identity && it.owned_by == Some((table, column)))
        })
    }

    /// `nextval('schema.sequence'::regclass)`, the default of a serial column.
    pub(crate) fn nextval_of(&self, schema: ObjectId, sequence: Name, span: Span) -> Expr {
        let schema = self.now().get(schema).map(|schema| schema.name).unwrap_or_default();
        let text = format!("{}.{}", quote::quote_identifier(&schema), quote::quote_identifier(&sequence));
        let system = |name: &str| {
            let schema = Some(Ident::new("pg_catalog", span));
            QualifiedName { database: None, schema, name: Ident::new(name, span) }
        };
        let regclass = system("regclass");
        let ty = TypeName {
            span,
            parts: [regclass.schema.expect("given above"), regclass.name].into(),
            modifiers: Vec::new(),
            array_dimensions: 0,
            setof: false,
            percent_type: false,
        };
        let literal = Expr { span, kind: ExprKind::String(text.into()) };
        let value = Expr { span, kind: ExprKind::Cast(Box::new(Cast { expr: literal, ty })) };
        let call = Call {
            function: system("nextval"),
            args: vec![Argument { name: None, value }],
            star: false,
            distinct: false,
            variadic: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
        };
        Expr { span, kind: ExprKind::Call(Box::new(call)) }
    }

    /// Makes a column an identity column, or an ordinary one.
    pub(crate) fn set_identity(&mut self, table: ObjectId, column: i16, identity: Option<crate::catalog::Identity>) {
        self.catalog.modify(table, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                change_column(relation, column, |column| column.identity = identity);
            }
        });
    }
}

fn empty_sequence(persistence: Persistence) -> Sequence {
    Sequence {
        data_type: Name::from("int8"),
        increment: 1,
        min_value: 1,
        max_value: i64::MAX,
        start: 1,
        cache: 1,
        cycle: false,
        owned_by: None,
        identity: false,
        persistence,
    }
}

/// Lowest and highest value of an integer type.
pub(super) fn type_bounds(ty: Name) -> (i64, i64) {
    match ty.as_str() {
        "int2" => (i16::MIN.into(), i16::MAX.into()),
        "int4" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

/// MINVALUE and MAXVALUE as `init_params` sets them: `Some(None)` is NO MINVALUE. A new type moves the
/// bounds that were those of the old type.
fn set_bounds(
    sequence: &mut Sequence,
    old_type: Name,
    (min, max): (Option<Option<i64>>, Option<Option<i64>>),
    is_new: bool,
    retyped: bool,
) {
    let (lowest, highest) = type_bounds(sequence.data_type);
    let (old_lowest, old_highest) = type_bounds(old_type);
    let ascending = sequence.increment > 0;
    let reset_max = retyped && sequence.max_value == old_highest;
    match max {
        Some(Some(max)) => sequence.max_value = max,
        None if !is_new && !reset_max => {}
        _ => sequence.max_value = if ascending { highest } else { -1 },
    }
    let reset_min = retyped && sequence.min_value == old_lowest;
    match min {
        Some(Some(min)) => sequence.min_value = min,
        None if !is_new && !reset_min => {}
        _ => sequence.min_value = if ascending { 1 } else { lowest },
    }
}
