//! HL7's own example records (npm package `hl7.fhir.r4.examples`, CC0), as set-up installs them, and what it means that one came back
//! equal.

use std::{fs, path::PathBuf};

use medrec_gatekeeper::fhir::definitions::r4;
use serde_json::{Map, Value};

const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// All examples of the types that can be mapped, by type and id.
pub fn examples() -> Vec<Value> {
    let folder = std::env::var_os("MEDREC_HL7_EXAMPLES").map(PathBuf::from);
    let folder =
        folder.expect("MEDREC_HL7_EXAMPLES must name the folder of HL7's examples: run scripts/setup");
    let mut found: Vec<Value> = Vec::new();
    for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let wanted = name.split_once('-').is_some_and(|(kind, _)| r4().resource(kind).is_some());
        if wanted && name.ends_with(".json") {
            found.push(serde_json::from_slice(&fs::read(&path).unwrap()).unwrap());
        }
    }
    found.retain(|value| r4().resource(text(&value["resourceType"])).is_some());
    found.sort_by_key(|value| (text(&value["resourceType"]).to_owned(), text(&value["id"]).to_owned()));
    assert!(found.len() > 300, "{} examples in {}", found.len(), folder.display());
    found
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn left_out(name: &str, fhir_type: &str) -> bool {
    let root = r4().resource(fhir_type).is_some();
    name == "id"
        || name.starts_with('_')
        || (root && matches!(name, "resourceType" | "meta" | "text" | "contained"))
}

/// A resource without what never comes through, to compare with another: narrative, contained resources, ids, meta, extensions of plain
/// values, and where references lead.
pub fn plain(resource: &Value) -> Value {
    let resource_type = r4().resource(text(&resource["resourceType"])).unwrap();
    pruned(resource, resource_type).unwrap_or_default()
}

fn pruned(value: &Value, fhir_type: &'static str) -> Option<Value> {
    match value {
        Value::Object(object) if object.get("url").is_some_and(|url| url == ABSENT) => None,
        Value::Object(_) if matches!(fhir_type, "Narrative" | "Resource") => None,
        Value::Object(object) => {
            let mut kept = Map::new();
            for (name, value) in object.iter().filter(|(name, _)| !left_out(name, fhir_type)) {
                if fhir_type == "Reference" && name == "reference" {
                    continue;
                }
                let inner =
                    r4().property(fhir_type, name).unwrap_or_else(|| panic!("{fhir_type}.{name}")).fhir_type;
                kept.extend(pruned(value, inner).map(|value| (name.clone(), value)));
            }
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(|item| pruned(item, fhir_type)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Null => None,
        // Databases' own types know no zeros of a second's fraction, and UTC by one name.
        Value::String(text) if matches!(fhir_type, "dateTime" | "instant") => {
            let moment = chrono::DateTime::parse_from_rfc3339(text);
            Some(moment.map_or(value.clone(), |moment| moment.to_rfc3339().into()))
        }
        Value::String(text) => Some(text.trim_end().into()),
        value => Some(value.clone()),
    }
}
