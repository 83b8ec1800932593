//! Whether a resource that somebody sends is one, as far as R4's definitions go.
//!
//! Strict on purpose: what this does not understand could be shown to people who were not meant to see it. Narrative, contained
//! resources, extensions and labels of the sender's own are refused; references may lead to the same patient's records only.

use medrec_primitives::RelationshipId;
use serde_json::{json, Map, Value};

use crate::fhir::{
    definitions::{is_primitive, r4, Element},
    matching::DateTest,
    IssueCode,
};

/// What is wrong with a resource, naming the element, and of which kind it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// HL7's word for it.
    pub code: IssueCode,
    /// In words.
    pub text: String,
}

impl Fault {
    fn new(code: IssueCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// A name or a shape that R4 does not have there.
    fn structure(text: impl Into<String>) -> Self {
        Self::new(IssueCode::Structure, text)
    }

    /// What R4 has and this server does not take.
    fn not_taken(path: &str) -> Self {
        Self::new(IssueCode::BusinessRule, format!("{path} is not taken here: leave it out"))
    }
}

/// What no sender may set: the gatekeeper sets it, or nobody.
const REFUSED: [&str; 4] = ["contained", "implicitRules", "extension", "modifierExtension"];

/// A resource that may go into the inbox, about this patient.
///
/// `id` and `meta` of the sender's go, as FHIR has it of creation. The patient is set. Errors name the element.
pub fn validated(
    resource_type: &'static str,
    relationship: RelationshipId,
    body: Value,
) -> Result<Value, Fault> {
    let Value::Object(mut resource) = body else {
        return Err(Fault::structure("the body is not a JSON object"));
    };
    if resource.get("resourceType").and_then(Value::as_str) != Some(resource_type) {
        return Err(Fault::structure(format!("resourceType must be {resource_type}, as in the address")));
    }
    resource.remove("id");
    resource.remove("meta");
    set_patient(&mut resource, resource_type, relationship)?;
    let mut rest = resource.clone();
    rest.remove("resourceType");
    object(&rest, resource_type, resource_type, relationship)?;
    Ok(Value::Object(resource))
}

/// The patient that a resource names, if it names one of this service.
pub fn patient_of(resource_type: &'static str, resource: &Value) -> Option<RelationshipId> {
    let named = resource.get(patient_element(resource_type)?.name)?;
    let named = named.as_array().map_or(Some(named), |items| items.first())?;
    named.get("reference")?.as_str()?.strip_prefix("Patient/")?.parse().ok()
}

/// The element that says whom a resource is about.
fn patient_element(resource_type: &'static str) -> Option<&'static Element> {
    let parameter = r4().parameters(resource_type).iter().find(|parameter| parameter.name == "patient")?;
    parameter
        .paths
        .iter()
        .find_map(|path| r4().elements(resource_type).iter().find(|element| element.name == *path))
}

fn set_patient(
    resource: &mut Map<String, Value>,
    resource_type: &'static str,
    relationship: RelationshipId,
) -> Result<(), Fault> {
    let element = patient_element(resource_type).ok_or_else(|| {
        let text = format!("{resource_type} cannot be added: it does not say whom it is about");
        Fault::new(IssueCode::BusinessRule, text)
    })?;
    let own = format!("Patient/{relationship}");
    if let Some(named) = resource.get(element.name) {
        let named = named.as_array().map_or(std::slice::from_ref(named), Vec::as_slice);
        if !named.iter().all(|named| named.get("reference").and_then(Value::as_str) == Some(own.as_str())) {
            let text = format!("{resource_type}.{} must be {own}", element.name);
            return Err(Fault::new(IssueCode::BusinessRule, text));
        }
    }
    let patient = json!({ "reference": own });
    let patient = if element.many { json!([patient]) } else { patient };
    resource.insert(element.name.to_owned(), patient);
    Ok(())
}

fn object(
    object: &Map<String, Value>,
    fhir_type: &'static str,
    path: &str,
    relationship: RelationshipId,
) -> Result<(), Fault> {
    if object.is_empty() {
        return Err(Fault::structure(format!("{path} is empty")));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in object {
        let path = format!("{path}.{}", name.chars().take(64).collect::<String>());
        if REFUSED.contains(&name.as_str()) || name == "id" || name.starts_with('_') {
            return Err(Fault::not_taken(&path));
        }
        let property = r4().property(fhir_type, name);
        let property = property.ok_or_else(|| Fault::structure(format!("{path} is no element of R4")))?;
        if seen.contains(&property.element.name) {
            return Err(Fault::structure(format!("{path}: only one type of a choice can be there")));
        }
        seen.push(property.element.name);
        match (property.element.many, value) {
            (true, Value::Array(items)) if !items.is_empty() => {
                for item in items {
                    one(item, property.element, property.fhir_type, &path, relationship)?;
                }
            }
            (true, _) => {
                return Err(Fault::structure(format!("{path} must be a list with something in it")));
            }
            (false, value) => one(value, property.element, property.fhir_type, &path, relationship)?,
        }
    }
    match r4().elements(fhir_type).iter().find(|element| element.mandatory && !seen.contains(&element.name)) {
        Some(missing) => Err(Fault::new(IssueCode::Required, format!("{path}.{} is missing", missing.name))),
        None => Ok(()),
    }
}

fn one(
    value: &Value,
    element: &'static Element,
    fhir_type: &'static str,
    path: &str,
    relationship: RelationshipId,
) -> Result<(), Fault> {
    if is_primitive(fhir_type) {
        let known =
            element.codes.is_empty() || value.as_str().is_some_and(|code| element.codes.contains(&code));
        let wrong = match primitive(value, fhir_type) {
            true if known => return Ok(()),
            true => IssueCode::CodeInvalid,
            false => IssueCode::Value,
        };
        return Err(Fault::new(wrong, format!("{path} is not a {fhir_type} that R4 allows there")));
    }
    let Value::Object(inner) = value else {
        return Err(Fault::structure(format!("{path} must be an object")));
    };
    if matches!(fhir_type, "Resource" | "Narrative" | "Extension") {
        return Err(Fault::not_taken(path));
    }
    if fhir_type == "Reference" {
        if let Some(target) = inner.get("reference") {
            if !target.as_str().is_some_and(|target| is_own(target, relationship)) {
                let text = format!("{path}.reference may lead to records of the same patient here only");
                return Err(Fault::new(IssueCode::BusinessRule, text));
            }
        }
    }
    object(inner, fhir_type, path, relationship)
}

/// Whether a reference leads to a record of this relationship.
fn is_own(target: &str, relationship: RelationshipId) -> bool {
    let Some((resource_type, id)) = target.split_once('/') else { return false };
    let own = relationship.to_string();
    let row = id.strip_prefix(&own).and_then(|rest| rest.strip_prefix('.'));
    let hex = |digits: &str| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    r4().resource(resource_type).is_some() && (id == own || row.is_some_and(hex))
}

fn primitive(value: &Value, fhir_type: &str) -> bool {
    match (fhir_type, value) {
        ("boolean", value) => value.is_boolean(),
        ("integer", Value::Number(number)) => number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
        ("positiveInt", Value::Number(number)) => {
            number.as_i64().is_some_and(|n| n > 0 && i32::try_from(n).is_ok())
        }
        ("unsignedInt", Value::Number(number)) => {
            number.as_i64().is_some_and(|n| n >= 0 && i32::try_from(n).is_ok())
        }
        ("decimal", value) => value.is_number(),
        ("integer" | "positiveInt" | "unsignedInt", _) => false,
        ("date" | "dateTime" | "instant", Value::String(text)) => {
            let dated =
                text.starts_with(|letter: char| letter.is_ascii_digit()) && text.parse::<DateTest>().is_ok();
            dated
                && (fhir_type != "date" || !text.contains('T'))
                && (fhir_type != "instant" || text.contains('T'))
        }
        ("code", Value::String(text)) => {
            !text.is_empty()
                && text.trim() == text
                && !text.contains("  ")
                && !text.contains(char::is_control)
        }
        (_, Value::String(text)) => {
            !text.trim().is_empty()
                && !text.contains(|letter: char| letter.is_control() && !"\n\r\t".contains(letter))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ID: RelationshipId = RelationshipId::new(0, 3);

    fn weight() -> Value {
        json!({
            "resourceType": "Observation", "id": "mine", "meta": { "security": [{ "code": "R" }] },
            "status": "final", "code": { "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] },
            "effectiveDateTime": "2026-11-22T08:00:00+01:00",
            "valueQuantity": { "value": 71.5, "unit": "kg" },
            "note": [{ "text": "before breakfast" }]
        })
    }

    #[test]
    fn resource_should_be_taken_when_r4_allows_it_and_be_about_the_patient() {
        let taken = validated("Observation", ID, weight()).unwrap();
        assert_eq!(taken["subject"], json!({ "reference": "Patient/r0-3" }));
        assert!(taken.get("id").is_none() && taken.get("meta").is_none());
        assert_eq!(patient_of("Observation", &taken), Some(ID));
        let allergy = json!({ "resourceType": "AllergyIntolerance", "code": { "text": "nuts" } });
        let taken = validated("AllergyIntolerance", ID, allergy).unwrap();
        assert_eq!(taken["patient"], json!({ "reference": "Patient/r0-3" }));
    }

    #[test]
    fn resource_should_be_refused_when_anything_is_odd() {
        for (element, value) in [
            ("status", json!("finished")),
            ("status", json!(null)),
            ("status", json!(["final"])),
            ("code", json!({})),
            ("code", json!("718-7")),
            ("code", json!({ "coding": [] })),
            ("subject", json!({ "reference": "Patient/r0-4" })),
            ("subject", json!({ "display": "somebody" })),
            ("encounter", json!({ "reference": "Encounter/r0-4.00" })),
            ("encounter", json!({ "reference": "https://evil.example/Encounter/1" })),
            ("performer", json!([{ "reference": "Practitioner/1" }])),
            ("valueString", json!("two values")),
            ("effectiveDateTime", json!("yesterday")),
            ("effectiveDateTime", json!("ge2026")),
            ("note", json!([])),
            ("note", json!([{ "text": "a\u{0}" }])),
            ("text", json!({ "status": "generated", "div": "<div>x</div>" })),
            ("contained", json!([weight()])),
            ("extension", json!([{ "url": "x" }])),
            ("_status", json!({ "id": "x" })),
            ("colour", json!("red")),
            ("resourceType", json!("Condition")),
        ] {
            let mut odd = weight();
            odd[element] = value.clone();
            assert!(validated("Observation", ID, odd).is_err(), "{element}: {value}");
        }
        for (element, value, code) in [
            ("status", json!("finished"), IssueCode::CodeInvalid),
            ("status", json!(1), IssueCode::Value),
            ("effectiveDateTime", json!("yesterday"), IssueCode::Value),
            ("colour", json!("red"), IssueCode::Structure),
            ("code", json!("718-7"), IssueCode::Structure),
            ("valueString", json!("two values"), IssueCode::Structure),
            ("note", json!([{}]), IssueCode::Structure),
            ("note", json!([{ "time": "2026-11-22" }]), IssueCode::Required),
            ("contained", json!([weight()]), IssueCode::BusinessRule),
            ("subject", json!({ "reference": "Patient/r0-4" }), IssueCode::BusinessRule),
            ("performer", json!([{ "reference": "Practitioner/1" }]), IssueCode::BusinessRule),
        ] {
            let mut odd = weight();
            odd[element] = value;
            assert_eq!(validated("Observation", ID, odd).unwrap_err().code, code, "{element}");
        }
        let mut less = weight();
        less.as_object_mut().unwrap().remove("code");
        assert!(validated("Observation", ID, less).unwrap_err().text.contains("Observation.code is missing"));
        for body in [json!(1), json!([]), json!(null), json!({})] {
            assert!(validated("Observation", ID, body).is_err());
        }
    }
}
