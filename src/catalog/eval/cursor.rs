//! Cursors of PL/pgSQL: their rows are those of the moment when they are opened.

use super::code::Frame;
use super::query::{ResultRow, RowSet};
use super::value::Value;
use super::{Evaluator, Result};
use crate::catalog::TypeRef;
use crate::syntax::plpgsql::{CursorArgument, OpenSource, Sql, Target};
use crate::syntax::{Ident, Name};

/// A variable as a cursor.
#[derive(Clone, Default, Debug)]
pub(super) struct Cursor {
    declared: Option<Declared>,
    /// The rows, and how many of them were fetched; `None` where it is not open, or they are not known.
    open: Option<(RowSet, usize)>,
}

/// `CURSOR (parameters) FOR query`.
#[derive(Clone, Debug)]
struct Declared {
    query: Sql,
    parameters: Vec<(Name, Option<TypeRef>)>,
}

impl Cursor {
    pub fn declared(query: Sql, parameters: Vec<(Name, Option<TypeRef>)>) -> Cursor {
        Cursor { declared: Some(Declared { query, parameters }), open: None }
    }

    /// Goes to the next row.
    fn fetch(&mut self) -> Fetched {
        let Some((rows, at)) = &mut self.open else { return Fetched::Unknown };
        match rows.rows.get(*at) {
            Some(row) if row.certain => {
                *at += 1;
                Fetched::Row(row.clone(), rows.columns.clone())
            }
            None if !rows.open => Fetched::End,
            _ => {
                self.open = None;
                Fetched::Unknown
            }
        }
    }
}

/// What FETCH finds.
enum Fetched {
    Row(ResultRow, super::query::Columns),
    End,
    Unknown,
}

impl Frame<'_> {
    fn cursor(&mut self, name: Ident) -> Option<&mut Cursor> {
        let (at, _) = self.find(&[name])?;
        self.variables.get_mut(at).map(|variable| &mut variable.cursor)
    }

    /// It is closed, or may have been opened or moved.
    pub fn forget_cursor(&mut self, name: Ident) {
        if let Some(cursor) = self.cursor(name) {
            cursor.open = None;
        }
    }
}

impl Evaluator<'_> {
    /// OPEN.
    pub(super) fn open(&mut self, frame: &mut Frame<'_>, name: Ident, source: &OpenSource) -> Result<()> {
        let rows = match source {
            OpenSource::Declared(args) => self.cursor_rows(frame, name, args)?,
            OpenSource::Query(query) => self.rows(frame, *query)?,
            OpenSource::Execute { query, using } => self.execute(frame, *query, using)?,
        };
        if let Some(cursor) = frame.cursor(name) {
            cursor.open = Some((rows, 0));
        }
        Ok(())
    }

    /// FETCH and MOVE.
    pub(super) fn fetch(&mut self, frame: &mut Frame<'_>, name: Ident, next: bool, targets: &[Target]) -> Result<()> {
        let fetched = match frame.cursor(name) {
            Some(cursor) if next => cursor.fetch(),
            _ => Fetched::Unknown,
        };
        let (found, otherwise) = match fetched {
            Fetched::Row(row, columns) => {
                frame.set_found(Value::Bool(true));
                return if targets.is_empty() {
                    Ok(())
                } else {
                    self.assign_row(frame, targets, &row.values, &columns)
                };
            }
            Fetched::End => (Value::Bool(false), Value::Null),
            Fetched::Unknown => {
                frame.forget_cursor(name);
                (Value::Unknown, Value::Unknown)
            }
        };
        frame.set_found(found);
        targets.iter().try_for_each(|target| self.assign(frame, target, otherwise.clone()))
    }

    /// The rows of a cursor that was declared with its query.
    pub(super) fn cursor_rows(
        &mut self,
        frame: &mut Frame<'_>,
        name: Ident,
        args: &[CursorArgument],
    ) -> Result<RowSet> {
        let declared = frame.cursor(name).and_then(|cursor| cursor.declared.clone());
        let Some(Declared { query, parameters }) = declared else { return Ok(RowSet::unknown()) };
        let mut values = vec![Value::Unknown; parameters.len()];
        for (at, arg) in args.iter().enumerate() {
            let named = |name: Ident| parameters.iter().position(|(parameter, _)| *parameter == name.name);
            let value = self.value(frame, arg.value)?;
            if let Some(place) = arg.name.map_or(Some(at), named).and_then(|place| values.get_mut(place)) {
                *place = value;
            }
        }
        let outer = frame.variables.len();
        for ((parameter, ty), value) in parameters.into_iter().zip(values) {
            let value = self.as_variable(value, ty.as_ref())?;
            frame.declare(Some(parameter), Some(name.name), ty, value);
        }
        let rows = self.rows(frame, query);
        frame.variables.truncate(outer);
        rows
    }
}
