//! Comparing names as people count: `9_a` before `10_b`.

use std::cmp::Ordering;

/// Compares two names; runs of digits compare as numbers.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let (Some(&first), Some(&second)) = (a.first(), b.first()) {
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (left, right) = (number(&mut a), number(&mut b));
            left.len().cmp(&right.len()).then_with(|| left.cmp(right))
        } else {
            (a, b) = (&a[1..], &b[1..]);
            first.cmp(&second)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// Takes the leading digits off; what comes back has no leading zeros.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, rest) = text.split_at(digits);
    *text = rest;
    let zeros = head.iter().take_while(|&&byte| byte == b'0').count();
    &head[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_compare_as_numbers() {
        assert_eq!(compare("9_a", "10_b"), Ordering::Less);
        assert_eq!(compare("010", "9"), Ordering::Greater);
        assert_eq!(compare("a", "a1"), Ordering::Less);
        assert_eq!(compare("v1.2", "v1.10"), Ordering::Less);
    }
}
