//! The columns of the views as servers 14 to 18 have them, for exports without a header.

use std::sync::Arc;

/// A view a line: its name and its columns. `#` marks a number, `?` a boolean, `@` a time.
const VIEWS: &str = include_str!("views.txt");

/// The columns of a row without names; `None` where it is no row of a view as a whole.
pub(super) fn columns_of(cells: &[&str]) -> Option<Arc<[Box<str>]>> {
    let fits = |line: &&str| {
        let columns = line.split(' ').skip(1);
        columns.clone().count() == cells.len() && columns.zip(cells).all(|(column, cell)| is(column, cell))
    };
    let view = VIEWS.lines().find(fits)?;
    Some(view.split(' ').skip(1).map(|column| column.trim_end_matches(['#', '?', '@']).into()).collect())
}

/// Whether a cell may hold what the column does; an empty one is NULL.
fn is(column: &str, cell: &str) -> bool {
    let cell = cell.trim();
    match column.as_bytes().last() {
        _ if cell.is_empty() => true,
        Some(b'#') => cell.parse::<f64>().is_ok(),
        Some(b'?') => matches!(cell, "t" | "f" | "true" | "false"),
        Some(b'@') => cell.starts_with(|c: char| c.is_ascii_digit()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_known_by_how_many_cells_it_has_and_what_they_hold() {
        let row = ["1", "2", "public", "orders", "orders_pkey", "7", "8", "9"];
        let columns = columns_of(&row).expect("a row of pg_stat_user_indexes");
        assert_eq!(columns.last().map(|name| &**name), Some("idx_tup_fetch"));
        assert_eq!(columns_of(&["1", "2", "public", "orders", "orders_pkey", "seven", "8", "9"]), None);
        assert_eq!(columns_of(&["1"]), None);
    }

    #[test]
    fn no_two_views_have_as_many_columns() {
        let mut counts: Vec<usize> = VIEWS.lines().map(|line| line.split(' ').count()).collect();
        let views = counts.len();
        counts.sort_unstable();
        counts.dedup();
        assert!(counts.len() >= views - 1, "pg_settings and pg_stats of 17 alone share a number");
    }
}
