//! The system catalogs as tables: made from the catalog when code asks for them, cell by cell.

mod information;
mod pg;
mod privileges;
mod views;

use std::sync::{Arc, LazyLock};

use super::Evaluator;
use super::narrow::Only;
use super::query::Cells;
use super::value::{Oid, Value};
use crate::catalog::analyze::Type;
use crate::catalog::deparse::{Deparser, Origins};
use crate::catalog::{CatalogAt, Kind, Object, ObjectId, Tag};
use crate::syntax::Name;

/// A system catalog or view.
#[derive(Debug)]
pub(crate) struct Table {
    schema: &'static str,
    name: &'static str,
    rows: fn(&System<'_>) -> Vec<Row>,
    /// A cell by the name of its column; unknown where it is not kept.
    cell: fn(&System<'_>, Row, &str) -> Value,
    /// It may have rows that are not kept.
    open: bool,
    /// Columns that hold the name or the oid of the row's object, or of the relation that it is attached to.
    pub anchors: &'static [&'static str],
}

/// A row: an object, and which part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    id: ObjectId,
    part: u32,
}

impl Row {
    /// Its object, but for rows of the empty server's own facts.
    pub fn object(self) -> Option<ObjectId> {
        Some(self.id).filter(|id| *id != NOBODY)
    }
}

/// What the rows are made of.
pub(super) struct System<'a> {
    catalog: CatalogAt<'a>,
    role: Option<ObjectId>,
    version: u8,
    settings: &'a rustc_hash::FxHashMap<Name, Arc<str>>,
    path: &'a [ObjectId],
    origins: &'a super::Origins,
    /// The objects that rows are made of, where not of all.
    only: Option<&'a Only>,
}

/// No object: for rows of the empty server's own facts.
const NOBODY: ObjectId = ObjectId(u32::MAX);

impl<'a> System<'a> {
    /// Prints expressions and definitions as the server would for this session.
    pub(super) fn deparser(&self) -> Deparser<'a> {
        let edition = self.catalog.catalog().edition();
        let mut kept = self.origins.borrow_mut();
        let origins = match &*kept {
            Some((read, origins)) if *read == edition => origins.clone(),
            _ => {
                let origins = Arc::new(Origins::read(self.catalog.catalog()));
                *kept = Some((edition, origins.clone()));
                origins
            }
        };
        Deparser::with(self.catalog, self.version, origins).within(self.path)
    }

    fn get(&self, row: Row) -> Option<&'a Arc<Object>> {
        self.catalog.get(row.id)
    }

    /// All objects that rows are made of.
    fn objects(&self) -> Vec<(ObjectId, &'a Arc<Object>)> {
        match self.only {
            None => self.catalog.objects().collect(),
            Some(only) => {
                let own = only.objects.iter().filter(|id| !self.catalog.catalog().is_of_system(**id));
                own.filter_map(|id| Some((*id, self.catalog.get(*id)?))).collect()
            }
        }
    }

    /// Those of a kind. Relations of the system and what belongs to them are among them where they are asked for.
    fn of_kind(&self, tag: Tag) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let joined = matches!(tag, Tag::Type | Tag::Schema | Tag::Role | Tag::Language) && self.only.is_none();
        let of_system = joined.then(|| self.catalog.system_of_kind(tag));
        let (all, some) = match self.only {
            None => (Some(self.catalog.of_kind(tag)), None),
            Some(only) => (None, Some(self.catalog.of_kind_among(tag, &only.objects))),
        };
        of_system.into_iter().flatten().chain(all.into_iter().flatten()).chain(some.into_iter().flatten())
    }

    /// All objects of a kind as rows.
    fn all(&self, tag: Tag) -> Vec<Row> {
        self.of_kind(tag).map(|(id, _)| whole(id)).collect()
    }

    fn schema(&self, object: &Object) -> Value {
        Value::name(self.catalog.schema_name(object))
    }

    /// The name of an object by its id.
    fn name(&self, id: Option<ObjectId>) -> Value {
        id.and_then(|id| self.catalog.get(id)).map_or(Value::Null, |object| Value::name(object.name))
    }

    /// Whether the current role has anything to do with an object: what the information schema shows.
    fn shows(&self, id: ObjectId) -> bool {
        let (Some(role), Some(object)) = (self.role, self.catalog.get(id)) else { return true };
        self.owns(id) || !self.catalog.privileges_of(role, id).is_empty() || object.owner.is_none()
    }

    fn owns(&self, id: ObjectId) -> bool {
        let (Some(role), Some(object)) = (self.role, self.catalog.get(id)) else { return true };
        object.owner.is_none_or(|owner| self.catalog.has_privileges_of_role(role, owner))
    }
}

fn whole(id: ObjectId) -> Row {
    Row { id, part: 0 }
}

fn part(id: ObjectId, part: usize) -> Row {
    Row { id, part: part as u32 }
}

/// `YES` and `NO`.
fn yes(value: bool) -> Value {
    static WORDS: LazyLock<[Arc<str>; 2]> = LazyLock::new(|| ["NO", "YES"].map(Arc::from));
    Value::Text(WORDS[usize::from(value)].clone())
}

/// A value of the type `"char"`: many rows have the same.
fn letter(letter: char) -> Value {
    static LETTERS: LazyLock<Vec<Arc<str>>> = LazyLock::new(|| ('\0'..='\x7f').map(|c| c.to_string().into()).collect());
    Value::Text(LETTERS[letter as usize & 0x7f].clone())
}

fn type_oid(ty: Option<&crate::catalog::TypeRef>) -> Value {
    match ty {
        Some(ty) => Value::Object(Oid::Type(Type { id: ty.id, array: ty.array })),
        None => Value::Unknown,
    }
}

/// A text that the server prints, where it is known.
fn printed(text: Option<String>) -> Value {
    text.map_or(Value::Unknown, Value::text)
}

/// All that is kept.
static TABLES: &[&[Table]] = &[pg::TABLES, views::TABLES, information::TABLES, privileges::TABLES];

fn find(schema: &str, name: &str) -> Option<&'static Table> {
    TABLES.iter().flat_map(|tables| tables.iter()).find(|table| table.schema == schema && table.name == name)
}

/// The system catalog or view that a relation is.
pub(super) fn system_table(now: CatalogAt<'_>, id: ObjectId) -> Option<&'static Table> {
    let object = now.get(id)?;
    find(now.schema_name(object).as_str(), object.name.as_str())
}

impl Evaluator<'_> {
    pub(super) fn system(&self) -> System<'_> {
        System {
            catalog: self.replay.now(),
            role: self.replay.session.role,
            version: self.replay.version(),
            settings: &self.replay.session.settings,
            path: &self.replay.path,
            origins: &self.origins,
            only: None,
        }
    }

    /// The rows of a relation, and whether there may be more.
    pub(super) fn relation_rows(&mut self, id: ObjectId) -> (Vec<(Cells, bool)>, bool) {
        let now = self.replay.now();
        let Some(object) = now.get(id) else { return (Vec::new(), true) };
        let schema = now.schema_name(object);
        if let Some(table) = find(schema.as_str(), object.name.as_str()) {
            return self.system_rows(table, None);
        }
        if matches!(schema.as_str(), "pg_catalog" | "information_schema") {
            return (Vec::new(), true);
        }
        self.user_rows(id)
    }

    /// The rows of a system catalog, or those that are made of some objects.
    pub(super) fn system_rows(&self, table: &'static Table, only: Option<&Only>) -> (Vec<(Cells, bool)>, bool) {
        let rows = (table.rows)(&System { only, ..self.system() });
        let open = table.open || self.doubtful;
        let all_certain = self.replay.doubt.is_empty();
        let certain = |row: &Row| all_certain || row.id == NOBODY || self.replay.doubt_about(row.id).is_none();
        let rows = rows.into_iter().map(|row| {
            let certain = certain(&row);
            (Cells::System(table, row), certain)
        });
        (rows.collect(), open)
    }

    /// The rows of a table that is not the system's: none as long as nobody wrote to it.
    fn user_rows(&mut self, id: ObjectId) -> (Vec<(Cells, bool)>, bool) {
        let now = self.replay.now();
        let is_table = now.get(id).is_some_and(|object| {
            matches!(&object.kind, Kind::Relation(relation) if relation.query.is_none() && relation.server.is_none())
        });
        if !is_table || now.may_hold_rows(id) || self.doubtful {
            return (Vec::new(), true);
        }
        self.assumed_empty = true;
        (Vec::new(), false)
    }

    pub(super) fn system_cell(&self, table: &Table, row: Row, column: Name) -> Value {
        (table.cell)(&self.system(), row, column.as_str())
    }
}
