//! Which capture of one folder is about the same query as which one of the other.

use rustc_hash::FxHashMap;

use crate::lint::JudgedPlan;

use super::normal;

/// A plan to be paired.
#[derive(Clone)]
pub struct Paired<'a> {
    /// What it is called: its file seen from the folder that was named, with a number where the file holds several.
    pub name: String,
    /// The plan.
    pub plan: &'a JudgedPlan,
}

/// The pairs in the order of the second list, then those of each list that stay alone.
pub fn pair<'a>(
    before: Vec<Paired<'a>>,
    after: Vec<Paired<'a>>,
) -> (Vec<(Paired<'a>, Paired<'a>)>, [Vec<Paired<'a>>; 2]) {
    // Two single plans are what was asked about, whatever they say.
    if before.len() == 1 && after.len() == 1 {
        return (before.into_iter().zip(after).collect(), [Vec::new(), Vec::new()]);
    }
    let mut before: Vec<Option<Paired<'a>>> = before.into_iter().map(Some).collect();
    let mut partners: Vec<Option<Paired<'a>>> = vec![None; after.len()];
    for key in [by_query_and_name, by_query, by_name, by_identifier] {
        let mut free: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, one) in before.iter().enumerate().rev() {
            if let Some(key) = one.as_ref().and_then(key) {
                free.entry(key).or_default().push(at);
            }
        }
        for (partner, other) in partners.iter_mut().zip(&after).filter(|(partner, _)| partner.is_none()) {
            let found = key(other).and_then(|key| free.get_mut(&key)?.pop());
            *partner = found.and_then(|at| before[at].take());
        }
    }
    let mut pairs = Vec::new();
    let mut alone = Vec::new();
    for (partner, other) in partners.into_iter().zip(after) {
        match partner {
            Some(one) => pairs.push((one, other)),
            None => alone.push(other),
        }
    }
    (pairs, [before.into_iter().flatten().collect(), alone])
}

fn by_query(one: &Paired<'_>) -> Option<String> {
    one.plan.plan.query.as_ref().map(|query| normal::query(&query.text))
}

fn by_query_and_name(one: &Paired<'_>) -> Option<String> {
    Some(format!("{}\n{}", by_name(one)?, by_query(one)?))
}

/// The name without its extension: before it was JSON, after it is a log.
fn by_name(one: &Paired<'_>) -> Option<String> {
    let (folder, file) = one.name.rsplit_once('/').unwrap_or(("", &one.name));
    let stem = file.split('.').next().unwrap_or(file);
    let number = file.rsplit_once('#').map_or("", |(_, number)| number);
    Some(format!("{folder}/{stem}#{number}"))
}

fn by_identifier(one: &Paired<'_>) -> Option<String> {
    one.plan.plan.query_identifier.map(|identifier| identifier.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Query;
    use crate::capture::tests::plans;
    use crate::source::Span;

    fn plan(query: Option<&str>) -> JudgedPlan {
        let mut plan = plans("[{\"Plan\": {\"Node Type\": \"Result\"}}]").remove(0);
        plan.query = query.map(|text| Query { text: text.into(), span: Span::NONE, parameters: None });
        JudgedPlan { plan, findings: Vec::new() }
    }

    #[test]
    fn plans_are_paired_by_query_then_by_name() {
        let [one, two, three, four] = [Some("select 1"), Some("select a from t"), None, None].map(plan);
        let named = |name: &str, plan| Paired { name: name.to_owned(), plan };
        let before = vec![named("a.json", &one), named("b.json", &two), named("c.json", &three)];
        let [second, first, third, other] = [Some("SELECT a\nFROM t"), Some("select 2"), None, None].map(|it| plan(it));
        let after =
            vec![named("a.json", &second), named("b.json", &first), named("c.txt", &third), named("d.json", &other)];
        let (pairs, alone) = pair(before, after);
        let names: Vec<String> = pairs.iter().map(|(one, other)| format!("{} {}", one.name, other.name)).collect();
        assert_eq!(names, ["b.json a.json", "a.json b.json", "c.json c.txt"]);
        assert_eq!((alone[0].len(), alone[1].len()), (0, 1));
        let (pairs, _) = pair(vec![named("x.json", &three)], vec![named("y.json", &four)]);
        assert_eq!(pairs.len(), 1);
    }
}
