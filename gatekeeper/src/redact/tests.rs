#![allow(clippy::unwrap_used)]
use medrec_policy::{ElementPath, PathSet};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fetch::OwnedRow;

fn record(resource: Value) -> Record {
    Record { resource, attributes: OwnedRow::default(), withheld: false, ground: None }
}

fn mask(paths: &str) -> ElementMask {
    let paths = paths.split(',').map(|path| path.parse::<ElementPath>().unwrap());
    PathSet::new(paths).map_or(ElementMask::Nothing, ElementMask::Paths)
}

fn redacted(resource: &Value, paths: &str) -> Value {
    redact(&record(resource.clone()), &mask(paths)).unwrap()
}

fn masked() -> Value {
    json!({ "extension": [{ "url": absent::REASON, "valueCode": "masked" }] })
}

fn observation() -> Value {
    json!({
        "resourceType": "Observation",
        "id": "r0-0.aa",
        "meta": {
            "lastUpdated": "2026-01-01T00:00:00Z",
            "security": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY" }]
        },
        "implicitRules": "http://rules",
        "text": { "status": "generated", "div": "<div>narrative</div>" },
        "contained": [{ "resourceType": "Specimen", "note": [{ "text": "contained" }] }],
        "extension": [{ "url": "http://x", "valueString": "extension" }],
        "modifierExtension": [{ "url": "http://negated", "valueBoolean": true }],
        "identifier": [{ "use": "old", "system": "urn:lab", "value": "LAB-1" }],
        "status": "final",
        "_status": { "extension": [{ "url": "http://x", "valueString": "on status" }] },
        "category": [{ "coding": [{ "system": "c", "code": "laboratory" }] }],
        "code": {
            "extension": [{ "url": "http://x", "valueString": "in code" }],
            "coding": [{ "system": "http://loinc.org", "version": "2.7", "code": "718-7", "display": "Hemoglobin" }],
            "text": "Hb"
        },
        "subject": { "reference": "Patient/r0-0", "display": "Peter" },
        "effectiveDateTime": "2026-01-05T08:00:00Z",
        "issued": "2026-01-05T09:00:00Z",
        "valueQuantity": {
            "value": serde_json::from_str::<Value>("7.40").unwrap(), "comparator": "<", "unit": "g/dL",
            "system": "http://unitsofmeasure.org", "code": "g/dL"
        },
        "note": [{ "text": "a note", "authorString": "Dr. Who" }],
        "referenceRange": [{ "low": { "value": 7, "unit": "g/dL" }, "text": "normal", "modifierExtension": [{ "url": "http://m" }] }],
        "component": [
            {
                "modifierExtension": [{ "url": "http://m2" }],
                "code": { "text": "part" },
                "valueQuantity": { "value": 1, "unit": "mm" }
            },
            { "code": { "text": "other part" }, "valueString": "plain" }
        ]
    })
}

#[test]
fn redact_should_show_value_with_unit_and_modifiers_when_only_the_value_is_granted() {
    let shown = redacted(&observation(), "valueQuantity.value");
    assert_eq!(shown["valueQuantity"], observation()["valueQuantity"]);
    assert_eq!(shown["valueQuantity"]["value"].to_string(), "7.40");
    assert_eq!(shown["status"], "final");
    assert_eq!(shown["modifierExtension"], observation()["modifierExtension"]);
    assert_eq!(shown["implicitRules"], "http://rules");
    assert_eq!(shown["code"], masked());
    for hidden in [
        "text",
        "contained",
        "extension",
        "identifier",
        "category",
        "subject",
        "effectiveDateTime",
        "issued",
        "note",
        "component",
        "_status",
    ] {
        assert!(shown.get(hidden).is_none(), "{hidden}");
    }
}

#[test]
fn redact_should_mark_what_policy_cut_and_keep_the_labels() {
    let security = redacted(&observation(), "code")["meta"]["security"].clone();
    assert_eq!(security[0]["code"], "PSY");
    assert_eq!(
        security[1],
        json!({ "system": OBSERVATION_VALUE, "code": "REDACTED", "display": "redacted" })
    );
    assert!(redacted(&observation(), "code")["meta"].get("lastUpdated").is_none());
    assert_eq!(redacted(&observation(), "meta.lastUpdated")["meta"]["lastUpdated"], "2026-01-01T00:00:00Z");
}

#[test]
fn redact_should_return_the_record_unchanged_when_everything_is_granted() {
    assert_eq!(redact(&record(observation()), &ElementMask::All), Some(observation()));
}

#[test]
fn redact_should_return_nothing_when_nothing_granted_is_there() {
    assert_eq!(redact(&record(observation()), &ElementMask::Nothing), None);
    assert_eq!(redact(&record(observation()), &mask("valueString")), None);
    assert_eq!(redact(&record(observation()), &mask("hasMember,focus.display")), None);
}

#[test]
fn redact_should_withhold_a_record_that_the_provider_withholds() {
    let mut record = record(observation());
    record.withheld = true;
    record.ground = Some("45 CFR 164.524(a)(1)(i)".into());
    assert_eq!(redact(&record, &ElementMask::All), None);
    let notice = withheld_notice(&record).unwrap();
    assert_eq!(notice["id"], "r0-0.aa");
    assert_eq!(notice["code"], masked());
    assert_eq!(notice["_status"], masked());
    assert!(notice.to_string().contains("164.524"));
    for canary in ["7.40", "718-7", "PSY", "2026-01"] {
        assert!(!notice.to_string().contains(canary), "{canary}");
    }
}

#[test]
fn redact_should_leave_out_free_content_unless_it_is_named() {
    let shown = redacted(&observation(), "code,status");
    assert!(shown["code"].get("extension").is_none() && shown.get("_status").is_none());
    assert_eq!(shown["code"]["text"], "Hb");
    let named = redacted(&observation(), "code.extension,extension,text,contained,status.extension");
    assert_eq!(named["code"]["extension"], observation()["code"]["extension"]);
    assert_eq!(named["extension"], observation()["extension"]);
    assert_eq!(named["text"], observation()["text"]);
    assert_eq!(named["contained"], observation()["contained"]);
}

#[test]
fn redact_should_leave_out_attachments_and_mark_them_when_only_what_is_above_is_granted() {
    let document = json!({
        "resourceType": "DocumentReference", "id": "r0-0.d", "status": "current",
        "content": [{ "attachment": { "contentType": "text/plain", "data": "c2VjcmV0", "title": "secret" }, "format": { "code": "f" } }]
    });
    let shown = redacted(&document, "content");
    assert_eq!(shown["content"], json!([{ "attachment": masked(), "format": { "code": "f" } }]));
    assert_eq!(redacted(&document, "content.attachment")["content"][0]["attachment"]["data"], "c2VjcmV0");
    let titled = redacted(&document, "content.attachment.title");
    assert_eq!(titled["content"][0]["attachment"], json!({ "title": "secret" }));
}

#[test]
fn redact_should_mask_mandatory_elements_alike_whether_or_not_the_record_has_them() {
    let mut bare = observation();
    bare.as_object_mut().unwrap().remove("code");
    assert_eq!(redacted(&bare, "issued")["code"], redacted(&observation(), "issued")["code"]);
    let request = |medication: Value| {
        let mut request = json!({ "resourceType": "MedicationRequest", "id": "r0-0.m", "status": "active", "intent": "order", "doNotPerform": true, "authoredOn": "2026-01-01", "subject": { "reference": "Patient/r0-0" } });
        request.as_object_mut().unwrap().extend(medication.as_object().unwrap().clone());
        redacted(&request, "authoredOn")
    };
    let concept = request(json!({ "medicationCodeableConcept": { "text": "a" } }));
    assert_eq!(concept, request(json!({ "medicationReference": { "reference": "Medication/1" } })));
    assert_eq!(concept["medicationCodeableConcept"], masked());
    assert_eq!((&concept["doNotPerform"], &concept["intent"]), (&json!(true), &json!("order")));
}

#[test]
fn redact_should_keep_parts_of_arrays_when_only_an_inner_element_is_granted() {
    let shown = redacted(&observation(), "component.valueQuantity");
    let part = json!({
        "modifierExtension": [{ "url": "http://m2" }], "code": masked(), "valueQuantity": { "value": 1, "unit": "mm" }
    });
    assert_eq!(shown["component"], json!([part]));
}

#[test]
fn redact_should_withhold_the_row_when_something_that_completes_it_is_denied() {
    let denying =
        |paths: &str, denied: &str| redact_denying(&record(observation()), &mask(paths), &mask(denied));
    assert!(denying("valueQuantity", "note").is_some());
    for denied in ["status", "modifierExtension", "modifierExtension.valueBoolean", "implicitRules"] {
        assert_eq!(denying("valueQuantity", denied), None, "{denied}");
    }
    assert_eq!(denying("valueQuantity.value", "valueQuantity.unit"), None);
    assert_eq!(denying("valueQuantity.value", "valueQuantity.comparator"), None);
    assert_eq!(redact_denying(&record(observation()), &mask("code"), &ElementMask::All), None);
    assert_eq!(redact_denying(&record(observation()), &ElementMask::All, &mask("note")), None);
}

#[test]
fn redact_should_carry_modifiers_of_every_type_it_shows() {
    let patient = json!({
        "resourceType": "Patient", "id": "r0-0", "active": false, "deceasedDateTime": "2026-01-01", "birthDate": "1970-01-01",
        "name": [{ "use": "old", "family": "Chalmers", "given": ["Peter"] }]
    });
    let shown = redacted(&patient, "name.family");
    assert_eq!(shown["name"], json!([{ "use": "old", "family": "Chalmers" }]));
    assert_eq!((&shown["active"], &shown["deceasedDateTime"]), (&json!(false), &json!("2026-01-01")));
    assert!(shown.get("birthDate").is_none());
    let condition = json!({
        "resourceType": "Condition", "id": "r0-0.c", "code": { "text": "Flu" }, "subject": { "reference": "Patient/r0-0" },
        "verificationStatus": { "coding": [{ "code": "refuted" }] }, "clinicalStatus": { "coding": [{ "code": "inactive" }] }
    });
    let shown = redacted(&condition, "code");
    assert_eq!(shown["verificationStatus"], condition["verificationStatus"]);
    assert_eq!(shown["subject"], masked());
}

#[test]
fn redact_should_keep_the_reason_why_a_granted_value_is_absent() {
    let unknown = json!({ "extension": [{ "url": absent::REASON, "valueCode": "unknown" }] });
    let resource = json!({ "resourceType": "Observation", "id": "r0-0.a", "_status": unknown, "code": unknown, "issued": "2026-01-01T00:00:00Z" });
    let shown = redacted(&resource, "code,issued");
    assert_eq!((&shown["_status"], &shown["code"]), (&unknown, &unknown));
    assert_eq!(redacted(&resource, "issued")["code"], masked());
}

#[test]
fn redact_should_show_nothing_of_a_shape_that_is_not_fhir() {
    let resource = json!({
        "resourceType": "Observation", "id": "r0-0.a", "status": { "secret": 1 }, "code": "text in place of an object",
        "issued": "2026-01-01T00:00:00Z", "unknownElement": "secret", "category": [["nested"]]
    });
    let shown = redacted(&resource, "issued,code,category,unknownElement,status");
    let text = shown.to_string();
    assert!(!text.contains("secret") && !text.contains("place of") && !text.contains("nested"), "{text}");
}

/// Element paths of the observation above, and some that it does not have.
const PATHS: &[&str] = &[
    "status",
    "code",
    "code.text",
    "code.coding",
    "code.coding.display",
    "code.coding.code",
    "code.extension",
    "category",
    "valueQuantity",
    "valueQuantity.value",
    "valueQuantity.unit",
    "valueString",
    "subject",
    "subject.display",
    "note",
    "note.text",
    "issued",
    "effectiveDateTime",
    "component",
    "component.code",
    "component.valueQuantity.value",
    "text",
    "component.valueString",
    "referenceRange",
    "referenceRange.low",
    "referenceRange.text",
    "identifier",
    "identifier.value",
    "extension",
    "contained",
    "modifierExtension",
    "meta",
    "meta.lastUpdated",
    "implicitRules",
    "id",
    "hasMember",
];

fn any_mask() -> impl Strategy<Value = (Vec<&'static str>, ElementMask)> {
    prop::collection::vec(prop::sample::select(PATHS), 1..6).prop_map(|paths| {
        let mask = mask(&paths.join(","));
        (paths, mask)
    })
}

/// Every leaf with its path of names.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            leaves(value, &path, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, path, found)),
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

fn is_beneath(path: &str, above: &str) -> bool {
    path == above || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a leaf may be shown under these paths: a second account of the closed mask, written from the module's text.
fn may_show(leaf: &str, paths: &[&str]) -> bool {
    let steps: Vec<&str> = leaf.split('.').collect();
    let prefix = |length: usize| steps[..length].join(".");
    let touched = |object: &str| {
        object.is_empty() || paths.iter().any(|path| is_beneath(path, object) || is_beneath(object, path))
    };
    let granted = paths.iter().any(|path| {
        let rest = leaf.strip_prefix(path).unwrap_or_default();
        // Free content that the path itself does not name.
        let free = rest.split('.').any(|step| matches!(step, "extension" | "contained"))
            && !rest.contains("modifierExtension");
        is_beneath(leaf, path) && !free && !rest.split('.').any(|step| step.starts_with('_'))
    });
    let modifiers = ["status", "implicitRules", "modifierExtension", "use", "comparator"];
    let completes = (0..steps.len())
        .any(|at| modifiers.contains(&steps[at]) && !leaf.starts_with("text.") && touched(&prefix(at)));
    let group = match steps.last() {
        Some(&("unit" | "system" | "code" | "version")) => touched(&prefix(steps.len() - 1)),
        _ => false,
    };
    matches!(leaf, "resourceType" | "id")
        || leaf.starts_with("meta.security")
        || granted
        || completes
        || group
}

fn is_mask_mark(path: &str) -> bool {
    path.ends_with("extension.url") || path.ends_with("extension.valueCode")
}

/// Gives every leaf that may not be shown another value, and takes it away altogether where `remove` says so.
fn disturb(value: &mut Value, path: &str, paths: &[&str], remove: bool) {
    match value {
        Value::Object(object) => {
            if remove {
                object.retain(|name, value| {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    let mut found = Vec::new();
                    leaves(value, &path, &mut found);
                    found.iter().any(|(leaf, _)| may_show(leaf, paths))
                });
            }
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                disturb(value, &path, paths, remove);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| disturb(item, path, paths, remove)),
        leaf => {
            if !may_show(path, paths) {
                *leaf = json!("disturbed");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn redact_should_show_no_leaf_outside_the_closed_mask((paths, mask) in any_mask()) {
        let full = observation();
        let mut had = Vec::new();
        leaves(&full, "", &mut had);
        if let Some(shown) = redact(&record(full), &mask) {
            let mut found = Vec::new();
            leaves(&shown, "", &mut found);
            for (path, value) in found {
                let copied = had.contains(&(path.clone(), value.clone()));
                prop_assert!(may_show(&path, &paths) || (!copied && is_mask_mark(&path)), "{} = {} under {:?}", path, value, paths);
            }
        }
    }

    #[test]
    fn redact_should_not_depend_on_what_it_hides((paths, mask) in any_mask(), remove in any::<bool>()) {
        let mut other = observation();
        disturb(&mut other, "", &paths, remove);
        prop_assert_eq!(redact(&record(observation()), &mask), redact(&record(other), &mask));
    }

    #[test]
    fn redact_should_show_more_when_more_is_granted((less, mask_less) in any_mask(), (more, _) in any_mask()) {
        let union: Vec<&str> = less.iter().chain(&more).copied().collect();
        let count = |mask: &ElementMask| {
            let mut found = Vec::new();
            if let Some(shown) = redact(&record(observation()), mask) {
                leaves(&shown, "", &mut found);
            }
            found.retain(|(path, _)| !is_mask_mark(path));
            found
        };
        let all = count(&mask(&union.join(",")));
        // A set of paths holds none beneath another: who is granted an element as a whole is no longer granted its
        // extensions by name.
        let free = |path: &str| path.contains("extension.") || path.starts_with("contained");
        for leaf in count(&mask_less) {
            prop_assert!(all.contains(&leaf) || free(&leaf.0), "{:?}", leaf);
        }
    }

    #[test]
    fn redact_should_show_nothing_that_is_denied((paths, mask) in any_mask(), (denied_paths, denied) in any_mask()) {
        // As policy does it: what is denied goes from the mask, with what is above it.
        let left = mask.subtract(&denied);
        if let Some(shown) = redact_denying(&record(observation()), &left, &denied) {
            let mut found = Vec::new();
            leaves(&shown, "", &mut found);
            for (path, value) in found {
                let always = matches!(path.as_str(), "resourceType" | "id") || path.starts_with("meta.security") || is_mask_mark(&path);
                let hit = denied_paths.iter().any(|denied| is_beneath(&path, denied));
                prop_assert!(always || !hit, "{} = {} granted {:?} denied {:?}", path, value, paths, denied_paths);
            }
        }
    }
}
