//! Statements other than queries.

use super::*;

impl Converter<'_> {
    /// A statement that is no query and takes exactly these tokens.
    pub(super) fn utility(&self, node: Node, _at: Extent) -> StatementKind {
        StatementKind::Other { tag: node.name() }
    }
}
