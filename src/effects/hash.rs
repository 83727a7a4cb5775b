//! The partition of a hash-partitioned table that takes a value: the server's own hash functions.

/// HASH_PARTITION_SEED.
const SEED: u64 = 0x7A5B_2236_7996_DCFD;

/// A value of a type whose hash is known.
pub(super) enum Hashed<'a> {
    /// All integer types.
    Integer(i64),
    /// text and varchar.
    Text(&'a str),
    /// NULL does not count.
    Null,
}

/// Whether a row with this key goes to a partition (satisfies_hash_partition).
pub(super) fn satisfies(key: &[Hashed<'_>], modulus: u64, remainder: u64) -> bool {
    let row = key.iter().fold(0, |row, value| match value {
        Hashed::Integer(value) => combine(row, hash_integer(*value)),
        Hashed::Text(text) => combine(row, hash_bytes(text.as_bytes())),
        Hashed::Null => row,
    });
    modulus > 0 && row % modulus == remainder
}

/// hash_combine64.
fn combine(row: u64, value: u64) -> u64 {
    let mixed = value.wrapping_add(0x49a0_f4dd_15e5_a8e3).wrapping_add(row << 54).wrapping_add(row >> 7);
    row ^ mixed
}

/// hashint8extended, which agrees with those of the smaller types.
fn hash_integer(value: i64) -> u64 {
    let high = (value >> 32) as u32;
    let low = (value as u32) ^ (if value >= 0 { high } else { !high });
    let mut state = State::new(4);
    state.a = state.a.wrapping_add(low);
    state.finish()
}

/// hash_bytes_extended.
fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = State::new(bytes.len() as u32);
    let mut chunks = bytes.chunks_exact(12);
    for chunk in &mut chunks {
        state.add(word(&chunk[..4]), word(&chunk[4..8]), word(&chunk[8..]));
        state.mix();
    }
    let rest = chunks.remainder();
    let part = |from: usize, to: usize| word(rest.get(from..to.min(rest.len())).unwrap_or_default());
    // The lowest byte of the last word is the length's.
    state.add(part(0, 4), part(4, 8), part(8, 11) << 8);
    state.finish()
}

/// Up to four bytes, the lowest first.
fn word(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |word, &byte| (word << 8) | u32::from(byte))
}

/// Bob Jenkins' lookup3.
struct State {
    a: u32,
    b: u32,
    c: u32,
}

impl State {
    fn new(len: u32) -> State {
        let start = 0x9e37_79b9_u32.wrapping_add(len).wrapping_add(3_923_095);
        let mut state = State { a: start, b: start, c: start };
        state.add((SEED >> 32) as u32, SEED as u32, 0);
        state.mix();
        state
    }

    fn add(&mut self, a: u32, b: u32, c: u32) {
        self.a = self.a.wrapping_add(a);
        self.b = self.b.wrapping_add(b);
        self.c = self.c.wrapping_add(c);
    }

    fn mix(&mut self) {
        for [first, second, third] in [[4, 6, 8], [16, 19, 4]] {
            self.a = self.a.wrapping_sub(self.c) ^ self.c.rotate_left(first);
            self.c = self.c.wrapping_add(self.b);
            self.b = self.b.wrapping_sub(self.a) ^ self.a.rotate_left(second);
            self.a = self.a.wrapping_add(self.c);
            self.c = self.c.wrapping_sub(self.b) ^ self.b.rotate_left(third);
            self.b = self.b.wrapping_add(self.a);
        }
    }

    fn finish(mut self) -> u64 {
        let scramble = |x: u32, y: u32, by: u32| (x ^ y).wrapping_sub(y.rotate_left(by));
        self.c = scramble(self.c, self.b, 14);
        self.a = scramble(self.a, self.c, 11);
        self.b = scramble(self.b, self.a, 25);
        self.c = scramble(self.c, self.b, 16);
        self.a = scramble(self.a, self.c, 4);
        self.b = scramble(self.b, self.a, 14);
        self.c = scramble(self.c, self.b, 24);
        (u64::from(self.b) << 32) | u64::from(self.c)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hashed, satisfies};

    fn of_four(key: &[Hashed<'_>]) -> Option<u64> {
        (0..4).find(|&remainder| satisfies(key, 4, remainder))
    }

    #[test]
    fn rows_go_where_the_server_sends_them() {
        let integers = [1, 2, 3, 4, 5, 6, 7, -1, 5_000_000_000];
        let found: Vec<_> = integers.iter().filter_map(|&it| of_four(&[Hashed::Integer(it)])).collect();
        assert_eq!(found, [0, 2, 1, 3, 1, 3, 3, 1, 0]);
        let texts =
            ["", "a", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghijk", "abcdefghijklm", "Grüße an alle dort"];
        let found: Vec<_> = texts.iter().filter_map(|it| of_four(&[Hashed::Text(it)])).collect();
        assert_eq!(found, [2, 2, 1, 1, 1, 1, 3, 2, 1]);
        assert_eq!(of_four(&[Hashed::Integer(7), Hashed::Null, Hashed::Text("x")]), Some(2));
    }
}
