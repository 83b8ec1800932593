//! HL7's own example records (npm package `hl7.fhir.r4.examples`, CC0), as set-up installs them, and what it means that one came back
//! equal.

use std::{fs, path::PathBuf};

use medrec_gatekeeper::fhir::definitions::{is_primitive, r4};
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

/// A leaf of a resource: the path as a mapping writes it, its type, and its value.
pub struct Leaf<'a> {
    pub path: String,
    pub fhir_type: &'static str,
    pub value: &'a Value,
}

/// The leaves of a resource that a mapping can give. Left out are what no mapping gives: narrative, contained resources, ids, meta,
/// extensions of plain values, and where references lead (`references` gets their paths).
pub fn leaves<'a>(resource: &'a Value, references: &mut Vec<String>) -> Vec<Leaf<'a>> {
    let resource_type = r4().resource(text(&resource["resourceType"])).unwrap();
    let mut found = Vec::new();
    object(resource.as_object().unwrap(), resource_type, "", &mut found, references);
    found
}

fn left_out(name: &str, fhir_type: &str) -> bool {
    let root = r4().resource(fhir_type).is_some();
    name == "id"
        || name.starts_with('_')
        || (root && matches!(name, "resourceType" | "meta" | "text" | "contained"))
}

fn object<'a>(
    object: &'a Map<String, Value>,
    fhir_type: &'static str,
    path: &str,
    found: &mut Vec<Leaf<'a>>,
    references: &mut Vec<String>,
) {
    for (name, value) in object.iter().filter(|(name, _)| !left_out(name, fhir_type)) {
        let Some(property) = r4().property(fhir_type, name) else { panic!("{fhir_type}.{name}") };
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{name}");
        if fhir_type == "Reference" && name == "reference" {
            references.extend(path.strip_suffix(".reference").map(str::to_owned));
            continue;
        }
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    leaf(item, property.fhir_type, format!("{path}[{index}]"), found, references);
                }
            }
            value => leaf(value, property.fhir_type, path, found, references),
        }
    }
}

fn leaf<'a>(
    value: &'a Value,
    fhir_type: &'static str,
    path: String,
    found: &mut Vec<Leaf<'a>>,
    references: &mut Vec<String>,
) {
    match value {
        Value::Object(inner) if !matches!(fhir_type, "Narrative" | "Resource") => {
            object(inner, fhir_type, &path, found, references)
        }
        Value::Object(_) | Value::Null | Value::Array(_) => {}
        value if is_primitive(fhir_type) => found.push(Leaf { path, fhir_type, value }),
        value => panic!("{path} is {value}"),
    }
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
        // Bytes have no spaces between their digits.
        Value::String(text) if fhir_type == "base64Binary" => {
            Some(text.split_whitespace().collect::<String>().into())
        }
        Value::String(text) => Some(text.trim_end().into()),
        Value::Number(number) if fhir_type == "decimal" => Some(written_out(&number.to_string()).into()),
        value => Some(value.clone()),
    }
}

/// A decimal without exponent, as a database's own type prints it: the same value with the same digits behind the point. Nothing keeps
/// the sign of a zero.
fn written_out(text: &str) -> String {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap();
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let behind = i32::try_from(fraction.len()).unwrap() - exponent;
    let zeros = "0".repeat(usize::try_from(-behind).unwrap_or(0));
    let digits = format!("{whole}{fraction}{zeros}");
    let behind = usize::try_from(behind).unwrap_or(0);
    let digits = format!("{}{digits}", "0".repeat((behind + 1).saturating_sub(digits.len())));
    let (whole, fraction) = digits.split_at(digits.len() - behind);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if mantissa.starts_with('-') && digits.contains(|c| c != '0') { "-" } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

#[test]
fn decimals_should_be_equal_when_value_and_precision_are() {
    for (text, same) in [
        ("1e-22", "0.0000000000000000000001"),
        ("1.0E-3", "0.0010"),
        ("1.20e1", "12.0"),
        ("1e3", "1000"),
        ("-0.00", "0.00"),
        ("-7.40", "-7.40"),
        ("123.4e2", "12340"),
    ] {
        assert_eq!(written_out(text), same);
        assert_eq!(written_out(same), same);
    }
    for (one, other) in [("7.4", "7.40"), ("0.1", "-0.1"), ("1e-22", "1e-21")] {
        assert_ne!(written_out(one), written_out(other));
    }
}
