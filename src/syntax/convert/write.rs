//! INSERT, UPDATE, DELETE, MERGE.

use super::*;
use crate::syntax::{
    Assignment, ConflictTarget, ConflictUpdate, Delete, ExprKind, FromItem, FromKind, Insert, Merge, MergeAction,
    MergeArm, MergeMatch, OnConflict, Overriding, TargetColumn, Update, With,
};

impl Converter<'_> {
    fn optional_with(&self, with: &Ptr<raw::WithClause>) -> Option<Box<With>> {
        with.get().map(|with| Box::new(self.with(with)))
    }

    pub(super) fn insert(&self, insert: &raw::InsertStmt) -> Option<Insert> {
        Some(Insert {
            with: self.optional_with(&insert.withClause),
            relation: self.relation(insert.relation.get()?),
            columns: self.target_columns(&insert.cols),
            source: match insert.selectStmt.node() {
                Some(Node::SelectStmt(select)) => Some(self.query(select).value),
                _ => None,
            },
            overriding: match insert.override_ {
                raw::OVERRIDING_USER_VALUE => Some(Overriding::User),
                raw::OVERRIDING_SYSTEM_VALUE => Some(Overriding::System),
                _ => None,
            },
            on_conflict: insert.onConflictClause.get().map(|clause| Box::new(self.on_conflict(clause))),
            returning: self.returning(&insert.returningClause),
            repeats: Vec::new(),
        })
    }

    pub(super) fn update(&self, update: &raw::UpdateStmt) -> Option<Update> {
        Some(Update {
            with: self.optional_with(&update.withClause),
            relation: self.relation(update.relation.get()?),
            set: self.assignments(&update.targetList),
            from: self.items(&update.fromClause),
            filter: self.optional_expr(&update.whereClause),
            returning: self.returning(&update.returningClause),
        })
    }

    pub(super) fn delete(&self, delete: &raw::DeleteStmt) -> Option<Delete> {
        Some(Delete {
            with: self.optional_with(&delete.withClause),
            relation: self.relation(delete.relation.get()?),
            using: self.items(&delete.usingClause),
            filter: self.optional_expr(&delete.whereClause),
            returning: self.returning(&delete.returningClause),
        })
    }

    pub(super) fn merge(&self, merge: &raw::MergeStmt) -> Option<Merge> {
        let with = self.optional_with(&merge.withClause);
        let relation = self.relation(merge.relation.get()?);
        let source = match merge.sourceRelation.node() {
            Some(source) => self.item(source).value,
            None => FromItem { span: relation.span, kind: FromKind::Opaque },
        };
        Some(Merge {
            with,
            relation,
            source,
            on: self.required_expr(&merge.joinCondition),
            arms: merge.mergeWhenClauses.of().map(|arm| self.merge_arm(arm)).exact(),
            returning: self.returning(&merge.returningClause),
        })
    }

    fn merge_arm(&self, arm: &raw::MergeWhenClause) -> MergeArm {
        MergeArm {
            matched: match arm.matchKind {
                raw::MERGE_WHEN_MATCHED => MergeMatch::Matched,
                raw::MERGE_WHEN_NOT_MATCHED_BY_SOURCE => MergeMatch::NotMatchedBySource,
                _ => MergeMatch::NotMatchedByTarget,
            },
            condition: self.optional_expr(&arm.condition),
            action: match arm.commandType {
                raw::CMD_UPDATE => MergeAction::Update(self.assignments(&arm.targetList)),
                raw::CMD_DELETE => MergeAction::Delete,
                raw::CMD_INSERT => MergeAction::Insert {
                    columns: self.target_columns(&arm.targetList),
                    values: self.exprs(&arm.values),
                },
                _ => MergeAction::Nothing,
            },
        }
    }

    // --- columns and assignments ----------------------------------------------------------------

    fn target_columns(&self, list: &Ptr<raw::List>) -> Vec<TargetColumn> {
        let mut columns = Vec::with_capacity(list.len());
        columns.extend(list.of().map(|column| self.target_column(column)));
        columns
    }

    fn target_column(&self, target: &raw::ResTarget) -> TargetColumn {
        let first = self.at(target.location);
        let name = self.ident(first, target.name.str().unwrap_or_default());
        let (path, end) = self.accessors(&target.indirection, self.name_end(first));
        self.reached(end);
        TargetColumn { name, path }
    }

    fn assignments(&self, list: &Ptr<raw::List>) -> Vec<Assignment> {
        let mut assignments = Vec::with_capacity(list.len());
        assignments.extend(list.of().map(|target| self.assignment(target)));
        assignments
    }

    fn assignment(&self, target: &raw::ResTarget) -> Assignment {
        let column = self.target_column(target);
        let value = match target.val.node() {
            Some(Node::MultiAssignRef(part)) => self.part_of_row(part),
            _ => self.required_expr(&target.val),
        };
        Assignment { column, value }
    }

    /// The value of one column of `(a, b) = …`: its field where a row is written; else the first column has
    /// the whole value, and for the others it is opaque, so that nothing is counted twice.
    fn part_of_row(&self, part: &raw::MultiAssignRef) -> Expr {
        let column = part.colno.max(1) as usize - 1;
        match part.source.node() {
            Some(Node::RowExpr(row)) if row.args.len() == part.ncolumns as usize => {
                let field = row.args.nth(column);
                field.map(|field| self.expr(field)).unwrap_or_else(|| self.required_expr(&part.source))
            }
            Some(source) if column > 0 => {
                let first = self.source_start(source);
                self.place(Extent::new(first, self.after_group(first)), ExprKind::Opaque).value
            }
            _ => self.required_expr(&part.source),
        }
    }

    fn source_start(&self, source: Node) -> usize {
        match source {
            Node::SubLink(source) => self.at(source.location),
            source => self.leftmost(source),
        }
    }

    // --- ON CONFLICT ----------------------------------------------------------------------------

    fn on_conflict(&self, clause: &raw::OnConflictClause) -> OnConflict {
        let target = clause.infer.get().map(|infer| self.conflict_target(infer));
        let update = (clause.action == raw::ONCONFLICT_UPDATE).then(|| ConflictUpdate {
            set: self.assignments(&clause.targetList),
            filter: self.optional_expr(&clause.whereClause),
        });
        OnConflict { target, update }
    }

    fn conflict_target(&self, infer: &raw::InferClause) -> ConflictTarget {
        let first = self.at(infer.location);
        match infer.conname.str() {
            // ON CONSTRAINT name
            Some(name) => ConflictTarget::Constraint(self.ident(first + 2, name)),
            None => ConflictTarget::Columns {
                elements: self.index_elements(&infer.indexElems, self.inside(first)),
                filter: self.optional_expr(&infer.whereClause),
            },
        }
    }
}
