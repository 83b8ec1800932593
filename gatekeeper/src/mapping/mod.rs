//! The mapping file: which rows of an existing SQL schema are which FHIR R4 resources.
//!
//! The format is specified in `docs/mapping.md`. A file that parses is safe to generate SQL from: every name that will stand in
//! SQL is a checked identifier, everything else will be a bound parameter; and every element path is one of FHIR R4's.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

mod check;
mod elements;
pub mod errors;
pub mod model;
mod node;
mod parse;
pub mod path;
#[cfg(test)]
mod tests;
pub mod upstream;
pub mod value;

pub use check::{Finding, Severity};
pub use errors::{MappingError, MappingErrors};

use crate::fetch::Database;
use model::ResourceMap;
use upstream::Upstream;

/// A mapping file, read and checked.
#[derive(Debug)]
pub struct Mapping {
    file: PathBuf,
    resources: Vec<ResourceMap>,
    upstream: Option<Upstream>,
    /// When the log last told of the values of a line that do not fit, by line.
    told: Mutex<HashMap<usize, Instant>>,
}

/// The log tells so often of values of one line that do not fit.
const TOLD_EACH: Duration = Duration::from_secs(3_600);

impl Mapping {
    /// Reads the text of a mapping file that stands at `file`.
    pub fn from_toml(text: &str, file: &Path) -> Result<Self, MappingErrors> {
        parse::parse(text, file)
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The FHIR types that are mapped, each once.
    pub fn resource_types(&self) -> impl Iterator<Item = &str> {
        let own = self.resources.iter().map(|resource| resource.resource_type);
        let foreign = self.upstream.iter().flat_map(|upstream| &upstream.resources);
        let mut types: Vec<&str> = own.chain(foreign.map(|resource| resource.resource_type)).collect();
        types.sort_unstable();
        types.dedup();
        types.into_iter()
    }

    /// Whether a FHIR type is mapped.
    pub fn maps(&self, resource_type: &str) -> bool {
        self.resource_types().any(|mapped| mapped == resource_type)
    }

    /// What is read from a foreign FHIR server, if the file is about one.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.upstream.as_ref()
    }

    /// All mappings of tables in the order of the file.
    pub fn resources(&self) -> &[ResourceMap] {
        &self.resources
    }

    /// Whether the log is to tell now that values of this line of the file do not fit: the first time, and once an hour.
    pub(crate) fn is_to_tell(&self, line: usize, now: Instant) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let due = told.get(&line).is_none_or(|last| now.saturating_duration_since(*last) >= TOLD_EACH);
        if due {
            told.insert(line, now);
        }
        due
    }

    /// The mapping that a reference leads to. An empty name stands for the only one of its type.
    pub(crate) fn target(&self, resource_type: &str, name: &str) -> Option<&ResourceMap> {
        self.resources.iter().find(|resource| {
            resource.resource_type == resource_type && (name.is_empty() || resource.name == name)
        })
    }

    /// Compares the mapping with the live database: tables and columns that are missing, queries that would scan a table, types that
    /// do not compare, codes that it lacks, rights to more than reading. With a foreign FHIR server: what that offers.
    pub async fn check(&self, database: &Database) -> Vec<Finding> {
        check::check(self, database).await
    }
}
