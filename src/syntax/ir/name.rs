//! Interned identifiers.

use std::borrow::{Borrow, Cow};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::{FxHashSet, FxHasher};

/// An interned identifier as the server sees it: case already folded, quotes removed, 63 bytes at most.
///
/// One pointer, compared as one; a text has one entry, which stays until the program ends. The order is
/// that of the texts, and the hash comes from the text: neither depends on where memory happens to be.
#[derive(Clone, Copy)]
pub struct Name(&'static Entry);

struct Entry {
    hash: u64,
    text: Box<str>,
}

/// An entry, looked up by its text.
struct ByText(&'static Entry);

/// The table is cut into parts, so that threads seldom wait for each other.
const PARTS: usize = 32;

type Part = Mutex<FxHashSet<ByText>>;

static TABLE: LazyLock<[Part; PARTS]> = LazyLock::new(|| std::array::from_fn(|_| Part::default()));

/// How many names each thread keeps at hand. A file uses few names often, and the table is shared.
const RECENT_NAMES: usize = 4096;

thread_local! {
    static RECENT: [Cell<Option<Name>>; RECENT_NAMES] = const { [const { Cell::new(None) }; RECENT_NAMES] };
}

/// The longest name, in bytes (NAMEDATALEN - 1).
pub const LONGEST_NAME: usize = 63;

/// At most `length` bytes of a text, cut between characters, as the server shortens names.
pub fn clip(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

/// The name of a text.
pub fn intern(text: &str) -> Name {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    let hash = hasher.finish();
    RECENT.with(|recent| {
        let slot = &recent[hash as usize % RECENT_NAMES];
        match slot.get() {
            Some(name) if name.as_str() == text => name,
            _ => {
                let name = from_table(text, hash);
                slot.set(Some(name));
                name
            }
        }
    })
}

fn from_table(text: &str, hash: u64) -> Name {
    let part = &TABLE[(hash >> 32) as usize % PARTS];
    // A panic elsewhere leaves a set that is whole.
    let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = part.get(text) {
        return Name(found.0);
    }
    let entry: &'static Entry = Box::leak(Box::new(Entry { hash, text: text.into() }));
    part.insert(ByText(entry));
    Name(entry)
}

impl Name {
    /// The text.
    #[inline]
    pub fn as_str(&self) -> &'static str {
        &self.0.text
    }
}

impl Hash for ByText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
    }
}

impl PartialEq for ByText {
    fn eq(&self, other: &ByText) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for ByText {}

impl Borrow<str> for ByText {
    fn borrow(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Name) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        if self == other { Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Default for Name {
    /// The empty name.
    fn default() -> Name {
        intern("")
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<T: AsRef<str> + ?Sized> From<&T> for Name {
    fn from(text: &T) -> Name {
        intern(text.as_ref())
    }
}

impl From<String> for Name {
    fn from(text: String) -> Name {
        intern(&text)
    }
}

impl From<Cow<'_, str>> for Name {
    fn from(text: Cow<'_, str>) -> Name {
        intern(&text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_name_in_all_threads() {
        let here: Vec<Name> = (0..10_000).map(|number| Name::from(format!("name {number}"))).collect();
        let there = std::thread::spawn(|| (0..10_000).map(|number| Name::from(format!("name {number}"))).collect());
        let there: Vec<Name> = there.join().unwrap();
        assert_eq!(here, there);
        assert_ne!(here[0], here[1]);
        assert_eq!(here[7], "name 7");
    }

    #[test]
    fn names_sort_as_their_texts() {
        let mut names = ["b", "a", "", "aa"].map(Name::from);
        names.sort_unstable();
        assert_eq!(names, ["", "a", "aa", "b"].map(Name::from));
        assert_eq!(Name::default(), Name::from(""));
    }
}
