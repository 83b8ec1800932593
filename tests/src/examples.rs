//! HL7's example records (npm package `hl7.fhir.r4.examples`, CC0), as set-up installs them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{bail, Context, Result};
use serde_json::Value;

/// The examples' resources, sorted by type and id.
pub struct Examples {
    resources: Vec<Value>,
}

impl Examples {
    /// Reads the types that the hospitals keep from `MEDREC_HL7_EXAMPLES`, or from where set-up puts them.
    pub fn load() -> Result<Self> {
        Self::load_from(&folder()?)
    }

    fn load_from(folder: &Path) -> Result<Self> {
        const KEPT: [&str; 8] = [
            "AllergyIntolerance",
            "ClinicalImpression",
            "Condition",
            "Encounter",
            "MedicationRequest",
            "Observation",
            "Patient",
            "Procedure",
        ];
        let mut resources = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let resource_type = name.split('-').next().unwrap_or_default();
            if !name.ends_with(".json") || !KEPT.contains(&resource_type) {
                continue;
            }
            let value: Value = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("{} is not JSON", path.display()))?;
            if value["resourceType"] == resource_type {
                resources.push(value);
            }
        }
        let key = |value: &Value| (text(&value["resourceType"]).to_owned(), text(&value["id"]).to_owned());
        resources.sort_by_key(key);
        if resources.is_empty() {
            bail!("no example records in {}: run `scripts/setup`", folder.display());
        }
        Ok(Self { resources })
    }

    /// All resources of one type, by id.
    pub fn of_type<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a Value> {
        self.resources.iter().filter(move |value| value["resourceType"] == resource_type)
    }
}

/// A string member, or nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Where the package is: examples, and HL7's own definitions.
pub fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("MEDREC_HL7_EXAMPLES") {
        return Ok(folder.into());
    }
    let home = std::env::var_os("HOME").context("HOME is not set")?;
    Ok(Path::new(&home).join(".cache/medrec/npm/node_modules/hl7.fhir.r4.examples"))
}
