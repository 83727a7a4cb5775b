//! The statement beside its plan: `orders.sql` for `orders.json`, `query.sql` for `plan.json`.

use std::path::{Path, PathBuf};

/// Where the statement of a capture may be, the likelier place first.
pub fn candidates(capture: &Path) -> Vec<PathBuf> {
    let name = capture.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut found = Vec::new();
    // `orders.pg17.json` may be explained by `orders.pg17.sql` or `orders.sql`.
    let mut stem = name.as_str();
    while let Some((shorter, _)) = stem.rsplit_once('.').filter(|(shorter, _)| !shorter.is_empty()) {
        found.push(capture.with_file_name(format!("{shorter}.sql")));
        stem = shorter;
    }
    if let Some(query) = stem.strip_suffix("_plan").or(stem.strip_suffix("-plan")) {
        found.push(capture.with_file_name(format!("{query}.sql")));
    }
    if matches!(stem.to_ascii_lowercase().as_str(), "plan" | "explain" | "output" | "result") {
        found.push(capture.with_file_name("query.sql"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(capture: &str) -> Vec<String> {
        let names = candidates(Path::new(capture)).into_iter();
        names.map(|path| path.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn statements_lie_beside_their_plans() {
        assert_eq!(names("/p/orders.json"), ["/p/orders.sql"]);
        assert_eq!(names("/p/orders.pg17.json"), ["/p/orders.pg17.sql", "/p/orders.sql"]);
        assert_eq!(names("/p/orders_plan.txt"), ["/p/orders_plan.sql", "/p/orders.sql"]);
        assert_eq!(names("/p/a/plan.json"), ["/p/a/plan.sql", "/p/a/query.sql"]);
        assert_eq!(names("/p/.json"), [""; 0]);
    }
}
