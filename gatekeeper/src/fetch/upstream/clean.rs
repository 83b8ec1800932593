//! From a foreign server's resource to one that may be redacted and shown.
//!
//! What FHIR R4 does not define is dropped, and so is what a mapping could not make either: narrative, contained resources, element
//! ids, and addresses of attachments, which lead to the foreign server. References become pseudonyms or go.

use medrec_primitives::RelationshipId;
use serde_json::{json, Map, Value};

use super::is_id;
use crate::{
    fhir::definitions::{is_primitive, r4},
    redact::absent::{mark_missing, Reason, REASON},
};

/// Where a reference leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) resource_type: &'a str,
    pub(super) id: &'a str,
}

/// Reads `Type/id` and `Type/id/_history/version`.
pub(super) fn target(reference: &str) -> Option<Target<'_>> {
    let parts: Vec<&str> = reference.split('/').collect();
    let (resource_type, id) = match parts.as_slice() {
        [resource_type, id] => (*resource_type, *id),
        [resource_type, id, "_history", version] if is_id(version) => (*resource_type, *id),
        _ => return None,
    };
    let named = resource_type.starts_with(|letter: char| letter.is_ascii_uppercase())
        && resource_type.bytes().all(|byte| byte.is_ascii_alphabetic());
    (named && is_id(id)).then_some(Target { resource_type, id })
}

/// What is the same for all parts of a resource.
pub(super) struct Cleaner<'a> {
    /// The server's address with a slash at its end.
    pub(super) base: &'a str,
    /// The patient's id at the server.
    pub(super) patient: &'a str,
    pub(super) relationship: RelationshipId,
    /// The pseudonym of a resource, if its type is shown at all.
    pub(super) pseudonym: &'a dyn Fn(&str, &str) -> Option<String>,
}

impl Cleaner<'_> {
    /// The elements of a resource, without id and meta.
    pub(super) fn resource(&self, value: &Value, resource_type: &'static str) -> Map<String, Value> {
        let mut object = match value {
            Value::Object(object) => self.object(object, resource_type),
            _ => Map::new(),
        };
        object.remove("meta");
        mark_missing(&mut object, resource_type, Reason::Unknown);
        object
    }

    fn object(&self, object: &Map<String, Value>, fhir_type: &'static str) -> Map<String, Value> {
        let mut clean = Map::new();
        for (name, value) in object.iter().filter(|(name, _)| name.as_str() != "id") {
            if let Some(plain) = name.strip_prefix('_') {
                let primitive = r4().property(fhir_type, plain).is_some_and(|p| is_primitive(p.fhir_type));
                if let Some(reason) = absent(value).filter(|_| primitive && !object.contains_key(plain)) {
                    clean.insert(name.clone(), reason);
                }
                continue;
            }
            let Some(property) = r4().property(fhir_type, name) else { continue };
            let value = match (value, property.element.many) {
                (Value::Array(items), true) => {
                    let items: Vec<Value> =
                        items.iter().filter_map(|item| self.value(item, property.fhir_type)).collect();
                    (!items.is_empty()).then_some(Value::Array(items))
                }
                (Value::Array(_), false) | (_, true) => None,
                (value, false) => self.value(value, property.fhir_type),
            };
            clean.extend(value.map(|value| (name.clone(), value)));
        }
        clean
    }

    fn value(&self, value: &Value, fhir_type: &'static str) -> Option<Value> {
        match (fhir_type, value) {
            ("Narrative" | "Resource", _) => None,
            ("Reference", Value::Object(object)) => self.reference(object),
            ("boolean", value) => value.is_boolean().then(|| value.clone()),
            ("decimal" | "integer" | "unsignedInt" | "positiveInt", value) => {
                value.is_number().then(|| value.clone())
            }
            (primitive, value) if is_primitive(primitive) => value.is_string().then(|| value.clone()),
            (fhir_type, Value::Object(object)) => {
                let mut object = self.object(object, fhir_type);
                if fhir_type == "Attachment" {
                    object.remove("url");
                }
                if object.is_empty() {
                    return None;
                }
                mark_missing(&mut object, fhir_type, Reason::Unknown);
                Some(Value::Object(object))
            }
            _ => None,
        }
    }

    /// A reference to the patient or to what is shown, with a pseudonym; to what is not shown, its name alone; to another patient, nothing.
    fn reference(&self, object: &Map<String, Value>) -> Option<Value> {
        let written = object.get("reference").and_then(Value::as_str);
        let local = written.map(|written| written.strip_prefix(self.base).unwrap_or(written));
        let target = local.and_then(target);
        let said = object.get("type").and_then(Value::as_str);
        let mut clean = self.object(object, "Reference");
        clean.remove("reference");
        match &target {
            Some(target) if target.resource_type == "Patient" => {
                if target.id != self.patient {
                    return None;
                }
                clean.insert("reference".to_owned(), format!("Patient/{}", self.relationship).into());
            }
            Some(Target { resource_type, id }) => {
                let pseudonym = (self.pseudonym)(resource_type, id);
                let reference = pseudonym.map(|id| format!("{resource_type}/{id}").into());
                clean.extend(reference.map(|reference| ("reference".to_owned(), reference)));
            }
            // By nothing but an identifier, or by an address elsewhere: whose it is cannot be seen.
            None if said == Some("Patient")
                || written.is_some_and(|written| written.contains("Patient/")) =>
            {
                return None
            }
            None => {}
        }
        (!clean.is_empty()).then_some(Value::Object(clean))
    }
}

/// The mark of a primitive that is absent for a reason.
fn absent(value: &Value) -> Option<Value> {
    let extensions = value.get("extension")?.as_array()?;
    let reason = extensions.iter().find(|extension| extension["url"] == REASON)?;
    let code = reason["valueCode"].as_str()?;
    Some(json!({ "extension": [{ "url": REASON, "valueCode": code }] }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn clean(value: Value) -> Value {
        let cleaner = Cleaner {
            base: "https://fhir.example/r4/",
            patient: "p1",
            relationship: RelationshipId::new(0, 3),
            pseudonym: &|resource_type, id| {
                (resource_type == "Encounter").then(|| format!("pseudonym-of-{id}"))
            },
        };
        let resource_type = r4().resource(value["resourceType"].as_str().unwrap()).unwrap();
        Value::Object(cleaner.resource(&value, resource_type))
    }

    #[test]
    fn resource_should_lose_whatever_leads_elsewhere() {
        let found = clean(json!({
            "resourceType": "Observation", "id": "secret-id", "status": "final", "text": { "status": "generated", "div": "<div>secret</div>" },
            "contained": [{ "resourceType": "Patient", "id": "secret" }], "unheard": "secret", "meta": { "source": "secret" },
            "code": { "id": "secret", "text": "Weight", "coding": [{ "code": "1", "secret": true }, "secret"] },
            "subject": { "reference": "https://fhir.example/r4/Patient/p1", "display": "P" },
            "encounter": { "reference": "Encounter/e1/_history/2" },
            "performer": [{ "reference": "Practitioner/secret", "display": "Dr. Meyer" }, { "reference": "Patient/secret", "display": "secret" },
                { "reference": "#secret" }, { "reference": "https://elsewhere.example/Patient/secret", "display": "secret" },
                { "type": "Patient", "identifier": { "value": "secret" } }],
            "valueQuantity": { "value": serde_json::from_str::<Value>("7.40").unwrap(), "unit": 5 },
            "_valueString": { "extension": [{ "url": "secret" }] }, "effectiveDateTime": ["secret"]
        }));
        assert!(!found.to_string().contains("secret"), "{found}");
        assert_eq!(found["subject"], json!({ "reference": "Patient/r0-3", "display": "P" }));
        assert_eq!(found["encounter"]["reference"], "Encounter/pseudonym-of-e1");
        assert_eq!(found["performer"], json!([{ "display": "Dr. Meyer" }]));
        assert_eq!(found["valueQuantity"].to_string(), r#"{"value":7.40}"#);
    }

    #[test]
    fn mandatory_elements_should_be_marked_when_they_are_missing_or_cannot_be_shown() {
        let found = clean(
            json!({ "resourceType": "Observation", "status": ["final"], "code": { "text": "Weight" } }),
        );
        assert_eq!(found["_status"]["extension"][0]["valueCode"], "unknown");
        let found = clean(
            json!({ "resourceType": "Observation", "_status": { "extension": [{ "url": REASON, "valueCode": "error" }] }, "code": {} }),
        );
        assert_eq!(found["_status"]["extension"][0]["valueCode"], "error");
    }

    #[test]
    fn target_should_be_read_when_it_is_a_reference_within_a_server() {
        assert_eq!(target("Patient/p.1-A"), Some(Target { resource_type: "Patient", id: "p.1-A" }));
        assert_eq!(target("Patient/1/_history/2"), Some(Target { resource_type: "Patient", id: "1" }));
        for text in [
            "",
            "Patient",
            "Patient/",
            "Patient/a b",
            "Patient/../x",
            "/Patient/1",
            "patient/1",
            "Patient/1?x",
            "#a",
            "urn:uuid:1",
            "http://x/Patient/1",
        ] {
            assert_eq!(target(text), None, "{text}");
        }
    }
}
