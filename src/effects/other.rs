//! Names, owners, comments, row security, triggers, types, sequences, publications, and what belongs to the cluster.

use super::tree::tree;
use super::{TransactionRule, Work};
use crate::catalog::{CatalogAt, Kind, NameKey, NameSpace, ObjectId, TypeClass};
use crate::syntax::{
    AlterSequence, AttributeAction, AttributeActionKind, CreateTrigger, Definition, DomainAction, DropBehavior, Grant,
    GrantTarget, Ident, LockMode, ObjectKind, ObjectName, ObjectRef, PublicationObject, QualifiedName, Rename,
    SequenceOption, StatementKind, Transaction, TypeName,
};

impl Work<'_> {
    // --- what works on any object ---------------------------------------------------------------

    pub(super) fn on_object(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Rename(rename) => self.rename(rename),
            StatementKind::SetSchema { object, .. } => self.set_schema(object),
            StatementKind::SetOwner { object, .. } => self.set_owner(object),
            StatementKind::Comment { object, .. } => self.comment(object),
            StatementKind::DependsOnExtension { object, .. } => self.depends_on_extension(object),
            StatementKind::ReassignOwned { .. } => self.reassigned(),
            _ => {}
        }
    }

    fn rename(&mut self, rename: &Rename) {
        match &rename.object.name {
            ObjectName::Qualified(name) => {
                let Some(id) = self.find(name) else { return };
                let by_index_statement = rename.object.kind == ObjectKind::Index;
                let is_index = self.before.get(id).is_some_and(|object| object.as_index().is_some());
                let mode = if by_index_statement && is_index {
                    LockMode::ShareUpdateExclusive
                } else {
                    LockMode::AccessExclusive
                };
                self.lock(id, mode);
            }
            ObjectName::OfRelation { relation, name } => self.rename_part(rename.object.kind, relation, name.name),
            // A composite type is a relation, too.
            ObjectName::Type(ty) => self.lock_name(&qualified(ty), LockMode::AccessExclusive),
            _ => {}
        }
    }

    fn rename_part(&mut self, kind: ObjectKind, relation: &QualifiedName, name: crate::syntax::Name) {
        let Some(table) = self.find(relation) else { return };
        let with_children = match kind {
            ObjectKind::Column | ObjectKind::Attribute | ObjectKind::TableConstraint => true,
            // Up to 14 the copies in partitions kept their name.
            ObjectKind::Trigger => self.version >= 15,
            _ => false,
        };
        let targets = if with_children { tree(self.before, table) } else { vec![table] };
        for target in targets {
            self.lock(target, LockMode::AccessExclusive);
        }
        if kind == ObjectKind::Attribute {
            self.lock_typed_tables(table, LockMode::AccessExclusive);
        }
        // A key's index is renamed with it.
        let index = self.before.constraints(table).find(|it| it.name() == name).and_then(|it| it.is.kind.own_index());
        if let Some(index) = index.filter(|_| kind == ObjectKind::TableConstraint) {
            self.lock(index, LockMode::ShareUpdateExclusive);
        }
    }

    fn set_schema(&mut self, object: &ObjectRef) {
        let Some(id) = self.relation_of(object) else { return };
        self.lock(id, LockMode::AccessExclusive);
        if self.is_done() || self.skipped() {
            for sequence in self.before.owned_sequences(id) {
                self.lock(sequence, LockMode::AccessExclusive);
            }
        }
    }

    fn set_owner(&mut self, object: &ObjectRef) {
        if let ObjectName::Type(ty) = &object.name {
            // A composite type is a relation, too, but is only opened for another owner.
            let ty = qualified(ty);
            let owner = |catalog: CatalogAt<'_>, id: ObjectId| catalog.get(id).and_then(|object| object.owner);
            if self.find_type(&ty).is_some_and(|id| owner(self.before, id) != owner(self.after, id)) {
                self.lock_name(&ty, LockMode::AccessExclusive);
            }
            return;
        }
        let Some(id) = self.relation_of(object) else { return };
        self.lock(id, LockMode::AccessExclusive);
        self.lock_owned_parts(id);
    }

    /// The relation, index or sequence that is named as an object of its own.
    fn relation_of(&self, object: &ObjectRef) -> Option<ObjectId> {
        const RELATIONS: &[ObjectKind] = &[
            ObjectKind::Table,
            ObjectKind::View,
            ObjectKind::MaterializedView,
            ObjectKind::Index,
            ObjectKind::Sequence,
            ObjectKind::ForeignTable,
        ];
        match &object.name {
            ObjectName::Qualified(name) if RELATIONS.contains(&object.kind) => self.find(name),
            _ => None,
        }
    }

    fn comment(&mut self, object: &ObjectRef) {
        if let Some(id) = self.relation_of(object) {
            self.lock(id, LockMode::ShareUpdateExclusive);
            return;
        }
        let ObjectName::OfRelation { relation, .. } = &object.name else { return };
        let Some(table) = self.find(relation) else { return };
        let mode =
            if object.kind == ObjectKind::Column { LockMode::ShareUpdateExclusive } else { LockMode::AccessShare };
        self.lock(table, mode);
    }

    fn depends_on_extension(&mut self, object: &ObjectRef) {
        if let Some(id) = self.relation_of(object) {
            self.lock(id, LockMode::AccessExclusive);
        }
        if let ObjectName::OfRelation { relation, .. } = &object.name
            && let Some(table) = self.find(relation)
        {
            self.lock(table, LockMode::AccessShare);
        }
    }

    /// REASSIGN OWNED: everything whose owner changed.
    fn reassigned(&mut self) {
        let changed: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        for id in changed {
            let kind = self.before.get(id).map(|object| &object.kind);
            if matches!(kind, Some(Kind::Relation(_) | Kind::Sequence(_))) {
                self.lock(id, LockMode::AccessExclusive);
                self.lock_owned_parts(id);
            }
        }
    }

    // --- everything else ------------------------------------------------------------------------

    pub(super) fn other(&mut self, kind: &StatementKind) {
        use StatementKind as K;
        match kind {
            K::CreatePolicy(policy) => {
                self.lock_name(&policy.relation.name, LockMode::AccessExclusive);
                let expressions = policy.using.iter().chain(&policy.check);
                expressions.for_each(|expr| self.expression(expr));
            }
            K::AlterPolicy(policy) => {
                self.lock_name(&policy.relation.name, LockMode::AccessExclusive);
                let expressions = policy.using.iter().chain(&policy.check);
                expressions.for_each(|expr| self.expression(expr));
            }
            K::CreateTrigger(trigger) => self.create_trigger(trigger),
            K::CreateRule(rule) => {
                self.lock_name(&rule.relation.name, LockMode::AccessExclusive);
                rule.actions.iter().for_each(|action| self.rule_action(&action.kind));
            }
            K::AlterSequence(alter) => self.alter_sequence(alter),
            K::CreateSequence(create) => self.owned_by(&create.options),
            K::CreateStatistics(create) => self.lock_name(&create.relation.name, LockMode::ShareUpdateExclusive),
            K::CreatePublication(create) => self.published(&create.objects),
            K::AlterPublication(alter) => self.altered_publication(&alter.objects),
            K::AlterDomain(alter) => self.alter_domain(&alter.name, &alter.action),
            K::AlterCompositeType { name, actions } => self.alter_composite(name, actions),
            K::CreateFunction(_) => self.function_body(),
            K::Grant(grant) => self.grant(grant),
            K::SetConstraints { deferred: false, .. } => self.check_deferred(),
            K::Transaction(Transaction::Savepoint(_) | Transaction::Release(_) | Transaction::RollbackTo(_)) => {
                self.effects.transaction = TransactionRule::InsideOnly;
            }
            K::Transaction(Transaction::Commit { .. }) if self.is_code() => {
                self.effects.transaction = TransactionRule::OutsideOnly;
            }
            _ => self.effects.transaction = cluster_wide(kind),
        }
    }

    /// The rows that were written in this transaction and whose foreign keys wait are checked.
    fn check_deferred(&mut self) {
        let catalog = self.after.catalog();
        let Some(own) = catalog.statement(self.statement) else { return };
        let earlier = catalog.statements()[..self.statement.0 as usize - 1].iter().rev();
        for executed in earlier.take_while(|executed| executed.transaction == own.transaction) {
            let StatementKind::Insert(insert) = &executed.statement.kind else { continue };
            let Some(table) = self.find(&insert.relation.name) else { continue };
            let waiting = self.before.foreign_keys(table).filter(|(key, _)| key.is.deferrable);
            for referenced in waiting.map(|(_, key)| key.references).collect::<Vec<_>>() {
                self.lock(referenced, LockMode::RowShare);
                self.lock_indexes(referenced, LockMode::RowShare);
            }
        }
    }

    /// Whether code runs the statement.
    fn is_code(&self) -> bool {
        let executed = self.after.catalog().statement(self.statement);
        executed.is_some_and(|it| it.within.is_some())
    }

    pub(super) fn lock_name(&mut self, name: &QualifiedName, mode: LockMode) {
        if let Some(id) = self.find(name) {
            self.lock(id, mode);
        }
    }

    fn create_trigger(&mut self, trigger: &CreateTrigger) {
        if let Some(table) = self.find(&trigger.relation.name) {
            // A row trigger is copied to every partition; a table's other children have triggers of their own.
            let partitioned = self.relation(table).is_some_and(|it| it.partition_key.is_some());
            let targets = if partitioned && trigger.for_each_row { tree(self.before, table) } else { vec![table] };
            for target in targets {
                self.lock(target, LockMode::ShareRowExclusive);
            }
        }
        if let Some(from) = &trigger.from {
            self.lock_name(&from.name, LockMode::AccessShare);
        }
    }

    fn alter_sequence(&mut self, alter: &AlterSequence) {
        let Some(sequence) = self.find(&alter.relation.name) else { return };
        self.lock(sequence, LockMode::ShareRowExclusive);
        let only_owner = alter.options.iter().all(|option| matches!(option, SequenceOption::OwnedBy(_)));
        if !only_owner && self.is_done() {
            self.effects.rewrites.push(sequence);
        }
        self.owned_by(&alter.options);
    }

    fn owned_by(&mut self, options: &[SequenceOption]) {
        for option in options {
            let SequenceOption::OwnedBy(Some(path)) = option else { continue };
            let [before @ .., _] = &path[..] else { continue };
            let [.., table] = before else { continue };
            let schema = before.iter().rev().nth(1).copied();
            self.lock_name(&QualifiedName { database: None, schema, name: *table }, LockMode::AccessShare);
        }
    }

    fn published(&mut self, objects: &[PublicationObject]) {
        for object in objects {
            if let PublicationObject::Table { relation, .. } = object
                && let Some(table) = self.find(&relation.name)
            {
                let partitioned = self.relation(table).is_some_and(|it| it.partition_key.is_some());
                for target in self.targets(table, relation.only || partitioned) {
                    self.lock(target, LockMode::ShareUpdateExclusive);
                }
            }
        }
    }

    /// SET TABLE also touches the tables that leave.
    fn altered_publication(&mut self, objects: &[PublicationObject]) {
        self.published(objects);
        let changed: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        for id in changed {
            let Some(Kind::Publication(before)) = self.before.get(id).map(|object| object.kind.clone()) else {
                continue;
            };
            let Some(Kind::Publication(after)) = self.after.get(id).map(|object| object.kind.clone()) else { continue };
            for left in
                before.tables.iter().filter(|table| !after.tables.iter().any(|stays| stays.table == table.table))
            {
                self.lock(left.table, LockMode::ShareUpdateExclusive);
            }
        }
    }

    // --- types ----------------------------------------------------------------------------------

    fn alter_domain(&mut self, name: &QualifiedName, action: &DomainAction) {
        let checks = match action {
            DomainAction::AddConstraint(constraint) => constraint.not_valid.is_none(),
            DomainAction::SetNotNull | DomainAction::ValidateConstraint { .. } => true,
            _ => false,
        };
        if action_drops(action) {
            self.lock_what_fell();
        }
        if !checks || !self.is_done() {
            return;
        }
        let Some(domain) = self.find_type(name) else { return };
        for table in self.tables_with_type(domain) {
            if self.relation(table).is_some_and(super::tree::has_storage) {
                self.lock(table, LockMode::Share);
                self.scan(table);
            }
        }
    }

    fn find_type(&self, name: &QualifiedName) -> Option<ObjectId> {
        let in_schema = |schema: ObjectId| {
            let key = NameKey { space: NameSpace::Type, parent: Some(schema), name: name.name.name };
            self.before.named(key).first().copied()
        };
        match &name.schema {
            Some(schema) => in_schema(self.before.schema(schema.name)?),
            None => self.path.iter().find_map(|&schema| in_schema(schema)),
        }
    }

    /// Tables with a column of a type, or of a domain over it.
    fn tables_with_type(&self, ty: ObjectId) -> Vec<ObjectId> {
        let mut tables = Vec::new();
        let mut types = vec![ty];
        let mut next = 0;
        while next < types.len() {
            for (id, object, _) in self.before.dependents(types[next]) {
                match &object.kind {
                    Kind::Relation(_) if !tables.contains(&id) => tables.push(id),
                    Kind::Type(over) if matches!(over.class, TypeClass::Domain { .. }) && !types.contains(&id) => {
                        types.push(id)
                    }
                    _ => {}
                }
            }
            next += 1;
        }
        tables
    }

    fn alter_composite(&mut self, name: &QualifiedName, actions: &[AttributeAction]) {
        let Some(ty) = self.find(name) else { return };
        self.lock(ty, LockMode::AccessExclusive);
        let cascades = actions.iter().any(|action| action.behavior == DropBehavior::Cascade);
        if !cascades || !self.is_done() {
            return;
        }
        self.lock_typed_tables(ty, LockMode::AccessExclusive);
        let retyped = actions.iter().any(|action| matches!(action.kind, AttributeActionKind::Type { .. }));
        for table in self.typed_tables(ty) {
            if retyped && self.retypes_rows(ty, actions) {
                self.rewrite(table);
            }
        }
    }

    fn retypes_rows(&mut self, composite: ObjectId, actions: &[AttributeAction]) -> bool {
        actions.iter().any(|action| match &action.kind {
            AttributeActionKind::Type { name, .. } => {
                self.change_type(composite, name.name, None) == super::type_change::TypeChange::Rewritten
            }
            _ => false,
        })
    }

    fn typed_tables(&self, composite: ObjectId) -> Vec<ObjectId> {
        let row_type = self.relation(composite).and_then(|it| it.row_type);
        let is_of = |of: Option<ObjectId>| of.is_some() && (of == row_type || of == Some(composite));
        self.before.tables().filter(|table| is_of(table.is.of_type)).map(|table| table.id).collect()
    }

    fn lock_typed_tables(&mut self, composite: ObjectId, mode: LockMode) {
        for table in self.typed_tables(composite) {
            self.lock(table, mode);
            for child in self.before.children(table) {
                self.lock(child, mode);
            }
        }
    }

    // --- code, privileges -----------------------------------------------------------------------

    /// Since 18 the relations of a GRANT are opened.
    fn grant(&mut self, grant: &Grant) {
        if self.version < 18 {
            return;
        }
        let GrantTarget::Objects { objects, .. } = &grant.target else { return };
        for object in objects {
            if let Some(id) = self.relation_of(object) {
                self.lock(id, LockMode::AccessShare);
            }
        }
    }
}

/// The name of a type as that of a relation.
fn qualified(ty: &TypeName) -> QualifiedName {
    let mut parts = ty.parts.iter().rev().copied();
    let name = parts.next().unwrap_or_else(|| Ident::new("", ty.span));
    QualifiedName { database: None, schema: parts.next(), name }
}

fn action_drops(action: &DomainAction) -> bool {
    matches!(action, DomainAction::DropConstraint { .. })
}

/// What may not run in a transaction block although it touches no relation.
fn cluster_wide(kind: &StatementKind) -> TransactionRule {
    use StatementKind as K;
    let outside = match kind {
        K::CreateDatabase { .. } | K::DropDatabase { .. } | K::CreateTablespace { .. } | K::DropTablespace { .. } => {
            true
        }
        K::AlterSystem { .. } => true,
        K::AlterDatabase { options, .. } => has(options, "tablespace"),
        K::Discard { what } => what.eq_ignore_ascii_case("all"),
        K::CreateSubscription { options, .. } => is_on(options, "connect") && is_on(options, "create_slot"),
        _ => false,
    };
    if outside { TransactionRule::OutsideOnly } else { TransactionRule::Anywhere }
}

fn has(options: &[Definition], name: &str) -> bool {
    options.iter().any(|option| option.name.as_str() == name)
}

/// An option that is on unless it is written off.
fn is_on(options: &[Definition], name: &str) -> bool {
    let value =
        options.iter().find(|option| option.name.as_str() == name).and_then(|option| option.value.as_ref()?.text());
    !value.is_some_and(|value| matches!(value.as_str(), "false" | "off" | "0" | "no"))
}
