//! Views, materialized views, CREATE TABLE AS and SELECT INTO.

use std::sync::Arc;

use super::index::options_of;
use super::{Effect, Replay};
use crate::catalog::analyze::{OutputColumn, QueryAnalysis, Scope};
use crate::catalog::{Column, Dependency, Kind, Object, ObjectId, Outcome, Relation, RelationClass, ViewQuery};
use crate::source::Span;
use crate::syntax::{
    CheckOption, CreateTableAs, CreateView, Ident, IntoClause, Name, OnCommit, Persistence, Query, RelationRef,
    ReplicaIdentity, StatementKind, TableSource,
};

impl Replay {
    pub(super) fn create_view(&mut self, create: &CreateView) -> Effect {
        let analysis = self.analyze_query(&Scope::empty(), &create.query)?;
        let name = create.relation.name.name;
        let mut relation = create.relation.clone();
        if self.reads_temporary(&analysis) {
            relation.persistence = Persistence::Temporary;
        }
        let schema = self.schema_for_new_relation(&relation)?;
        let columns = self.output_columns(&analysis, &create.columns, name.span)?;
        let mut options = options_of(&create.options);
        let checks = create.check_option.is_some() || options.iter().any(|(name, _)| name.as_str() == "check_option");
        if checks && !analysis.query.incomplete && !analysis.query.is_updatable() {
            let message = "WITH CHECK OPTION is supported only on automatically updatable views";
            return Err(self.refuse("0A000", name.span, message));
        }
        if let Some(check) = create.check_option {
            if options.iter().any(|(name, _)| name.as_str() == "check_option") {
                let message = "parameter \"check_option\" specified more than once";
                return Err(self.refuse("22023", name.span, message));
            }
            let text = if check == CheckOption::Local { "local" } else { "cascaded" };
            options.push((Name::from("check_option"), Arc::from(text)));
        }
        let (query, depends) = self.view_query(&analysis, &create.query, create.query_span);
        if create.replace
            && let Some(existing) = self.relation_in(schema, name.name)
        {
            self.replace_view(existing, name, columns, options, query, depends)?;
            return Ok(Outcome::Done);
        }
        let view = Relation {
            columns_known: !analysis.query.incomplete,
            query: Some(Arc::new(query)),
            options,
            persistence: relation.persistence,
            ..new_relation(RelationClass::View, columns)
        };
        let mut object = self.owned(name, Some(schema), Kind::Relation(view));
        object.depends = depends;
        self.check_free(&object)?;
        self.add_relation(object);
        Ok(Outcome::Done)
    }

    fn reads_temporary(&self, analysis: &QueryAnalysis) -> bool {
        let temporary = |id: ObjectId| {
            let relation = self.now().get(id).and_then(|object| object.as_relation());
            relation.is_some_and(|relation| relation.persistence == Persistence::Temporary)
        };
        analysis.needs().relations.iter().any(|(id, _)| temporary(*id))
    }

    /// The columns of a view or table made of a query; names in parentheses go first.
    fn output_columns(&self, analysis: &QueryAnalysis, names: &[Ident], span: Span) -> Effect<Vec<Arc<Column>>> {
        let outputs = analysis.columns();
        if let Some(extra) = names.get(outputs.len()).filter(|_| !analysis.query.incomplete) {
            let message = "CREATE VIEW specifies more column names than columns";
            return Err(self.refuse("42601", extra.span, message));
        }
        let mut columns: Vec<Arc<Column>> = Vec::with_capacity(outputs.len());
        for (at, output) in outputs.into_iter().enumerate() {
            let name = names.get(at).map_or(output.name, |name| name.name);
            let span = names.get(at).map_or(span, |name| name.span);
            if columns.iter().any(|column| column.name == name) {
                let message = format!("column \"{name}\" specified more than once");
                return Err(self.refuse("42701", span, message));
            }
            columns.push(Arc::new(output_column(output, name, at as i16 + 1, span)));
        }
        Ok(columns)
    }

    fn view_query(&self, analysis: &QueryAnalysis, query: &Query, span: Span) -> (ViewQuery, Vec<Dependency>) {
        let needs = analysis.needs();
        let reads: Vec<(ObjectId, Vec<i16>)> = needs.relations.clone();
        let depends = needs.dependencies();
        let depends = depends.into_iter().filter(|need| !reads.iter().any(|(id, _)| *id == need.on)).collect();
        (ViewQuery { query: query.clone(), span, reads }, depends)
    }

    /// CREATE OR REPLACE VIEW: the old columns stay, in place, name and type; new ones may follow.
    fn replace_view(
        &mut self,
        id: ObjectId,
        name: Ident,
        columns: Vec<Arc<Column>>,
        options: Vec<(Name, Arc<str>)>,
        query: ViewQuery,
        depends: Vec<Dependency>,
    ) -> Effect<()> {
        let Some(object) = self.now().get(id).cloned() else { return Ok(()) };
        let old = match object.as_relation() {
            Some(relation) if relation.class == RelationClass::View => relation,
            _ => {
                let message = format!("\"{}\" is not a view", object.name);
                let why = format!("it is a {}", object.kind_word());
                return Err(self.refuse("42809", name.span, message).label(object.span, why));
            }
        };
        if let Err(refusal) = self.check_replaced_columns(old, &columns, name) {
            return Err(self.doubt_about(id).map_or(refusal, super::Stop::Unknown));
        }
        let columns = keep_column_state(old, columns);
        self.catalog.modify(id, |object| {
            object.depends = depends;
            if let Kind::Relation(relation) = &mut object.kind {
                relation.last_column_number = columns.len() as i16;
                relation.columns = columns;
                relation.options = options;
                relation.query = Some(Arc::new(query));
            }
        });
        Ok(())
    }

    fn check_replaced_columns(&self, old: &Relation, new: &[Arc<Column>], name: Ident) -> Effect<()> {
        if !old.columns_known {
            return Ok(());
        }
        let help = "drop the view first, or rename the column with ALTER VIEW … RENAME COLUMN";
        for (at, old) in old.columns.iter().enumerate() {
            let Some(new) = new.get(at) else {
                return Err(self
                    .refuse("42P16", name.span, "cannot drop columns from view")
                    .label(old.span, "its columns"));
            };
            if old.name != new.name {
                let message = format!("cannot change name of view column \"{}\" to \"{}\"", old.name, new.name);
                return Err(self.refuse("42P16", name.span, message).label(old.span, "first made here").help(help));
            }
            if let (Some(was), Some(is)) = (&old.ty, &new.ty)
                && was != is
            {
                let (was, is) = (self.type_name(was), self.type_name(is));
                let message = format!("cannot change data type of view column \"{}\" from {was} to {is}", old.name);
                return Err(self.refuse("42P16", name.span, message).label(old.span, "first made here"));
            }
        }
        Ok(())
    }

    pub(super) fn create_table_as(&mut self, create: &CreateTableAs) -> Effect {
        match &create.source {
            TableSource::Query(query) => {
                let class =
                    if create.materialized_view { RelationClass::MaterializedView } else { RelationClass::Table };
                self.make_from_query(&create.into, query, create.query_span, class, create.if_not_exists)
            }
            TableSource::Execute { name, args } => {
                let prepared = self.run_prepared(*name)?;
                match &prepared.kind {
                    StatementKind::Select(query) if args.is_empty() => {
                        let exists = create.if_not_exists;
                        self.make_from_query(&create.into, query, name.span, RelationClass::Table, exists)
                    }
                    _ => Err(self.unknown("the prepared statement is not followed")),
                }
            }
        }
    }

    /// SELECT … INTO.
    pub(super) fn select_into(&mut self, into: &IntoClause, query: &Query) -> Effect {
        self.make_from_query(into, query, query.span, RelationClass::Table, false)
    }

    fn make_from_query(
        &mut self,
        into: &IntoClause,
        query: &Query,
        query_span: Span,
        class: RelationClass,
        if_not_exists: bool,
    ) -> Effect {
        // A materialized view is run again when the code is gone.
        let scope = match class {
            RelationClass::Table => std::mem::replace(&mut self.code_scope, Scope::empty()),
            _ => Scope::empty(),
        };
        let analysis = self.analyze_query(&scope, query)?;
        if class == RelationClass::MaterializedView && self.reads_temporary(&analysis) {
            let message = "materialized views must not use temporary tables or views";
            return Err(self.refuse("0A000", query_span, message));
        }
        let schema = self.schema_for_new_relation(&into.relation)?;
        let name = into.relation.name.name;
        if if_not_exists && self.relation_in(schema, name.name).is_some() {
            return Ok(Outcome::Skipped);
        }
        let columns = self.output_columns(&analysis, &into.columns, name.span)?;
        let mut relation = Relation {
            columns_known: !analysis.query.incomplete,
            options: options_of(&into.options),
            persistence: into.relation.persistence,
            populated: into.with_data,
            access_method: into.access_method,
            tablespace: into.tablespace.map(|tablespace| tablespace.name),
            ..new_relation(class, columns)
        };
        let mut depends = Vec::new();
        if class == RelationClass::MaterializedView {
            let (query, needs) = self.view_query(&analysis, query, query_span);
            relation.query = Some(Arc::new(query));
            depends = needs;
        }
        let object = Object { depends, ..self.owned(name, Some(schema), Kind::Relation(relation)) };
        self.check_free(&object)?;
        let table = self.add_relation(object);
        if into.on_commit == OnCommit::Drop {
            self.drop_on_commit.push(table);
        }
        Ok(Outcome::Done)
    }

    pub(super) fn refresh(&mut self, relation: &RelationRef, concurrently: Option<Span>, with_data: bool) -> Effect {
        let id = self.relation(&relation.name)?;
        let class = self.now().relation(id).map(|it| it.is.class);
        if matches!(class, Some(RelationClass::Table | RelationClass::PartitionedTable)) {
            let message = format!("\"{}\" is not a materialized view", relation.name.name.name);
            return Err(self.refuse_because("0A000", relation.name.span(), message, id, "made here"));
        }
        self.check_relation_kind(id, crate::syntax::ObjectKind::MaterializedView, &relation.name)?;
        if let Some(word) = concurrently {
            self.check_refresh_concurrently(id, word, with_data)?;
        }
        self.catalog.modify(id, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                relation.populated = with_data;
            }
        });
        Ok(Outcome::Done)
    }

    fn check_refresh_concurrently(&self, id: ObjectId, word: Span, with_data: bool) -> Effect<()> {
        let now = self.now();
        let Some(object) = now.get(id) else { return Ok(()) };
        if !with_data {
            let message = "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together";
            return Err(self.refuse("42601", word, message));
        }
        let name = now.qualified_name(id);
        if object.as_relation().is_some_and(|relation| !relation.populated) {
            let message = "CONCURRENTLY cannot be used when the materialized view is not populated";
            return Err(self.refuse("0A000", word, message).label(object.span, "made WITH NO DATA"));
        }
        let usable = |index: &crate::catalog::Index| {
            index.unique && index.predicate.is_none() && index.keys.iter().all(|key| key.key.column().is_some())
        };
        if now.attached(id).any(|(_, object)| object.as_index().is_some_and(usable)) {
            return Ok(());
        }
        let message = format!("cannot refresh materialized view \"{name}\" concurrently");
        let refusal = self.refuse("55000", word, message).label(object.span, "it has no unique index without WHERE");
        Err(refusal.help("create a unique index without a WHERE clause on its columns"))
    }
}

fn new_relation(class: RelationClass, columns: Vec<Arc<Column>>) -> Relation {
    Relation {
        class,
        persistence: Persistence::Permanent,
        last_column_number: columns.len() as i16,
        columns,
        columns_known: true,
        options: Vec::new(),
        row_security: None,
        force_row_security: false,
        partition_key: None,
        parents: Vec::new(),
        bound: None,
        query: None,
        replica_identity: match class {
            RelationClass::Table | RelationClass::MaterializedView => ReplicaIdentity::Default,
            _ => ReplicaIdentity::Nothing,
        },
        populated: true,
        access_method: None,
        tablespace: None,
        server: None,
        row_type: None,
        of_type: None,
    }
}

fn output_column(output: OutputColumn, name: Name, number: i16, span: Span) -> Column {
    Column {
        name,
        number,
        ty: output.ty,
        not_null: false,
        default: None,
        identity: None,
        generated: None,
        collation: output.collation,
        storage: None,
        compression: None,
        statistics: None,
        acl: None,
        comment: None,
        inherited: 0,
        local: true,
        span,
    }
}

/// What was set on the columns of a view outlives CREATE OR REPLACE.
fn keep_column_state(old: &Relation, new: Vec<Arc<Column>>) -> Vec<Arc<Column>> {
    let keep = |(at, column): (usize, Arc<Column>)| match old.columns.get(at) {
        Some(old) => Arc::new(Column {
            default: old.default.clone(),
            acl: old.acl.clone(),
            comment: old.comment.clone(),
            span: old.span,
            ..Column::clone(&column)
        }),
        None => column,
    };
    new.into_iter().enumerate().map(keep).collect()
}
