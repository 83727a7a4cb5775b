//! What names can be seen where, and what they mean (parse_relation.c, parse_expr.c's transformColumnRef).

use std::cell::{Cell, RefCell};

use super::error::Missing;
use super::tree::{Expr, Modifiers, Node, RangeColumn, RangeEntry, RangeKind, Var};
use super::types::{Facts, column_of, from_ref};
use super::{Error, Result, Type};
use crate::catalog::{Kind, NameSpace, ObjectId};
use crate::source::Span;
use crate::syntax::{ColumnRef, Ident, Name, WindowDefinition};

/// Where an expression stands (ParseExprKind): decides what it may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Site {
    Other,
    JoinOn,
    FromFunction,
    Where,
    Having,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowFrame,
    Select,
    Update,
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Returning,
    Values,
    Policy,
    Check,
    DomainCheck,
    Default,
    Index,
    IndexPredicate,
    Statistics,
    AlterType,
    CallArgument,
    TriggerWhen,
    PartitionKey,
    PartitionBound,
    Generated,
    MergeWhen,
}

/// A range entry as names see it (ParseNamespaceItem).
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub range: u32,
    /// `relation.column` and `relation.*` may name it.
    pub relation_visible: bool,
    /// Its columns may be named alone.
    pub columns_visible: bool,
    /// It is in sight of LATERAL items only.
    pub lateral_only: bool,
    /// LATERAL may use it here.
    pub lateral_ok: bool,
}

/// A query of WITH, in sight of names.
#[derive(Clone, Debug)]
pub(super) struct CteEntry {
    pub name: Name,
    pub index: u32,
    /// Its columns; `None` while it is being analysed and they are not known yet.
    pub output: RefCell<Option<Vec<RangeColumn>>>,
    /// It is being analysed: what names it is its recursive term.
    pub open: Cell<bool>,
    /// The column names written behind its name.
    pub alias_columns: Vec<Name>,
    /// It yields rows: not so for INSERT without RETURNING.
    pub returns: bool,
}

/// The state of one query's analysis (ParseState).
pub(super) struct Level<'p> {
    pub parent: Option<&'p Level<'p>>,
    pub ranges: Vec<RangeEntry>,
    pub items: Vec<Item>,
    pub ctes: Vec<CteEntry>,
    pub site: Cell<Site>,
    pub lateral_active: Cell<bool>,
    pub aggregates: Cell<bool>,
    pub window_calls: Cell<bool>,
    pub set_functions: Cell<bool>,
    /// The windows of WINDOW and of OVER, in the order they are met.
    pub windows: RefCell<Vec<PendingWindow>>,
    /// Something in FROM is not known, so that any name may be there.
    pub opaque: Cell<bool>,
    /// Some part of the query was not followed.
    pub incomplete: Cell<bool>,
    /// The query of WITH of the level around that this level is the whole of.
    pub is_cte: Option<usize>,
    /// What VALUE is in a domain's CHECK.
    pub domain_value: Option<(Type, Modifiers)>,
    /// Constants of no type stay so in the output: the level around decides.
    pub keep_unknown: bool,
}

/// A window that is worked out when the target list is known.
#[derive(Clone, Debug)]
pub(super) struct PendingWindow {
    pub definition: WindowDefinition,
}

impl<'p> Level<'p> {
    pub fn new(parent: Option<&'p Level<'p>>) -> Level<'p> {
        Level {
            parent,
            ranges: Vec::new(),
            items: Vec::new(),
            ctes: Vec::new(),
            site: Cell::new(Site::Other),
            lateral_active: Cell::new(false),
            aggregates: Cell::new(false),
            window_calls: Cell::new(false),
            set_functions: Cell::new(false),
            windows: RefCell::new(Vec::new()),
            opaque: Cell::new(false),
            incomplete: Cell::new(false),
            is_cte: None,
            domain_value: parent.and_then(|parent| parent.domain_value),
            keep_unknown: false,
        }
    }

    /// Runs `f` with another site.
    pub fn at<T>(&self, site: Site, f: impl FnOnce() -> T) -> T {
        let before = self.site.replace(site);
        let result = f();
        self.site.set(before);
        result
    }

    /// Adds a range entry.
    pub fn add_range(&mut self, entry: RangeEntry) -> u32 {
        self.ranges.push(entry);
        self.ranges.len() as u32 - 1
    }

    fn levels(&self) -> impl Iterator<Item = (u16, &Level<'p>)> {
        let mut next = Some(self);
        let levels = std::iter::from_fn(move || {
            let level = next?;
            next = level.parent;
            Some(level)
        });
        (0..).zip(levels)
    }

    /// The level so many queries out.
    pub fn outer(&self, levels_up: u16) -> Option<&Level<'p>> {
        self.levels().nth(usize::from(levels_up)).map(|(_, level)| level)
    }

    fn visible(&self, item: &Item) -> bool {
        !item.lateral_only || self.lateral_active.get()
    }

    /// The query of WITH of this name.
    pub fn find_cte(&self, name: Name) -> Option<(u16, &CteEntry)> {
        self.levels()
            .find_map(|(levels_up, level)| Some((levels_up, level.ctes.iter().rev().find(|cte| cte.name == name)?)))
    }
}

/// A column of a range entry, wherever that keeps it.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalog) struct ColumnView {
    pub number: i16,
    pub name: Name,
    pub ty: Option<Type>,
    pub modifiers: Modifiers,
}

impl RangeEntry {
    /// How many columns it has.
    pub(in crate::catalog) fn width(&self) -> usize {
        match &self.kind {
            RangeKind::Relation { object, .. } => match &object.kind {
                Kind::Relation(relation) => relation.columns.len(),
                Kind::Sequence(_) => SEQUENCE_COLUMNS,
                _ => 0,
            },
            RangeKind::Join(join) => join.columns.len(),
            RangeKind::Subquery { columns, .. }
            | RangeKind::Functions { columns, .. }
            | RangeKind::Values { columns, .. }
            | RangeKind::Cte { columns, .. }
            | RangeKind::Table { columns, .. } => columns.len(),
            RangeKind::Unknown => 0,
        }
    }

    /// The column at a place, counted from 0.
    pub(in crate::catalog) fn column_at(&self, at: usize, facts: &Facts<'_>) -> Option<ColumnView> {
        let mut view = match &self.kind {
            RangeKind::Relation { object, .. } => match &object.kind {
                Kind::Relation(relation) => {
                    let column = relation.columns.get(at)?;
                    view(column.number, column_of(column))
                }
                Kind::Sequence(_) => sequence_column(at, facts)?,
                _ => return None,
            },
            RangeKind::Join(join) => view(at as i16 + 1, join.columns.get(at)?.0.clone()),
            RangeKind::Subquery { columns, .. }
            | RangeKind::Functions { columns, .. }
            | RangeKind::Values { columns, .. }
            | RangeKind::Cte { columns, .. }
            | RangeKind::Table { columns, .. } => view(at as i16 + 1, columns.get(at)?.clone()),
            RangeKind::Unknown => return None,
        };
        if let Some(alias) = self.alias_columns.get(at) {
            view.name = *alias;
        }
        Some(view)
    }

    /// The columns in order.
    pub(in crate::catalog) fn columns<'f>(&'f self, facts: &'f Facts<'_>) -> impl Iterator<Item = ColumnView> + 'f {
        (0..self.width()).filter_map(|at| self.column_at(at, facts))
    }

    /// The column of a number.
    pub(in crate::catalog) fn column(&self, number: i16, facts: &Facts<'_>) -> Option<ColumnView> {
        self.columns(facts).find(|column| column.number == number)
    }

    fn name_at(&self, at: usize) -> Option<Name> {
        if let Some(alias) = self.alias_columns.get(at) {
            return Some(*alias);
        }
        match &self.kind {
            RangeKind::Relation { object, .. } => match &object.kind {
                Kind::Relation(relation) => relation.columns.get(at).map(|column| column.name),
                Kind::Sequence(_) => SEQUENCE_COLUMN_NAMES.get(at).map(Name::from),
                _ => None,
            },
            RangeKind::Join(join) => join.columns.get(at).map(|(column, _)| column.name),
            RangeKind::Subquery { columns, .. }
            | RangeKind::Functions { columns, .. }
            | RangeKind::Values { columns, .. }
            | RangeKind::Cte { columns, .. }
            | RangeKind::Table { columns, .. } => columns.get(at).map(|column| column.name),
            RangeKind::Unknown => None,
        }
    }
}

const SEQUENCE_COLUMN_NAMES: [&str; SEQUENCE_COLUMNS] = ["last_value", "log_cnt", "is_called"];
const SEQUENCE_COLUMNS: usize = 3;

fn sequence_column(at: usize, facts: &Facts<'_>) -> Option<ColumnView> {
    let name = Name::from(SEQUENCE_COLUMN_NAMES.get(at)?);
    let ty = if at == 2 { facts.known.bool } else { facts.known.int8 };
    Some(ColumnView { number: at as i16 + 1, name, ty: Some(ty), modifiers: Modifiers::NONE })
}

fn view(number: i16, column: RangeColumn) -> ColumnView {
    ColumnView { number, name: column.name, ty: column.ty, modifiers: column.modifiers }
}

/// The names and numbers of an entry's columns.
pub(in crate::catalog) fn column_names(entry: &RangeEntry) -> Vec<(Name, i16)> {
    let number = |at: usize| match &entry.kind {
        RangeKind::Relation { object, .. } => {
            object.as_relation().and_then(|relation| relation.columns.get(at)).map_or(at as i16 + 1, |it| it.number)
        }
        _ => at as i16 + 1,
    };
    (0..entry.width()).filter_map(|at| Some((entry.name_at(at)?, number(at)))).collect()
}

/// System columns of a table: name, attnum, and type by its name.
const SYSTEM_COLUMNS: &[(&str, i16)] =
    &[("ctid", -1), ("xmin", -2), ("cmin", -3), ("xmax", -4), ("cmax", -5), ("tableoid", -6)];

/// What became of a name.
enum Lookup {
    Found(Expr),
    /// It may mean something that is not known.
    Unknown,
    Absent,
}

impl<'a> Facts<'a> {
    /// A column reference (transformColumnRef), stars aside.
    pub(super) fn column_ref(
        &self,
        level: &Level<'_>,
        scope: &super::Scope,
        column: &ColumnRef,
        span: Span,
    ) -> Result<Expr> {
        self.check_columns_allowed(level, scope, column, span)?;
        match column.parts[..] {
            [name] => self.unqualified(level, scope, name, span),
            [relation, name] => self.qualified(level, scope, None, relation, name, span),
            [.., schema, relation, name] => self.qualified(level, scope, Some(schema), relation, name, span),
            [] => Ok(unknown(span)),
        }
    }

    fn check_columns_allowed(
        &self,
        level: &Level<'_>,
        scope: &super::Scope,
        column: &ColumnRef,
        span: Span,
    ) -> Result<()> {
        let what = match level.site.get() {
            Site::Default => "DEFAULT expression",
            Site::PartitionBound => "partition bound expression",
            _ => return Ok(()),
        };
        // A parameter of the function around is no column.
        _ = (column, scope);
        Err(Error::new("0A000", span, format!("cannot use column reference in {what}")))
    }

    fn unqualified(&self, level: &Level<'_>, scope: &super::Scope, name: Ident, span: Span) -> Result<Expr> {
        let found = self.column_by_name(level, name, span)?;
        if let Some(variable) = self.variable(scope, None, name.name, span) {
            return self.prefer(scope, found, variable, name);
        }
        match found {
            Lookup::Found(expr) => return Ok(expr),
            Lookup::Unknown => return Ok(unknown(span)),
            Lookup::Absent => {}
        }
        if let ("value", Some((ty, modifiers))) = (name.as_str(), level.domain_value) {
            return Ok(Expr { span, ty: Some(ty), modifiers, node: Node::DomainValue });
        }
        if let Some((levels_up, range)) = self.range_by_name(level, None, name)? {
            return Ok(self.whole_row(level, levels_up, range, span));
        }
        if level.levels().any(|(_, level)| level.opaque.get()) || self.doubtful_column(level, name.name) {
            return Ok(unknown(span));
        }
        Err(self.no_column(level, None, name))
    }

    /// Columns and variables of one name: an error in PL/pgSQL, the column in SQL functions.
    fn prefer(&self, scope: &super::Scope, found: Lookup, variable: Expr, name: Ident) -> Result<Expr> {
        match found {
            Lookup::Absent => Ok(variable),
            Lookup::Unknown => Ok(unknown(name.span)),
            Lookup::Found(column) if matches!(variable.node, Node::Param(_)) => Ok(column),
            Lookup::Found(_) if scope.variables_conflict => {
                let message = format!("column reference \"{}\" is ambiguous", name.name);
                Err(Error::new("42702", name.span, message))
            }
            Lookup::Found(column) => Ok(column),
        }
    }

    fn qualified(
        &self,
        level: &Level<'_>,
        scope: &super::Scope,
        schema: Option<Ident>,
        relation: Ident,
        name: Ident,
        span: Span,
    ) -> Result<Expr> {
        if let Some((levels_up, range)) = self.range_by_name(level, schema, relation)? {
            return self.column_of_range(level, levels_up, range, name, span);
        }
        if let Some(variable) = self.qualified_variable(scope, schema, relation, name, span) {
            return Ok(variable);
        }
        if level.levels().any(|(_, level)| level.opaque.get()) || self.is_doubtful(relation.name) {
            return Ok(unknown(span));
        }
        Err(self.no_range(level, schema, relation))
    }

    /// colNameToVar.
    fn column_by_name(&self, level: &Level<'_>, name: Ident, span: Span) -> Result<Lookup> {
        for (levels_up, level) in level.levels() {
            let mut found: Option<Expr> = None;
            let mut unknown_columns = level.opaque.get();
            for item in level.items.iter().filter(|item| item.columns_visible && level.visible(item)) {
                let range = &level.ranges[item.range as usize];
                match self.scan_range(level, levels_up, item.range, name, span)? {
                    Some(_) if found.is_some() => {
                        let message = format!("column reference \"{}\" is ambiguous", name.name);
                        return Err(Error::new("42702", name.span, message));
                    }
                    Some(expr) => {
                        self.check_lateral(level, item, name)?;
                        found = Some(expr);
                    }
                    None => unknown_columns |= !range.columns_known,
                }
            }
            if let Some(found) = found {
                return Ok(Lookup::Found(found));
            }
            if unknown_columns {
                return Ok(Lookup::Unknown);
            }
        }
        Ok(Lookup::Absent)
    }

    fn check_lateral(&self, level: &Level<'_>, item: &Item, name: Ident) -> Result<()> {
        if !item.lateral_only || item.lateral_ok {
            return Ok(());
        }
        let range = level.ranges[item.range as usize].name;
        let message = format!("invalid reference to FROM-clause entry for table \"{range}\"");
        Err(Error::new("42P10", name.span, message))
    }

    /// scanNSItemForColumn.
    fn scan_range(
        &self,
        level: &Level<'_>,
        levels_up: u16,
        range: u32,
        name: Ident,
        span: Span,
    ) -> Result<Option<Expr>> {
        let entry = &level.ranges[range as usize];
        let mut places = (0..entry.width()).filter(|at| entry.name_at(*at) == Some(name.name));
        if let Some(at) = places.next() {
            if places.next().is_some() {
                let message = format!("column reference \"{}\" is ambiguous", name.name);
                return Err(Error::new("42702", name.span, message));
            }
            return Ok(self.column_expr(level, levels_up, range, at, span));
        }
        Ok(self.system_column(entry, levels_up, range, name.name, span))
    }

    fn system_column(&self, entry: &RangeEntry, levels_up: u16, range: u32, name: Name, span: Span) -> Option<Expr> {
        let RangeKind::Relation { object, .. } = &entry.kind else { return None };
        let relation = object.as_relation()?;
        if matches!(relation.class, crate::catalog::RelationClass::View) {
            return None;
        }
        let (_, number) = SYSTEM_COLUMNS.iter().find(|(system, _)| *system == name.as_str())?;
        let known = self.known;
        let ty = match number {
            -1 => known.tid,
            -2 | -4 => known.xid,
            -6 => known.oid,
            _ => known.cid,
        };
        let var = Var { levels_up, range, column: *number, written_as: None };
        Some(Expr { span, ty: Some(ty), modifiers: Modifiers::NONE, node: Node::Var(var) })
    }

    /// The column at a place of a range entry, as an expression.
    pub(super) fn column_expr(
        &self,
        level: &Level<'_>,
        levels_up: u16,
        range: u32,
        at: usize,
        span: Span,
    ) -> Option<Expr> {
        let entry = &level.ranges[range as usize];
        let column = entry.column_at(at, self)?;
        let mut var = Var { levels_up, range, column: column.number, written_as: None };
        if let RangeKind::Join(join) = &entry.kind
            && let Some((_, Expr { node: Node::Var(input), .. })) = join.columns.get(at)
            && input.range != range
        {
            // A column of a join that is that of an input is the input's; the alias of the join hides how it is written.
            let written_as = if entry.aliased { Some((range, at as i16 + 1)) } else { input.written_as };
            var = Var { levels_up, written_as, ..*input };
        }
        Some(Expr { span, ty: column.ty, modifiers: column.modifiers, node: Node::Var(var) })
    }

    fn column_of_range(&self, level: &Level<'_>, levels_up: u16, range: u32, name: Ident, span: Span) -> Result<Expr> {
        let Some(owner) = level.outer(levels_up) else { return Ok(unknown(span)) };
        if let Some(expr) = self.scan_range(owner, levels_up, range, name, span)? {
            return Ok(expr);
        }
        let entry = &owner.ranges[range as usize];
        if !entry.columns_known || self.is_doubtful(name.name) {
            return Ok(unknown(span));
        }
        // `t.f` may be the call f(t).
        if let Some(call) = self.functional_notation(level, levels_up, range, name, span) {
            return Ok(call);
        }
        Err(self.no_column(level, Some((levels_up, range)), name))
    }

    fn functional_notation(
        &self,
        level: &Level<'_>,
        levels_up: u16,
        range: u32,
        name: Ident,
        span: Span,
    ) -> Option<Expr> {
        let row = self.whole_row(level, levels_up, range, span);
        let function = crate::syntax::QualifiedName::unqualified(name);
        let shape = super::function::CallShape {
            function: &function,
            args: &[row.ty],
            names: &[],
            variadic: false,
            procedure: false,
        };
        let super::function::Detail::Found(found) = self.function_detail(&shape) else { return None };
        let node = super::tree::Call {
            function: Some(found.id),
            name: name.name,
            name_span: name.span,
            args: vec![row],
            variadic: false,
            returns_set: found.returns_set,
            form: super::tree::Form::Call,
        };
        Some(Expr { span, ty: found.result, modifiers: Modifiers::NONE, node: Node::Call(Box::new(node)) })
    }

    /// refnameNamespaceItem.
    pub(super) fn range_by_name(
        &self,
        level: &Level<'_>,
        schema: Option<Ident>,
        name: Ident,
    ) -> Result<Option<(u16, u32)>> {
        let wanted = match schema {
            Some(schema) => match self.find_relation(Some(schema.name), name.name) {
                Some(id) => Some(id),
                None => return Ok(None),
            },
            None => None,
        };
        for (levels_up, level) in level.levels() {
            let mut found = None;
            for item in level.items.iter().filter(|item| item.relation_visible && level.visible(item)) {
                if !names(&level.ranges[item.range as usize], wanted, name.name) {
                    continue;
                }
                if found.is_some() {
                    let message = format!("table reference \"{}\" is ambiguous", name.name);
                    return Err(Error::new("42P09", name.span, message));
                }
                self.check_lateral(level, item, name)?;
                found = Some((levels_up, item.range));
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// transformWholeRowRef.
    pub(super) fn whole_row(&self, level: &Level<'_>, levels_up: u16, range: u32, span: Span) -> Expr {
        let Some(owner) = level.outer(levels_up) else { return unknown(span) };
        let entry = &owner.ranges[range as usize];
        let known = self.known;
        let scalar = |columns: &[RangeColumn]| columns.first().map(|column| (column.ty, column.modifiers));
        let mut column = 0;
        let (ty, modifiers) = match &entry.kind {
            RangeKind::Relation { object, .. } => (row_type(object), Modifiers::NONE),
            RangeKind::Functions { functions, ordinality: false, columns } if functions.len() == 1 => {
                let result = functions[0].expr.ty;
                match result {
                    // A function that yields a scalar: the value itself.
                    Some(ty) if ty != known.record && !self.is_complex(ty) => {
                        column = 1;
                        scalar(columns).unwrap_or((Some(ty), Modifiers::NONE))
                    }
                    Some(ty) if self.is_complex(ty) => (Some(ty), Modifiers::NONE),
                    _ => (Some(known.record), Modifiers::NONE),
                }
            }
            RangeKind::Unknown => (None, Modifiers::NONE),
            _ => (Some(known.record), Modifiers::NONE),
        };
        let var = Var { levels_up, range, column, written_as: None };
        Expr { span, ty, modifiers, node: Node::Var(var) }
    }

    /// A parameter or variable by its plain name.
    fn variable(&self, scope: &super::Scope, qualifier: Option<Name>, name: Name, span: Span) -> Option<Expr> {
        let named = |variable: &&super::ScopeVariable| {
            variable.name == Some(name) && (qualifier.is_none() || variable.qualifier == qualifier)
        };
        if let Some(at) = scope.variables.iter().position(|variable| named(&variable)) {
            return Some(variable_expr(Node::Variable(at as u32), &scope.variables[at], span));
        }
        let function_matches = qualifier.is_none() || qualifier == scope.function;
        let at = scope.parameters.iter().position(|parameter| parameter.name == Some(name))?;
        function_matches.then(|| variable_expr(Node::Param(at as u32 + 1), &scope.parameters[at], span))
    }

    /// `function.parameter`, `block.variable`, `variable.field`, `function.parameter.field`.
    fn qualified_variable(
        &self,
        scope: &super::Scope,
        schema: Option<Ident>,
        first: Ident,
        second: Ident,
        span: Span,
    ) -> Option<Expr> {
        if let Some(outer) = schema {
            let base = self.variable(scope, Some(outer.name), first.name, span)?;
            return Some(self.variable_field(scope, base, second, span));
        }
        if let Some(found) = self.variable(scope, Some(first.name), second.name, span) {
            return Some(found);
        }
        let base = self.variable(scope, None, first.name, span)?;
        Some(self.variable_field(scope, base, second, span))
    }

    /// The field of a variable: of a composite type, or of a record with what it holds now.
    fn variable_field(&self, scope: &super::Scope, base: Expr, name: Ident, span: Span) -> Expr {
        if base.ty.is_some() {
            return self.field(base, name, span).unwrap_or_else(|| unknown(span));
        }
        let variable = match base.node {
            Node::Variable(at) => scope.variables.get(at as usize),
            _ => None,
        };
        let fields = variable.and_then(|variable| variable.fields.as_ref());
        let at = fields.and_then(|fields| fields.iter().position(|(field, _)| *field == name.name));
        let ty = at.zip(fields).and_then(|(at, fields)| fields[at].1.as_ref());
        let (ty, modifiers) = from_ref(ty);
        let field = at.map_or(0, |at| at as i16 + 1);
        let select = super::tree::FieldSelect { base, field, name: name.name };
        Expr { span, ty, modifiers, node: Node::Field(Box::new(select)) }
    }

    /// The field of a composite value; `None` where it has none of this name or it cannot be known.
    pub(super) fn field(&self, base: Expr, name: Ident, span: Span) -> Option<Expr> {
        let (_, relation) = self.relation_of(self.base(base.ty?))?;
        let column = relation.column(name.name)?;
        let (ty, modifiers) = from_ref(column.ty.as_ref());
        // A field of the row of a table in sight is its column.
        if let Node::Var(var) = base.node
            && var.column == 0
        {
            let node = Node::Var(Var { column: column.number, ..var });
            return Some(Expr { span, ty, modifiers, node });
        }
        let select = super::tree::FieldSelect { base, field: column.number, name: name.name };
        Some(Expr { span, ty, modifiers, node: Node::Field(Box::new(select)) })
    }

    /// `$n`.
    pub(super) fn parameter(&self, scope: &super::Scope, number: u32, span: Span) -> Result<Expr> {
        let at = (number as usize).checked_sub(1);
        if let Some(parameter) = at.and_then(|at| scope.parameters.get(at)) {
            return Ok(variable_expr(Node::Param(number), parameter, span));
        }
        if scope.function.is_some() {
            return Err(Error::new("42P02", span, format!("there is no parameter ${number}")));
        }
        Ok(Expr { span, ty: None, modifiers: Modifiers::NONE, node: Node::Param(number) })
    }

    fn doubtful_column(&self, level: &Level<'_>, name: Name) -> bool {
        self.is_doubtful(name) && level.levels().any(|(_, level)| !level.ranges.is_empty())
    }

    fn no_column(&self, level: &Level<'_>, range: Option<(u16, u32)>, name: Ident) -> Box<Error> {
        let entry = range.and_then(|(levels_up, range)| level.outer(levels_up)?.ranges.get(range as usize));
        let message = match entry {
            Some(entry) => format!("column {}.{} does not exist", entry.name, name.name),
            None => format!("column \"{}\" does not exist", name.name),
        };
        let error = Error::new("42703", name.span, message);
        let entry =
            entry.or_else(|| level.ranges.iter().find(|entry| matches!(entry.kind, RangeKind::Relation { .. })));
        match entry.map(|entry| &entry.kind) {
            Some(RangeKind::Relation { id, .. }) => error.missing(Missing::Column(*id, name.name)),
            _ => error,
        }
    }

    /// errorMissingRTE.
    fn no_range(&self, level: &Level<'_>, schema: Option<Ident>, relation: Ident) -> Box<Error> {
        let hidden = level.levels().any(|(_, level)| level.ranges.iter().any(|entry| entry.name == relation.name));
        let what = if hidden { "invalid reference to" } else { "missing" };
        let message = format!("{what} FROM-clause entry for table \"{}\"", relation.name);
        let span = schema.map_or(relation.span, |schema| schema.span.to(relation.span));
        Error::new("42P01", span, message)
    }

    /// Whether something that was not found may be a relation all the same.
    pub(super) fn may_be_relation(&self, schema: Option<Name>, name: Name) -> bool {
        self.may_exist(schema, name, NameSpace::Relation)
    }
}

/// The type of a relation's rows.
pub(super) fn row_type(object: &crate::catalog::Object) -> Option<Type> {
    let id: ObjectId = object.as_relation()?.row_type?;
    Some(Type { id, array: false })
}

/// Whether a name, maybe found as a relation in a written schema, means a range entry.
fn names(entry: &RangeEntry, wanted: Option<ObjectId>, name: Name) -> bool {
    match wanted {
        None => entry.name == name && (entry.aliased || !matches!(entry.kind, RangeKind::Join(_))),
        Some(wanted) => matches!(entry.kind, RangeKind::Relation { id, .. } if id == wanted) && !entry.aliased,
    }
}

fn variable_expr(node: Node, variable: &super::ScopeVariable, span: Span) -> Expr {
    let (ty, modifiers) = from_ref(variable.ty.as_ref());
    Expr { span, ty, modifiers, node }
}

/// An expression of which nothing is known.
pub(super) fn unknown(span: Span) -> Expr {
    unknown_of(span, Vec::new())
}

/// An expression that is not known, with its parts.
pub(super) fn unknown_of(span: Span, parts: Vec<Expr>) -> Expr {
    Expr { span, ty: None, modifiers: Modifiers::NONE, node: Node::Unknown(parts) }
}
