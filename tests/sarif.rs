//! The SARIF report against the part of the 2.1.0 schema that it uses, and the JSON against its document.

use std::fs;

use libtest_mimic::{Failed, Trial};
use pglint::report::Format;
use serde_json::Value;

use crate::support;

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("sarif is valid", is_valid),
        Trial::test("sarif counts columns in UTF-16", columns_are_utf16),
        Trial::test("sarif and json keep fingerprints when lines shift", fingerprints_stay),
        Trial::test("gitlab has the fields that GitLab reads", gitlab_fields),
        Trial::test("github escapes its commands", github_escapes),
        Trial::test("junit is well-formed", junit_is_well_formed),
        Trial::test("json says what docs/json.md says", json_is_documented),
    ]
}

/// A file whose findings have everything that a report must not stumble over.
const HARD: &str = "select '<&>\"é🚀%', a b c;\r\ncreate tabel \"x\"\"\n,:y\" ();\n";

fn demo(format: Format) -> String {
    let folder = support::root().join("testdata/projects/demo");
    support::in_format(&support::lint_paths(&folder, &["."], None), format)
}

fn hard(format: Format) -> String {
    let folder = support::folder(&[("a b/1_é%,:.sql", HARD.as_bytes())]);
    support::in_format(&support::lint_paths(folder.path(), &["."], None), format)
}

fn is_valid() -> Result<(), Failed> {
    let schema: Value = serde_json::from_str(&fs::read_to_string(support::root().join("testdata/sarif/schema.json"))?)?;
    for text in [demo(Format::Sarif), hard(Format::Sarif)] {
        let report: Value = serde_json::from_str(&text)?;
        validate(&schema, &schema, &report, "$")?;
        let results = report["runs"][0]["results"].as_array().ok_or("no results")?;
        if results.is_empty() {
            return Err("nothing was found".into());
        }
        let rules = &report["runs"][0]["tool"]["driver"]["rules"];
        for result in results {
            let index = result["ruleIndex"].as_u64().ok_or("no ruleIndex")? as usize;
            if rules[index]["id"] != result["ruleId"] {
                return Err(format!("ruleIndex {index} is not {}", result["ruleId"]).into());
            }
        }
    }
    Ok(())
}

/// Checks a value against the few words of JSON Schema that the file uses.
fn validate(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), Failed> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = name.trim_start_matches('#');
        return validate(root, root.pointer(target).ok_or("a dangling reference")?, value, at);
    }
    let is_type = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        _ => false,
    };
    if schema["type"].as_str().is_some_and(|name| !is_type(name)) {
        return Err(format!("{at} is no {}: {value}", schema["type"]).into());
    }
    if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
        return Err(format!("{at} is none of {}: {value}", schema["enum"]).into());
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_i64(), value.as_i64())
        && number < least
    {
        return Err(format!("{at} is less than {least}: {number}").into());
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            return Err(format!("{at} has no {key}").into());
        }
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        let properties = &schema["properties"];
        let inner = properties
            .get(key)
            .or_else(|| schema["additionalProperties"].as_object().map(|_| &schema["additionalProperties"]));
        match inner {
            Some(inner) => validate(root, inner, member, &format!("{at}.{key}"))?,
            None if schema["additionalProperties"] == false => return Err(format!("{at} may not have {key}").into()),
            None => {}
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(root, &schema["items"], item, &format!("{at}[{number}]"))?;
    }
    Ok(())
}

fn columns_are_utf16() -> Result<(), Failed> {
    let folder = support::folder(&[("1_a.sql", "select 'é🚀', a b c;".as_bytes())]);
    let report: Value =
        serde_json::from_str(&support::in_format(&support::lint_paths(folder.path(), &["."], None), Format::Sarif))?;
    let region = &report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    if region["startColumn"] == 19 { Ok(()) } else { Err(format!("starts at {region}").into()) }
}

fn fingerprints_stay() -> Result<(), Failed> {
    let fingerprints = |text: &str| -> Result<Vec<Value>, Failed> {
        let folder = support::folder(&[("1_a.sql", text.as_bytes())]);
        let linted = support::lint_paths(folder.path(), &["."], None);
        let json: Value = serde_json::from_str(&support::in_format(&linted, Format::Json))?;
        let sarif: Value = serde_json::from_str(&support::in_format(&linted, Format::Sarif))?;
        let findings = json["findings"].as_array().ok_or("no findings")?;
        let results = sarif["runs"][0]["results"].as_array().ok_or("no results")?;
        let ours = findings.iter().map(|finding| finding["fingerprint"].clone());
        Ok(ours.chain(results.iter().map(|result| result["partialFingerprints"]["pglint/v1"].clone())).collect())
    };
    let before = fingerprints("select a b c;\nselect d e f;\nselect a b c;\n")?;
    let after = fingerprints("-- a line\n\nselect 1;\nselect a b c;\nselect d e f;\nselect a b c;\n")?;
    let mut distinct = before[..before.len() / 2].to_vec();
    distinct.sort_by_key(Value::to_string);
    distinct.dedup();
    if before == after && distinct.len() == 3 { Ok(()) } else { Err(format!("{before:?}\n{after:?}").into()) }
}

fn gitlab_fields() -> Result<(), Failed> {
    let issues: Vec<Value> = serde_json::from_str(&demo(Format::Gitlab))?;
    let known = ["info", "minor", "major", "critical", "blocker"];
    for issue in &issues {
        let strings =
            ["description", "check_name", "fingerprint", "severity"].iter().all(|key| issue[*key].is_string());
        let place = issue["location"]["path"].is_string() && issue["location"]["lines"]["begin"].is_u64();
        let severity = known.contains(&issue["severity"].as_str().unwrap_or(""));
        if !(strings && place && severity) {
            return Err(format!("{issue}").into());
        }
    }
    if issues.is_empty() { Err("nothing was found".into()) } else { Ok(()) }
}

fn github_escapes() -> Result<(), Failed> {
    let text = hard(Format::Github);
    let first = text.lines().next().unwrap_or("");
    let properties = "::error file=a b/1_é%25%2C%3A.sql,line=1,col=";
    let commands = text.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning "));
    if first.starts_with(properties) && commands { Ok(()) } else { Err(text.into()) }
}

/// Enough of XML to see that tags are closed in order and nothing unescaped stands between them.
fn junit_is_well_formed() -> Result<(), Failed> {
    for text in [demo(Format::Junit), hard(Format::Junit)] {
        let mut open: Vec<&str> = Vec::new();
        let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").ok_or("no declaration")?;
        for piece in body.split('<').skip(1) {
            let (tag, after) = piece.split_once('>').ok_or_else(|| format!("a bare < in {piece}"))?;
            if after.contains('>') {
                return Err(format!("a bare > in {after}").into());
            }
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
            if tag.starts_with('/') {
                if open.pop() != Some(name) {
                    return Err(format!("{name} is closed out of order").into());
                }
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        if !open.is_empty() {
            return Err(format!("never closed: {open:?}").into());
        }
    }
    Ok(())
}

fn json_is_documented() -> Result<(), Failed> {
    let document = fs::read_to_string(support::root().join("docs/json.md"))?;
    let report: Value = serde_json::from_str(&demo(Format::Json))?;
    let mut missing: Vec<String> = Vec::new();
    let mut keys = |value: &Value| {
        let names = value.as_object().into_iter().flatten().map(|(key, _)| key.clone());
        missing.extend(
            names.filter(|key| !document.contains(&format!("`{key}`")) && !document.contains(&format!("\"{key}\""))),
        );
    };
    keys(&report);
    keys(&report["summary"]);
    for finding in report["findings"].as_array().into_iter().flatten() {
        keys(finding);
        keys(&finding["start"]);
        for fix in finding["fixes"].as_array().into_iter().flatten() {
            keys(fix);
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("docs/json.md does not mention {missing:?}").into()) }
}
