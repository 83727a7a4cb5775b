//! What was found in the schema, by table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::capture::figures::plural;
use crate::finding::Finding;
use crate::lint::Judged;
use crate::source::Sources;

use super::{Escaped, Place, finding};

/// Findings by the table they are about; those about none under the empty name.
pub type Tables<'a> = BTreeMap<String, Vec<&'a Finding>>;

/// Sorts the findings of a run by table.
pub fn by_table(judged: &Judged) -> Tables<'_> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for catalog in &judged.rest.catalogs {
        let end = catalog.end();
        names.extend(end.relations().map(|relation| end.qualified_name(relation.id)));
    }
    let mut tables = Tables::new();
    for finding in &judged.rest.findings {
        tables.entry(table(&names, &finding.subject)).or_default().push(finding);
    }
    tables
}

/// The table in a subject: `public.orders(customer_id)`, `public.orders.customer_id`, `orders "read own orders"`.
fn table(names: &BTreeSet<String>, subject: &str) -> String {
    let mut candidate = subject.split(['(', ' ', '"']).next().unwrap_or_default();
    loop {
        let qualified = if candidate.contains('.') { candidate.to_owned() } else { format!("public.{candidate}") };
        if names.contains(&qualified) {
            return qualified.strip_prefix("public.").map_or(qualified.clone(), str::to_owned);
        }
        match candidate.rsplit_once('.') {
            Some((shorter, _)) => candidate = shorter,
            None => return String::new(),
        }
    }
}

/// Writes the section; nothing where nothing was found.
pub fn write(sources: &Sources, tables: &Tables<'_>, page: &mut String) {
    if tables.is_empty() {
        return;
    }
    page.push_str("<section id=\"schema\" tabindex=\"-1\"><h2>Schema</h2>\n");
    for (table, findings) in tables {
        let name = if table.is_empty() { "other" } else { table };
        let count = plural(findings.len() as f64, "finding");
        let _ = writeln!(
            page,
            "<details open class=\"table\"><summary>{} <span class=\"figure\">{count}</span></summary>",
            Escaped(name)
        );
        for one in findings {
            let _ = write!(page, "<p class=\"place\">{}</p>", Place(sources, one.span));
            finding(sources, one, page);
        }
        page.push_str("</details>\n");
    }
    page.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_name_tables() {
        let names: BTreeSet<String> = ["public.orders", "audit.log"].map(str::to_owned).into();
        let of = |subject: &str| table(&names, subject);
        assert_eq!(of("public.orders(customer_id)"), "orders");
        assert_eq!(of("orders"), "orders");
        assert_eq!(of("public.orders.customer_id"), "orders");
        assert_eq!(of("audit.log \"p\""), "audit.log");
        assert_eq!((of("other"), of("")), (String::new(), String::new()));
    }
}
