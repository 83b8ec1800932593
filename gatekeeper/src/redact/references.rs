//! References from one record to another: to point at a hidden record is to tell that it exists.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::absent::{mark_missing, Reason};
use crate::fhir::definitions::r4;

/// The records that a resource refers to, as (type, id).
pub fn targets(resource: &Value) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    collect(resource, &mut found);
    found
}

/// The types that resources refer to, but for the patient's own resource, which every asker knows of.
pub fn types(resources: &[Value]) -> BTreeSet<String> {
    let targets = resources.iter().flat_map(targets);
    targets
        .map(|(resource_type, _)| resource_type)
        .filter(|name| *name != "Patient")
        .map(str::to_owned)
        .collect()
}

fn collect<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("reference").and_then(target));
            object.values().for_each(|value| collect(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn target(reference: &Value) -> Option<(&str, &str)> {
    reference.as_str()?.split_once('/')
}

/// Takes out every reference whose target, by type and id, is not visible. What else the element says, such as a name to
/// display, goes with it.
pub fn hide(resource: &mut Value, visible: &dyn Fn(&str, &str) -> bool) {
    let Value::Object(object) = resource else { return };
    let resource_type = object.get("resourceType").and_then(Value::as_str);
    if let Some(resource_type) = resource_type.and_then(|name| r4().resource(name)) {
        prune(object, resource_type, visible);
    } else {
        object.clear();
    }
}

fn prune(object: &mut Map<String, Value>, fhir_type: &str, visible: &dyn Fn(&str, &str) -> bool) {
    let before = object.len();
    object.retain(|name, value| {
        let Some(property) = r4().property(fhir_type, name) else { return true };
        match value {
            Value::Object(inner) => keep(inner, property.fhir_type, visible),
            Value::Array(items) => {
                items.retain_mut(|item| {
                    item.as_object_mut().is_none_or(|inner| keep(inner, property.fhir_type, visible))
                });
                !items.is_empty()
            }
            _ => true,
        }
    });
    if object.len() < before && !object.is_empty() {
        mark_missing(object, fhir_type, Reason::Masked);
    }
}

/// Whether an object stays: it is no reference to something hidden, and is not empty now.
fn keep(object: &mut Map<String, Value>, fhir_type: &str, visible: &dyn Fn(&str, &str) -> bool) -> bool {
    if let Some((resource_type, id)) = object.get("reference").and_then(target) {
        if !visible(resource_type, id) {
            return false;
        }
    }
    prune(object, fhir_type, visible);
    !object.is_empty()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn hide_should_take_out_references_when_their_target_is_hidden() {
        let mut resource = json!({
            "resourceType": "MedicationRequest", "id": "r0-0.a", "status": "active",
            "subject": { "reference": "Patient/r0-0" },
            "encounter": { "reference": "Encounter/r0-0.hidden", "display": "Psychiatric ward" },
            "reasonReference": [{ "reference": "Condition/r0-0.c" }, { "reference": "Condition/r0-0.hidden" }],
            "basedOn": [{ "reference": "CarePlan/r0-0.hidden" }],
            "medicationReference": { "reference": "Medication/r0-0.hidden" },
            "requester": { "display": "Dr. Who" }
        });
        assert_eq!(targets(&resource).len(), 6);
        hide(&mut resource, &|_, id| !id.ends_with("hidden"));
        let text = resource.to_string();
        assert!(!text.contains("hidden") && !text.contains("Psychiatric"), "{text}");
        assert_eq!(resource["reasonReference"], json!([{ "reference": "Condition/r0-0.c" }]));
        assert_eq!(resource["requester"]["display"], "Dr. Who");
        assert_eq!(resource["medicationCodeableConcept"], Reason::Masked.extension());
        assert!(resource.get("encounter").is_none() && resource.get("basedOn").is_none());
    }
}
