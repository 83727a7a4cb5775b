//! Generates the layouts of PostgreSQL's parse nodes from the headers that the `pg_query` crate ships.
//!
//! The crate exports no raw parse tree, but its static library does. `src/syntax/ffi.rs` reads that
//! tree in place; what is generated here is all it knows of its shape.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use bindgen::{Builder, EnumVariation, Formatter, NonCopyUnionStyle};
use cargo_metadata::{Metadata, MetadataCommand};

const HEADERS: &str = r#"
#include "postgres.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "nodes/primnodes.h"
#include "nodes/parsenodes.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "pg_query.h"
#include "pg_query_internal.h"
"#;

/// Headers whose types are wanted whole.
const NODE_HEADERS: [&str; 3] = ["nodes/value.h", "nodes/primnodes.h", "nodes/parsenodes.h"];

/// Types and constants from elsewhere.
const OTHERS: [&str; 6] = [
    "NodeTag",
    "PG_VERSION_NUM",
    "PgQueryInternalParsetreeAndError",
    "PgQueryParseMode",
    "PARTITION_STRATEGY_.*",
    "TRIGGER_.*",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.lock");
    let library = pg_query_folder()?.join("libpg_query");
    let bindings = generate(&library)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("nodes.rs"), checked_pointers(&bindings)?)?;
    fs::write(out.join("node_types.rs"), node_types(&bindings))?;
    Ok(())
}

/// The folder of the `pg_query` crate that this build links.
fn pg_query_folder() -> Result<PathBuf, Box<dyn Error>> {
    // Without network first: the crate is there, but crates of other platforms may not be.
    let metadata = metadata(&["--offline"]).or_else(|_| metadata(&[]))?;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "pg_query");
    let manifest = &package.ok_or("pg_query is not among the dependencies")?.manifest_path;
    Ok(manifest.parent().ok_or("a manifest lies in a folder")?.into())
}

fn metadata(options: &[&str]) -> Result<Metadata, Box<dyn Error>> {
    let mut all = vec!["--filter-platform".to_owned(), env::var("TARGET")?];
    all.extend(options.iter().map(|&option| option.to_owned()));
    Ok(MetadataCommand::new().manifest_path("Cargo.toml").other_options(all).exec()?)
}

fn generate(library: &Path) -> Result<String, Box<dyn Error>> {
    let mut builder = Builder::default().header_contents("nodes.h", HEADERS).layout_tests(true);
    for include in ["src/postgres/include", "", "src", "src/include", "vendor"] {
        builder = builder.clang_arg(format!("-I{}", library.join(include).display()));
    }
    for header in NODE_HEADERS {
        builder = builder.allowlist_file(format!(".*{header}"));
    }
    for other in OTHERS {
        builder = builder.allowlist_type(other).allowlist_var(other);
    }
    let bindings = builder
        .ignore_functions()
        .default_enum_style(EnumVariation::Consts)
        .prepend_enum_name(false)
        .default_non_copy_union_style(NonCopyUnionStyle::ManuallyDrop)
        .derive_copy(false)
        .derive_debug(false)
        .generate_comments(false)
        .formatter(Formatter::None)
        .generate()?;
    Ok(bindings.to_string())
}

/// How bindgen spells a field that is a pointer when it does not format.
const POINTER: &str = " : * mut ";

/// Makes every pointer of a node a `Ptr`, which only the parser can fill and safe code can follow.
fn checked_pointers(bindings: &str) -> Result<String, Box<dyn Error>> {
    let bindings = bindings.replace(" : * const ", POINTER);
    let mut out = String::with_capacity(bindings.len());
    let mut rest = bindings.as_str();
    while let Some(at) = rest.find(POINTER) {
        out.push_str(&rest[..at]);
        let target = &rest[at + POINTER.len()..];
        let end = target.find([',', ';', ')']).ok_or("a pointer's type ends")?;
        out.push_str(&format!(" : Ptr<{}>", &target[..end]));
        rest = &target[end..];
    }
    out.push_str(rest);
    Ok(out)
}

/// `node_types! { T_A_Expr A_Expr … }`: every tag that has a struct.
fn node_types(bindings: &str) -> String {
    let tags = bindings.split("pub const T_").skip(1).filter_map(|rest| rest.split(" : NodeTag").next());
    let has_struct = |name: &&str| *name != "List" && bindings.contains(&format!("pub struct {name} {{"));
    let pairs: String = tags.filter(has_struct).map(|name| format!("T_{name} {name}\n")).collect();
    format!("node_types! {{\n{pairs}}}\n")
}
