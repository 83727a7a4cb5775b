//! PostgreSQL's raw parse trees, read in place. The only module with `unsafe`.
//!
//! What makes it sound:
//!
//! 1. A [`RawTree`] owns the memory context that its nodes were allocated in. Every reference to a
//!    node borrows from it, and nothing frees or moves a node before the tree is dropped.
//! 2. Nodes are made by the C parser alone and are never written afterwards. Safe code can neither
//!    build nor copy a [`Ptr`], so each one it meets is a field of a live node.
//! 3. A node pointer is null or points to a node whose first field is its tag. The tag is read
//!    before a pointer is given a type, so a wrong expectation yields `None`, never a wrong read.
//! 4. Layouts and tags come from the headers of the very library that is linked (`build.rs`), whose
//!    version is pinned in `Cargo.toml` and checked by a test below.
//! 5. The parser's state is thread-local: a tree is not `Send`, and a thread holds at most one.
#![allow(unsafe_code, reason = "the C parser's nodes are read in place; the invariants are above")]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr;

use pg_query as _; // brings in the static library

/// The structs as the headers have them.
pub(super) mod raw {
    #![allow(warnings, clippy::all, clippy::pedantic, reason = "generated")]
    use super::Ptr;
    include!(concat!(env!("OUT_DIR"), "/nodes.rs"));
}

unsafe extern "C" {
    fn pg_query_enter_memory_context() -> *mut c_void;
    fn pg_query_exit_memory_context(context: *mut c_void);
    fn pg_query_raw_parse(input: *const c_char, options: c_int) -> raw::PgQueryInternalParsetreeAndError;
    fn pg_query_free_error(error: *mut raw::PgQueryError);
    fn free(memory: *mut c_void);
}

/// What a text is parsed as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ParseMode {
    /// A list of statements.
    Statements,
    /// The name of a type.
    TypeName,
    /// What PL/pgSQL calls an expression: anything that may follow SELECT.
    Expression,
}

/// Why a text was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// The server's message.
    pub message: String,
    /// The byte of the text that it points at; the text's length for its end.
    pub offset: usize,
}

/// A pointer in a node. Only the parser makes one.
#[repr(transparent)]
pub(super) struct Ptr<T>(*mut T);

/// A struct that starts with its tag.
///
/// # Safety
/// `TAG` is the tag that the parser gives to this struct and to no other.
pub(super) unsafe trait NodeType: 'static {
    const TAG: raw::NodeTag;
}

macro_rules! node_types {
    ($($tag:ident $name:ident)*) => {
        /// A node by its type.
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, dead_code, reason = "named as in PostgreSQL, and all of them")]
        pub(super) enum Node<'t> {
            $($name(&'t raw::$name),)*
            List(&'t raw::List),
            /// A tag without a struct of its own.
            Other(raw::NodeTag),
        }

        $(
            // SAFETY: tag and struct have one name in PostgreSQL.
            unsafe impl NodeType for raw::$name {
                const TAG: raw::NodeTag = raw::$tag;
            }
        )*

        impl<'t> Node<'t> {
            /// PostgreSQL's name of its type.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Node::$name(_) => stringify!($name),)*
                    Node::List(_) => "List",
                    Node::Other(_) => "",
                }
            }

            /// # Safety
            /// `node` points to a node that lives for `'t`.
            #[inline]
            unsafe fn from_raw(node: *const raw::NodeTag) -> Node<'t> {
                // SAFETY: a node starts with its tag, and the tag says which struct it is.
                unsafe {
                    match *node {
                        $(raw::$tag => Node::$name(&*node.cast()),)*
                        raw::T_List => Node::List(&*node.cast()),
                        other => Node::Other(other),
                    }
                }
            }
        }
    };
}
include!(concat!(env!("OUT_DIR"), "/node_types.rs"));

impl<T> Ptr<T> {
    /// Whether nothing is there.
    pub(super) fn is_null(&self) -> bool {
        self.0.is_null()
    }
}

impl<T: NodeType> Ptr<T> {
    /// The node; `None` where nothing is written.
    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        // SAFETY: invariants 1 to 3.
        unsafe { (!self.0.is_null() && *self.0.cast::<raw::NodeTag>() == T::TAG).then(|| &*self.0) }
    }
}

/// Marks the two structs that stand for a node of any type.
pub(super) trait AnyNode {}
impl AnyNode for raw::Node {}
impl AnyNode for raw::Expr {}

impl<T: AnyNode> Ptr<T> {
    /// The node by its type; `None` where nothing is written.
    #[inline]
    pub(super) fn node(&self) -> Option<Node<'_>> {
        // SAFETY: invariants 1 to 3.
        unsafe { (!self.0.is_null()).then(|| Node::from_raw(self.0.cast())) }
    }
}

impl Ptr<c_char> {
    /// The text; `None` where nothing is written.
    #[inline]
    pub(super) fn str(&self) -> Option<&str> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: the parser's strings end with a NUL and live as long as the node (invariant 1).
        unsafe { CStr::from_ptr(self.0) }.to_str().ok()
    }
}

impl Ptr<raw::List> {
    /// The list; an empty one is no list at all.
    #[inline]
    pub(super) fn list(&self) -> Option<&raw::List> {
        // SAFETY: invariants 1 to 3.
        unsafe { (!self.0.is_null() && *self.0.cast::<raw::NodeTag>() == raw::T_List).then(|| &*self.0) }
    }

    fn cells(&self) -> Cells<'_> {
        self.list().map_or(&[], raw::List::cells)
    }

    /// How many elements there are, absent ones included.
    pub(super) fn len(&self) -> usize {
        self.cells().len()
    }

    /// Whether nothing is written.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_null()
    }

    /// The elements that are there.
    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = Node<'_>> + Clone + '_ {
        nodes(self.cells())
    }

    /// The element at an index, if it is there.
    pub(super) fn nth(&self, index: usize) -> Option<Node<'_>> {
        self.cells().get(index).and_then(|&cell| node(cell))
    }

    /// The elements of one type; others are left out.
    pub(super) fn of<T: NodeType>(&self) -> impl DoubleEndedIterator<Item = &T> + Clone + '_ {
        nodes_of(self.cells())
    }

    /// The texts of a list of `String` nodes.
    pub(super) fn strings(&self) -> impl DoubleEndedIterator<Item = &str> + Clone + '_ {
        strings(self.cells())
    }
}

impl raw::List {
    /// How many elements there are, absent ones included.
    pub(super) fn len(&self) -> usize {
        self.length.max(0) as usize
    }

    #[inline]
    fn cells(&self) -> Cells<'_> {
        if self.type_ != raw::T_List {
            return &[];
        }
        // SAFETY: `elements` holds `length` cells, and those of a `T_List` are node pointers.
        unsafe { std::slice::from_raw_parts(self.elements.0.cast_const().cast(), self.len()) }
    }

    /// Every element; `None` for one that is absent (as in `OPERATOR + (NONE, integer)`).
    pub(super) fn slots(&self) -> impl DoubleEndedIterator<Item = Option<Node<'_>>> + Clone + '_ {
        self.cells().iter().map(|&cell| node(cell))
    }

    /// The elements that are there.
    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = Node<'_>> + Clone + '_ {
        nodes(self.cells())
    }

    /// The elements of one type; others are left out.
    pub(super) fn of<T: NodeType>(&self) -> impl DoubleEndedIterator<Item = &T> + Clone + '_ {
        nodes_of(self.cells())
    }

    /// The texts of a list of `String` nodes.
    pub(super) fn strings(&self) -> impl DoubleEndedIterator<Item = &str> + Clone + '_ {
        strings(self.cells())
    }
}

type Cells<'t> = &'t [*const raw::NodeTag];

/// `cell` is one of [`raw::List::cells`]; there is no other way to come by one.
fn node<'t>(cell: *const raw::NodeTag) -> Option<Node<'t>> {
    // SAFETY: invariants 1 to 3.
    unsafe { (!cell.is_null()).then(|| Node::from_raw(cell)) }
}

fn nodes<'t>(cells: Cells<'t>) -> impl DoubleEndedIterator<Item = Node<'t>> + Clone + 't {
    cells.iter().filter_map(|&cell| node(cell))
}

fn nodes_of<T: NodeType>(cells: Cells<'_>) -> impl DoubleEndedIterator<Item = &T> + Clone + '_ {
    // SAFETY: invariants 1 to 3.
    cells.iter().filter_map(|&cell| unsafe { (!cell.is_null() && *cell == T::TAG).then(|| &*cell.cast::<T>()) })
}

fn strings(cells: Cells<'_>) -> impl DoubleEndedIterator<Item = &str> + Clone + '_ {
    nodes_of::<raw::String>(cells).filter_map(|string| string.sval.str())
}

/// What an `A_Const` holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Literal<'t> {
    Null,
    Integer(i32),
    Float(&'t str),
    Boolean(bool),
    String(&'t str),
    BitString(&'t str),
}

impl raw::A_Const {
    /// The constant.
    pub(super) fn value(&self) -> Literal<'_> {
        if self.isnull {
            return Literal::Null;
        }
        // SAFETY: the union holds one of the value nodes, each of which starts with its tag.
        match unsafe { Node::from_raw(ptr::from_ref(&self.val).cast()) } {
            Node::Integer(value) => Literal::Integer(value.ival),
            Node::Float(value) => Literal::Float(value.fval.str().unwrap_or_default()),
            Node::Boolean(value) => Literal::Boolean(value.boolval),
            Node::String(value) => Literal::String(value.sval.str().unwrap_or_default()),
            Node::BitString(value) => Literal::BitString(value.bsval.str().unwrap_or_default()),
            _ => Literal::Null,
        }
    }
}

thread_local! {
    static HOLDS_A_TREE: Cell<bool> = const { Cell::new(false) };
}

/// The memory that the parser allocates in, freed on drop.
struct Context {
    memory: *mut c_void,
    not_send: PhantomData<*mut ()>,
}

impl Context {
    fn enter() -> Context {
        assert!(!HOLDS_A_TREE.replace(true), "a thread holds one parse tree at a time");
        // SAFETY: no other context of the library is current on this thread.
        Context { memory: unsafe { pg_query_enter_memory_context() }, not_send: PhantomData }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: entered once on this thread, left once, and no node outlives it (invariant 1).
        unsafe { pg_query_exit_memory_context(self.memory) };
        HOLDS_A_TREE.set(false);
    }
}

/// A parse tree.
pub(super) struct RawTree {
    list: Ptr<raw::List>,
    _context: Context,
}

impl RawTree {
    /// The parsed statements, or the one type in [`ParseMode::TypeName`].
    pub(super) fn roots(&self) -> &Ptr<raw::List> {
        &self.list
    }
}

/// Parses a text as a whole.
pub(super) fn parse(text: &str, mode: ParseMode) -> Result<RawTree, ParseError> {
    let input = CString::new(text).map_err(|nul| ParseError {
        message: "NUL is not allowed in a query".to_owned(),
        offset: nul.nul_position(),
    })?;
    let options = match mode {
        ParseMode::Statements => raw::PG_QUERY_PARSE_DEFAULT,
        ParseMode::TypeName => raw::PG_QUERY_PARSE_TYPE_NAME,
        ParseMode::Expression => raw::PG_QUERY_PARSE_PLPGSQL_EXPR,
    };
    let context = Context::enter();
    // SAFETY: the input ends with a NUL, and a context is entered. Errors come back as values.
    let result = unsafe { pg_query_raw_parse(input.as_ptr(), options as c_int) };
    // SAFETY: allocated with malloc, null on an error, and of no use here.
    unsafe { free(result.stderr_buffer.0.cast()) };
    if result.error.is_null() {
        return Ok(RawTree { list: result.tree, _context: context });
    }
    // SAFETY: a non-null error is complete and ours to free, once.
    let error = unsafe {
        let error = &*result.error.0;
        let message = CStr::from_ptr(error.message.0).to_string_lossy().into_owned();
        let found = ParseError { message, offset: byte_offset(text, error.cursorpos) };
        pg_query_free_error(result.error.0);
        found
    };
    Err(error)
}

/// The parser counts characters from 1; 0 means that it does not know.
fn byte_offset(text: &str, cursor: c_int) -> usize {
    let characters = usize::try_from(cursor).unwrap_or_default().saturating_sub(1);
    if text.is_ascii() {
        return characters.min(text.len());
    }
    text.char_indices().nth(characters).map_or(text.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_those_of_the_pinned_library() {
        assert_eq!(raw::PG_VERSION_NUM, 180_006);
        let tree = parse("select a.b from t", ParseMode::Statements).unwrap();
        let statement = tree.roots().of::<raw::RawStmt>().next().unwrap();
        let Some(Node::SelectStmt(select)) = statement.stmt.node() else { panic!("a SELECT") };
        let target = select.targetList.of::<raw::ResTarget>().next().unwrap();
        let Some(Node::ColumnRef(column)) = target.val.node() else { panic!("a column") };
        assert_eq!(column.fields.strings().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(column.location, 7);
    }

    #[test]
    fn errors_point_at_bytes() {
        let error = parse("select 'é' é é", ParseMode::Statements).err().unwrap();
        assert_eq!((error.message.as_str(), error.offset), ("syntax error at or near \"é\"", 15));
        assert_eq!(parse("select 1\0", ParseMode::Statements).err().unwrap().offset, 8);
        assert_eq!(parse("select (", ParseMode::Statements).err().unwrap().offset, 8);
    }

    #[test]
    fn a_wrong_expectation_finds_nothing() {
        let tree = parse("int[]", ParseMode::TypeName).unwrap();
        assert_eq!(tree.roots().of::<raw::RawStmt>().count(), 0);
        assert_eq!(tree.roots().of::<raw::TypeName>().count(), 1);
    }

    #[test]
    fn a_tree_is_freed_when_its_reader_panics() {
        let caught = std::panic::catch_unwind(|| {
            let _tree = parse("select 1", ParseMode::Statements);
            panic!("a reader");
        });
        assert!(caught.is_err());
        assert!(parse("select 1", ParseMode::Statements).is_ok());
    }
}
