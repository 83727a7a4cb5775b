//! Publications.

use std::sync::Arc;

use super::role::truth;
use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{Kind, Object, ObjectId, Outcome, Publication, PublishedTable, RelationClass, Tag};
use crate::source::Span;
use crate::syntax::{
    AlterPublication, CreatePublication, Definition, Expr, Ident, Persistence, PublicationAction, PublicationObject,
    RelationRef, TriggerEvents,
};

impl Replay {
    pub(super) fn create_publication(&mut self, create: &CreatePublication) -> Effect {
        let all = TriggerEvents { insert: true, update: true, delete: true, truncate: true };
        let mut publication = Publication {
            all_tables: create.all_tables,
            tables: Vec::new(),
            schemas: Vec::new(),
            actions: all,
            via_root: false,
        };
        self.apply_publication_options(&mut publication, &create.options)?;
        let object = self.owned(create.name, None, Kind::Publication(publication));
        let id = self.create(object)?;
        let (tables, schemas) = self.published(&create.objects)?;
        if let Some(listed) = tables.iter().find(|table| !table.columns.is_empty() && !schemas.is_empty()) {
            let table = self.now().get(listed.table).map(|table| table.name).unwrap_or_default();
            let message =
                format!("cannot use column list for relation \"{table}\" in publication \"{}\"", create.name.name);
            return Err(self.refuse("22023", create.name.span, message));
        }
        self.change_publication(id, |publication| {
            for table in tables {
                if !publication.tables.iter().any(|known| known.table == table.table) {
                    publication.tables.push(table);
                }
            }
            publication.schemas = schemas;
        });
        Ok(Outcome::Done)
    }

    fn apply_publication_options(&self, publication: &mut Publication, options: &[Definition]) -> Effect<()> {
        for option in options {
            match option.name.as_str() {
                "publish" => publication.actions = self.published_actions(option)?,
                "publish_via_partition_root" => publication.via_root = truth(option.value.as_ref()),
                "publish_generated_columns" if self.settings.version >= 18 => {}
                other => {
                    let message = format!("unrecognized publication parameter: \"{other}\"");
                    return Err(self.refuse("42601", option.span, message));
                }
            }
        }
        Ok(())
    }

    fn published_actions(&self, option: &Definition) -> Effect<TriggerEvents> {
        let text = option.value.as_ref().and_then(|value| value.text()).unwrap_or_default();
        let mut actions = TriggerEvents::default();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word.to_ascii_lowercase().as_str() {
                "insert" => actions.insert = true,
                "update" => actions.update = true,
                "delete" => actions.delete = true,
                "truncate" => actions.truncate = true,
                _ => {
                    let message = format!("unrecognized value for publication option \"publish\": \"{word}\"");
                    return Err(self.refuse("42601", option.span, message));
                }
            }
        }
        Ok(actions)
    }

    /// The tables and schemas that are named.
    fn published(&mut self, objects: &[PublicationObject]) -> Effect<(Vec<PublishedTable>, Vec<ObjectId>)> {
        let (mut tables, mut schemas) = (Vec::new(), Vec::new());
        for object in objects {
            match object {
                PublicationObject::Table { relation, columns, filter } => {
                    tables.extend(self.published_table(relation, columns, filter.as_ref())?);
                }
                PublicationObject::TablesInSchema(name) => schemas.push(self.schema_named(*name)?),
                PublicationObject::TablesInCurrentSchema => {
                    let Some(schema) = self.creation_schema() else {
                        return Err(self.refuse("3F000", Span::NONE, "no schema has been selected for CURRENT_SCHEMA"));
                    };
                    schemas.push(schema);
                }
            }
        }
        schemas.sort_unstable();
        schemas.dedup();
        Ok((tables, schemas))
    }

    /// The table, and unless ONLY is written what inherits from it.
    fn published_table(
        &mut self,
        relation: &RelationRef,
        columns: &[Ident],
        filter: Option<&Expr>,
    ) -> Effect<Vec<PublishedTable>> {
        let table = self.relation(&relation.name)?;
        self.check_publishable(table, relation)?;
        let mut numbers = Vec::with_capacity(columns.len());
        for column in columns {
            numbers.push(self.column_of(table, *column)?);
        }
        if let Some(filter) = filter {
            let scope = Scope::of(self.now(), table);
            self.analyze(&scope, filter, &Purpose::PublicationFilter)?;
        }
        let entry = |table| PublishedTable { table, columns: numbers.clone(), filter: filter.cloned().map(Arc::new) };
        let partitioned = |id| {
            let relation = self.now().get(id).and_then(|object: &Arc<Object>| object.as_relation());
            relation.is_some_and(|relation| relation.class == RelationClass::PartitionedTable)
        };
        if relation.only || partitioned(table) {
            return Ok(vec![entry(table)]);
        }
        Ok(self.with_descendants(table).into_iter().map(entry).collect())
    }

    fn check_publishable(&self, table: ObjectId, named: &RelationRef) -> Effect<()> {
        let Some(object) = self.now().get(table) else { return Ok(()) };
        let relation = object.as_relation();
        let is_table = relation.is_some_and(|relation| {
            matches!(relation.class, RelationClass::Table | RelationClass::PartitionedTable)
                && relation.persistence == Persistence::Permanent
        });
        if is_table {
            return Ok(());
        }
        let message = format!("cannot add relation \"{}\" to publication", object.name);
        Err(self.refuse_because("22023", named.name.span(), message, table, "made here"))
    }

    pub(super) fn alter_publication(&mut self, alter: &AlterPublication) -> Effect {
        let id = self.global_named(Tag::Publication, alter.name)?;
        if alter.action == PublicationAction::SetOptions {
            let Some(mut publication) = self.publication(id) else { return Ok(Outcome::Done) };
            self.apply_publication_options(&mut publication, &alter.options)?;
            self.change_publication(id, |known| *known = publication);
            return Ok(Outcome::Done);
        }
        let (tables, schemas) = self.published(&alter.objects)?;
        self.check_not_all_tables(id, alter)?;
        match alter.action {
            PublicationAction::Add => self.add_published(id, alter, tables, schemas)?,
            PublicationAction::Drop => self.drop_published(id, alter, &tables, &schemas)?,
            PublicationAction::SetObjects | PublicationAction::SetOptions => {
                self.change_publication(id, |publication| {
                    publication.tables = tables;
                    publication.schemas = schemas;
                })
            }
        }
        Ok(Outcome::Done)
    }

    fn publication(&self, id: ObjectId) -> Option<Publication> {
        match &self.now().get(id)?.kind {
            Kind::Publication(publication) => Some(publication.clone()),
            _ => None,
        }
    }

    fn change_publication(&mut self, id: ObjectId, change: impl FnOnce(&mut Publication)) {
        self.catalog.modify(id, |object| {
            if let Kind::Publication(publication) = &mut object.kind {
                change(publication);
            }
        });
    }

    fn check_not_all_tables(&self, id: ObjectId, alter: &AlterPublication) -> Effect<()> {
        if !self.publication(id).is_some_and(|publication| publication.all_tables) {
            return Ok(());
        }
        let message = format!("publication \"{}\" is defined as FOR ALL TABLES", alter.name.name);
        let help = "it has all tables already";
        Err(self.refuse_because("55000", alter.name.span, message, id, "made here").help(help))
    }

    fn add_published(
        &mut self,
        id: ObjectId,
        alter: &AlterPublication,
        tables: Vec<PublishedTable>,
        schemas: Vec<ObjectId>,
    ) -> Effect<()> {
        let Some(publication) = self.publication(id) else { return Ok(()) };
        for table in &tables {
            if publication.tables.iter().any(|known| known.table == table.table) {
                let name = self.now().get(table.table).map(|object| object.name).unwrap_or_default();
                let message = format!("relation \"{name}\" is already member of publication \"{}\"", alter.name.name);
                return Err(self.refuse("42710", self.place_in(alter, table.table), message));
            }
        }
        for schema in &schemas {
            if publication.schemas.contains(schema) {
                let name = self.now().get(*schema).map(|object| object.name).unwrap_or_default();
                let message = format!("schema \"{name}\" is already member of publication \"{}\"", alter.name.name);
                return Err(self.refuse("42710", alter.name.span, message));
            }
        }
        self.change_publication(id, |publication| {
            publication.tables.extend(tables);
            publication.schemas.extend(schemas);
        });
        Ok(())
    }

    fn drop_published(
        &mut self,
        id: ObjectId,
        alter: &AlterPublication,
        tables: &[PublishedTable],
        schemas: &[ObjectId],
    ) -> Effect<()> {
        let Some(publication) = self.publication(id) else { return Ok(()) };
        for table in tables {
            if !publication.tables.iter().any(|known| known.table == table.table) {
                let name = self.now().get(table.table).map(|object| object.name).unwrap_or_default();
                let message = format!("relation \"{name}\" is not part of the publication");
                return Err(self.refuse("42704", self.place_in(alter, table.table), message));
            }
        }
        if let Some(schema) = schemas.iter().find(|schema| !publication.schemas.contains(schema)) {
            let name = self.now().get(*schema).map(|object| object.name).unwrap_or_default();
            let message = format!("tables from schema \"{name}\" are not part of the publication");
            return Err(self.refuse("42704", alter.name.span, message));
        }
        self.change_publication(id, |publication| {
            publication.tables.retain(|known| !tables.iter().any(|table| table.table == known.table));
            publication.schemas.retain(|schema| !schemas.contains(schema));
        });
        Ok(())
    }

    /// Where the statement names a table.
    fn place_in(&self, alter: &AlterPublication, table: ObjectId) -> Span {
        let named = alter.objects.iter().filter_map(|object| match object {
            PublicationObject::Table { relation, .. } => Some(&relation.name),
            _ => None,
        });
        let mut places = named.filter(|name| self.find_relation(name) == Some(table)).map(|name| name.span());
        places.next().unwrap_or(alter.name.span)
    }
}
