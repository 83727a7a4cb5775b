//! ALTER TABLE, and ALTER of what the grammar treats alike: views, indexes, sequences, types.

use super::*;

/// Words before the column that an action names.
const COLUMN: &[&str] = &["alter column", "alter", "drop column", "drop"];

/// Words before the attribute that an action names; in a table, `attribute` is a name like any other.
const ATTRIBUTE: &[&str] = &["alter attribute", "drop attribute"];

impl Converter<'_> {
    pub(super) fn alter_table(&self, stmt: &raw::AlterTableStmt, mut c: Cursor) -> StatementKind {
        let relation = self.take_relation(&stmt.relation, &mut c);
        let actions = stmt.cmds.of::<raw::AlterTableCmd>().zip(c.pieces());
        if stmt.objtype == raw::OBJECT_TYPE {
            let actions = actions.filter_map(|(action, piece)| self.attribute_action(action, piece)).exact();
            return StatementKind::AlterCompositeType { name: relation.name, actions };
        }
        let actions = actions.filter_map(|(action, piece)| {
            Some(TableAction { span: piece.rest_span(), kind: self.table_action(action, piece)? })
        });
        StatementKind::AlterTable(Box::new(AlterTable {
            kind: object::relation_kind(stmt.objtype),
            relation,
            if_exists: stmt.missing_ok,
            actions: actions.exact(),
        }))
    }

    fn table_action(&self, action: &raw::AlterTableCmd, c: Cursor) -> Option<TableActionKind> {
        self.column_action(action, c)
            .or_else(|| self.column_property(action, c))
            .or_else(|| self.constraint_action(action, c))
            .or_else(|| self.whole_table_action(action, c))
            .or_else(|| firing_action(action, c))
            .or_else(|| self.relation_action(action, c))
    }

    fn column_action(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        let if_exists = action.missing_ok;
        Some(match action.subtype {
            raw::AT_AddColumn => self.add_column(action, c)?,
            raw::AT_DropColumn => TableActionKind::DropColumn {
                column: column(action, &mut c),
                if_exists,
                behavior: behavior(action.behavior),
            },
            raw::AT_ColumnDefault => {
                let column = column(action, &mut c);
                match self.optional_expr(&action.def) {
                    Some(default) => TableActionKind::SetDefault { column, default },
                    None => TableActionKind::DropDefault { column },
                }
            }
            raw::AT_SetNotNull => TableActionKind::SetNotNull { column: column(action, &mut c) },
            raw::AT_DropNotNull => TableActionKind::DropNotNull { column: column(action, &mut c) },
            raw::AT_SetExpression => {
                let column = column(action, &mut c);
                TableActionKind::SetExpression { column, expr: self.optional_expr(&action.def)? }
            }
            raw::AT_DropExpression => TableActionKind::DropExpression { column: column(action, &mut c), if_exists },
            raw::AT_AlterColumnType => self.alter_column_type(action, c)?,
            _ => return None,
        })
    }

    fn add_column(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        c.eat_any(&["add column", "add"]);
        if action.missing_ok {
            c.eat("if not exists");
        }
        let Some(Node::ColumnDef(column)) = action.def.node() else { return None };
        let column = Box::new(self.column_definition(column, c));
        Some(TableActionKind::AddColumn { column, if_not_exists: action.missing_ok })
    }

    fn alter_column_type(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        let column = column(action, &mut c);
        let Some(Node::ColumnDef(definition)) = action.def.node() else { return None };
        Some(TableActionKind::AlterColumnType {
            column,
            ty: self.type_name(definition.typeName.get()?),
            collation: definition.collClause.get().map(|collate| self.collation(collate)),
            using: self.optional_expr(&definition.raw_default),
        })
    }

    fn column_property(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        Some(match action.subtype {
            raw::AT_SetStatistics => {
                let target = action.def.node().and_then(options::number);
                TableActionKind::SetStatistics { column: number_or_name(action, &mut c), target }
            }
            raw::AT_SetOptions | raw::AT_ResetOptions => {
                let column = column(action, &mut c);
                c.eat_any(&["set", "reset"]);
                let options = self.action_options(action, c);
                TableActionKind::SetColumnOptions { column, options, reset: action.subtype == raw::AT_ResetOptions }
            }
            raw::AT_SetStorage => {
                TableActionKind::SetStorage { column: column(action, &mut c), storage: word(action)? }
            }
            raw::AT_SetCompression => {
                TableActionKind::SetCompression { column: column(action, &mut c), compression: word(action)? }
            }
            raw::AT_AddIdentity => self.add_identity(action, c)?,
            raw::AT_SetIdentity => self.set_identity(action, c)?,
            raw::AT_DropIdentity => {
                TableActionKind::DropIdentity { column: column(action, &mut c), if_exists: action.missing_ok }
            }
            raw::AT_AlterColumnGenericOptions => {
                let column = column(action, &mut c);
                c.eat("options");
                TableActionKind::ForeignOptions { column: Some(column), options: self.action_options(action, c) }
            }
            raw::AT_GenericOptions => {
                c.eat("options");
                TableActionKind::ForeignOptions { column: None, options: self.action_options(action, c) }
            }
            _ => return None,
        })
    }

    fn add_identity(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        let column = column(action, &mut c);
        let Some(Node::Constraint(identity)) = action.def.node() else { return None };
        Some(TableActionKind::AddIdentity {
            column,
            always: identity.generated_when as u8 == b'a',
            options: self.sequence_options(&identity.options, c),
        })
    }

    fn set_identity(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        let column = column(action, &mut c);
        let Some(Node::List(list)) = action.def.node() else { return None };
        let generated = list.of::<raw::DefElem>().find(|option| option.defname.str() == Some("generated"));
        let always = generated.and_then(|option| option.arg.node()).and_then(options::number);
        let options = list.of().filter_map(|option| self.sequence_option(option, c)).exact();
        Some(TableActionKind::SetIdentity { column, always: always.map(|when| when == i64::from(b'a')), options })
    }

    /// The list of options that a command holds; its parentheses are next.
    fn action_options(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Vec<Definition> {
        match (action.def.node(), c.parens()) {
            (Some(Node::List(list)), Some(inside)) => self.definitions_of(list, inside),
            _ => Vec::new(),
        }
    }

    fn constraint_action(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        Some(match action.subtype {
            raw::AT_AddConstraint => {
                c.eat("add");
                let Some(Node::Constraint(constraint)) = action.def.node() else { return None };
                TableActionKind::AddConstraint(Box::new(self.constraint(constraint, c)?))
            }
            raw::AT_AlterConstraint => {
                c.eat("alter constraint");
                let Some(Node::ATAlterConstraint(change)) = action.def.node() else { return None };
                TableActionKind::AlterConstraint(Box::new(alter_constraint(change, &mut c)))
            }
            raw::AT_ValidateConstraint => {
                c.eat("validate constraint");
                TableActionKind::ValidateConstraint { name: c.name(&action.name) }
            }
            raw::AT_DropConstraint => {
                c.eat("drop constraint");
                if action.missing_ok {
                    c.eat("if exists");
                }
                TableActionKind::DropConstraint {
                    name: c.name(&action.name),
                    if_exists: action.missing_ok,
                    behavior: behavior(action.behavior),
                }
            }
            _ => return None,
        })
    }

    fn whole_table_action(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        Some(match action.subtype {
            raw::AT_EnableRowSecurity => TableActionKind::EnableRowSecurity,
            raw::AT_DisableRowSecurity => TableActionKind::DisableRowSecurity,
            raw::AT_ForceRowSecurity => TableActionKind::ForceRowSecurity,
            raw::AT_NoForceRowSecurity => TableActionKind::NoForceRowSecurity,
            raw::AT_DropCluster => TableActionKind::SetWithoutCluster,
            raw::AT_DropOids => TableActionKind::SetWithoutOids,
            raw::AT_SetLogged => TableActionKind::SetLogged,
            raw::AT_SetUnLogged => TableActionKind::SetUnlogged,
            raw::AT_DropOf => TableActionKind::NotOf,
            raw::AT_ClusterOn => {
                c.eat("cluster on");
                TableActionKind::ClusterOn { index: c.name(&action.name) }
            }
            raw::AT_SetAccessMethod => {
                c.eat("set access method");
                TableActionKind::SetAccessMethod { method: c.maybe_ident(&action.name) }
            }
            raw::AT_SetTableSpace => {
                c.eat("set tablespace");
                TableActionKind::SetTablespace { tablespace: c.name(&action.name) }
            }
            raw::AT_SetRelOptions | raw::AT_ReplaceRelOptions => {
                c.eat("set");
                TableActionKind::SetOptions(self.action_options(action, c))
            }
            raw::AT_ResetRelOptions => {
                c.eat("reset");
                TableActionKind::ResetOptions(self.action_options(action, c))
            }
            raw::AT_ChangeOwner => TableActionKind::SetOwner(self.role_at(&action.newowner, c)),
            raw::AT_ReplicaIdentity => replica_identity(action, c)?,
            _ => return None,
        })
    }

    fn relation_action(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
        match (action.subtype, action.def.node()?) {
            (raw::AT_AddInherit, Node::RangeVar(parent)) => {
                Some(TableActionKind::Inherit { parent: self.relation(parent) })
            }
            (raw::AT_DropInherit, Node::RangeVar(parent)) => {
                Some(TableActionKind::NoInherit { parent: self.relation(parent) })
            }
            (raw::AT_AddOf, Node::TypeName(ty)) => Some(TableActionKind::OfType(self.type_name(ty))),
            (raw::AT_AttachPartition, Node::PartitionCmd(command)) => {
                let partition = self.take_relation(&command.name, &mut c);
                Some(match command.bound.get() {
                    Some(bound) => {
                        let bound = Box::new(self.partition_bound(bound, &mut c));
                        TableActionKind::AttachPartition { partition, bound }
                    }
                    None => TableActionKind::AttachIndex { index: partition },
                })
            }
            (raw::AT_DetachPartition | raw::AT_DetachPartitionFinalize, Node::PartitionCmd(command)) => {
                Some(TableActionKind::DetachPartition {
                    partition: self.relation(command.name.get()?),
                    concurrently: command.concurrent,
                    finalize: action.subtype == raw::AT_DetachPartitionFinalize,
                })
            }
            _ => None,
        }
    }

    fn attribute_action(&self, action: &raw::AlterTableCmd, mut c: Cursor) -> Option<AttributeAction> {
        let span = c.rest_span();
        let definition = match action.def.node() {
            Some(Node::ColumnDef(definition)) => Some(definition),
            _ => None,
        };
        let kind = match action.subtype {
            raw::AT_AddColumn => {
                c.eat("add attribute");
                AttributeActionKind::Add {
                    name: c.name(&definition?.colname),
                    ty: self.type_name(definition?.typeName.get()?),
                }
            }
            raw::AT_DropColumn => {
                AttributeActionKind::Drop { name: named(ATTRIBUTE, action, &mut c), if_exists: action.missing_ok }
            }
            raw::AT_AlterColumnType => AttributeActionKind::Type {
                name: named(ATTRIBUTE, action, &mut c),
                ty: self.type_name(definition?.typeName.get()?),
            },
            _ => return None,
        };
        Some(AttributeAction { span, kind, behavior: behavior(action.behavior) })
    }

    /// ALTER TABLE ALL IN TABLESPACE.
    pub(super) fn move_all(&self, stmt: &raw::AlterTableMoveAllStmt, mut c: Cursor) -> StatementKind {
        c.skip_to(&["tablespace"]);
        c.eat("tablespace");
        let from = c.name(&stmt.orig_tablespacename);
        c.skip_to(&["set"]);
        c.eat("set tablespace");
        StatementKind::MoveAllInTablespace {
            kind: object::relation_kind(stmt.objtype),
            from,
            owned_by: self.roles(&stmt.roles),
            to: c.name(&stmt.new_tablespacename),
        }
    }
}

/// The column after ALTER [COLUMN] or DROP [COLUMN] [IF EXISTS].
fn column(action: &raw::AlterTableCmd, c: &mut Cursor) -> Ident {
    named(COLUMN, action, c)
}

fn named(words: &[&str], action: &raw::AlterTableCmd, c: &mut Cursor) -> Ident {
    c.eat_any(words);
    if action.subtype == raw::AT_DropColumn && action.missing_ok {
        c.eat("if exists");
    }
    c.name(&action.name)
}

fn number_or_name(action: &raw::AlterTableCmd, c: &mut Cursor) -> ColumnNumberOrName {
    if action.num == 0 {
        return ColumnNumberOrName::Name(column(action, c));
    }
    ColumnNumberOrName::Number(action.num.into())
}

/// The word that a command holds as its definition.
fn word(action: &raw::AlterTableCmd) -> Option<Name> {
    match action.def.node()? {
        Node::String(word) => Some(name_of(&word.sval)),
        _ => None,
    }
}

fn alter_constraint(change: &raw::ATAlterConstraint, c: &mut Cursor) -> AlterConstraint {
    AlterConstraint {
        name: c.name(&change.conname),
        deferrable: change.alterDeferrability.then_some(change.deferrable),
        initially_deferred: change.alterDeferrability.then_some(change.initdeferred),
        enforced: change.alterEnforceability.then_some(change.is_enforced),
        inherit: change.alterInheritability.then_some(!change.noinherit),
    }
}

fn replica_identity(action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
    let Some(Node::ReplicaIdentityStmt(identity)) = action.def.node() else { return None };
    c.eat("replica identity");
    Some(TableActionKind::ReplicaIdentity(match identity.identity_type as u8 {
        b'n' => ReplicaIdentity::Nothing,
        b'f' => ReplicaIdentity::Full,
        b'i' => {
            c.eat("using index");
            ReplicaIdentity::Index(c.name(&identity.name))
        }
        _ => ReplicaIdentity::Default,
    }))
}

/// ENABLE and DISABLE TRIGGER or RULE.
fn firing_action(action: &raw::AlterTableCmd, mut c: Cursor) -> Option<TableActionKind> {
    let firing = match action.subtype {
        raw::AT_EnableTrig | raw::AT_EnableTrigAll | raw::AT_EnableTrigUser | raw::AT_EnableRule => Firing::Enabled,
        raw::AT_EnableAlwaysTrig | raw::AT_EnableAlwaysRule => Firing::Always,
        raw::AT_EnableReplicaTrig | raw::AT_EnableReplicaRule => Firing::Replica,
        raw::AT_DisableTrig | raw::AT_DisableTrigAll | raw::AT_DisableTrigUser | raw::AT_DisableRule => {
            Firing::Disabled
        }
        _ => return None,
    };
    c.eat_any(&["enable always", "enable replica", "enable", "disable"]);
    if c.eat("rule").is_some() {
        return Some(TableActionKind::Rule { name: c.name(&action.name), firing });
    }
    c.eat("trigger");
    let which = match action.subtype {
        raw::AT_EnableTrigAll | raw::AT_DisableTrigAll => TriggerSelection::All,
        raw::AT_EnableTrigUser | raw::AT_DisableTrigUser => TriggerSelection::User,
        _ => TriggerSelection::Name(c.name(&action.name)),
    };
    Some(TableActionKind::Trigger { which, firing })
}
