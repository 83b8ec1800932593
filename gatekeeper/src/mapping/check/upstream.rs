//! Whether a foreign FHIR server offers what the mapping reads.

use serde_json::Value;

use super::{Finding, Severity};
use crate::{
    fetch::{upstream::Server, Database},
    mapping::{upstream::Upstream, Mapping},
};

/// Compares the mapping with the server's own description.
pub(super) async fn check(
    mapping: &Mapping,
    upstream: &Upstream,
    server: &Server,
    database: &Database,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut error = |line: usize, message: String| {
        let place = format!("{}:{line}", mapping.file().display());
        findings.push(Finding { severity: Severity::Error, place, message });
    };
    let read = database.within_time(async { server.reading().await?.capabilities().await });
    let statement = match read.await {
        Ok(statement) => statement,
        Err(reason) => {
            error(upstream.line, reason.to_string());
            return findings;
        }
    };
    let version = statement["fhirVersion"].as_str().unwrap_or_default();
    if !version.starts_with("4.0") {
        error(upstream.line, format!("the server speaks FHIR {version:?}, not R4 (4.0)"));
    }
    for resource in &upstream.resources {
        let name = resource.resource_type;
        let Some(offered) = offered(&statement, name) else {
            error(resource.line, format!("the server does not offer {name}"));
            continue;
        };
        let has = |list: &str, key: &str, wanted: &str| {
            offered[list].as_array().is_some_and(|items| items.iter().any(|item| item[key] == *wanted))
        };
        let (interaction, parameter) = match name {
            "Patient" => ("read", "identifier"),
            _ => ("search-type", resource.search.as_str()),
        };
        if !has("interaction", "code", interaction) {
            error(resource.line, format!("the server does not offer {interaction} of {name}"));
        }
        let needed = name != "Patient"
            || matches!(upstream.patient, crate::mapping::upstream::PatientBy::Identifier(_));
        if needed && !has("searchParam", "name", parameter) {
            error(resource.line, format!("the server has no search parameter `{parameter}` of {name}: name the one for the patient with `search`"));
        }
    }
    findings
}

fn offered<'a>(statement: &'a Value, resource_type: &str) -> Option<&'a Value> {
    let rest = statement["rest"].as_array()?.iter().find(|rest| rest["mode"] == "server")?;
    rest["resource"].as_array()?.iter().find(|resource| resource["type"] == *resource_type)
}
