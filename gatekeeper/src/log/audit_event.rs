//! Log entries as FHIR R4 `AuditEvent` resources, after IHE's Basic Audit Log Patterns (ITI BALP 1.1).
//!
//! What was permitted and shown follows the profiles `PatientRead` and `PatientQuery`, and says so. Both are about success only: a
//! denial, or a read of what is not there, has the same form and names no profile.
//!
//! Two things that the profiles ask for are not kept: the network address of whoever asked, which is said to be masked, and the
//! values of search parameters, which are left out of the query.

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};

use super::Entry;

const PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

/// The resource for an entry. `observer` names the gatekeeper, `base` is its FHIR address.
pub fn audit_event(number: u64, entry: &Entry, observer: &str, base: &str) -> Value {
    let is_search = entry.action == "search";
    let (subtype, action, profile) = if entry.action == "create" {
        (coding("http://hl7.org/fhir/restful-interaction", "create", "create"), "C", "PatientCreate")
    } else if entry.action == "update" {
        (coding("http://hl7.org/fhir/restful-interaction", "update", "update"), "U", "PatientUpdate")
    } else if is_search {
        (coding("http://hl7.org/fhir/restful-interaction", "search-type", "search-type"), "E", "PatientQuery")
    } else {
        (coding("http://hl7.org/fhir/restful-interaction", "read", "read"), "R", "PatientRead")
    };
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": format!("{}.{number}", entry.patient),
        "type": coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation"),
        "subtype": [subtype],
        "action": action,
        "recorded": recorded(entry.time),
        "outcome": outcome(entry),
        "purposeOfEvent": [purpose(entry)],
        "agent": agents(entry, observer, base, is_search),
        "source": {
            "site": base,
            "observer": { "identifier": gatekeeper(observer) },
            "type": [coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")],
        },
        "entity": [patient(entry), if is_search { query(entry) } else { data(entry) }],
    });
    if outcome(entry) == "0" {
        event["meta"] = json!({ "profile": [format!("{PROFILES}{profile}")] });
    }
    if let Some(reason) = &entry.reason {
        event["outcomeDesc"] = json!(reason);
    }
    event
}

/// The person, the program and the gatekeeper. Which of the latter two is the source, the profiles see differently for reads, whose
/// data flow to the program, and for searches, whose parameters flow from it.
fn agents(entry: &Entry, observer: &str, base: &str, is_search: bool) -> Value {
    let source = concept(DICOM, "110153", "Source Role ID");
    let destination = concept(DICOM, "110152", "Destination Role ID");
    let (server, client) = if is_search { (destination, source) } else { (source, destination) };
    let mut user = json!({
        "type": concept(
            "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"
        ),
        "who": { "identifier": account(entry) },
        "requestor": true,
        "purposeOfUse": [purpose(entry)],
    });
    if let Some(staff) = &entry.staff {
        user["altId"] = json!(staff);
    }
    json!([
        user,
        {
            "type": client,
            "who": { "identifier": account(entry) },
            "requestor": false,
            "network": { "_address": { "extension": [masked()] } },
        },
        {
            "type": server,
            "who": { "identifier": gatekeeper(observer) },
            "requestor": false,
            "network": { "address": base, "type": "5" },
        },
    ])
}

fn patient(entry: &Entry) -> Value {
    json!({
        "what": { "reference": format!("Patient/{}", entry.patient) },
        "type": coding(ENTITY_TYPE, "1", "Person"),
        "role": coding(OBJECT_ROLE, "1", "Patient"),
        "detail": details(entry),
    })
}

fn data(entry: &Entry) -> Value {
    let mut what = json!({ "type": entry.resource });
    if let Some(id) = &entry.id {
        what["reference"] = json!(format!("{}/{id}", entry.resource));
    } else {
        what["display"] = json!(entry.resource);
    }
    json!({ "what": what, "type": coding(ENTITY_TYPE, "2", "System Object"), "role": coding(OBJECT_ROLE, "4", "Domain Resource") })
}

fn query(entry: &Entry) -> Value {
    // As it could have been sent, without the values.
    let names = entry.parameters.iter().filter(|name| *name != "patient").map(|name| format!("&{name}="));
    let asked = format!("GET {}?patient={}{}", entry.resource, entry.patient, names.collect::<String>());
    json!({
        "type": coding(ENTITY_TYPE, "2", "System Object"),
        "role": coding(OBJECT_ROLE, "24", "Query"),
        "description": asked,
        "query": STANDARD.encode(&asked),
    })
}

fn account(entry: &Entry) -> Value {
    json!({ "system": "urn:medrec:account", "value": entry.account })
}

fn gatekeeper(observer: &str) -> Value {
    json!({ "system": "urn:medrec:gatekeeper", "value": observer })
}

/// Not kept, on purpose.
fn masked() -> Value {
    json!({ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" })
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(system, code, display)] })
}

/// A FHIR `instant`.
fn recorded(time: u64) -> String {
    let time = i64::try_from(time).ok().and_then(chrono::DateTime::from_timestamp_millis).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// 0 success, 4 refused or not there, 8 failed.
fn outcome(entry: &Entry) -> &'static str {
    match (entry.permitted, entry.status) {
        (_, 500..) => "8",
        (true, ..=299) => "0",
        _ => "4",
    }
}

fn purpose(entry: &Entry) -> Value {
    json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": entry.purpose }] })
}

fn details(entry: &Entry) -> Value {
    let mut details = vec![
        json!({ "type": "records", "valueString": entry.records.to_string() }),
        json!({ "type": "interface", "valueString": entry.interface }),
    ];
    if let Some(capacity) = &entry.capacity {
        details.push(json!({ "type": "capacity", "valueString": capacity }));
    }
    details.extend(
        entry.grants.iter().map(|grant| json!({ "type": "grant", "valueString": grant.to_string() })),
    );
    Value::Array(details)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::log::tests::entry;

    #[test]
    fn audit_event_should_have_what_fhir_requires_when_made_of_an_entry() {
        let event = audit_event(7, &entry("r0-3"), "5Gate", "https://gate.example.org/fhir");
        assert_eq!(event["resourceType"], "AuditEvent");
        assert_eq!(event["id"], "r0-3.7");
        assert_eq!(event["recorded"], "2023-11-14T22:13:20.000Z");
        assert_eq!(event["type"]["code"], "rest");
        assert_eq!(event["agent"][0]["requestor"], true);
        assert_eq!(event["source"]["observer"]["identifier"]["value"], "5Gate");
        assert_eq!(event["outcome"], "0");
        assert_eq!(event["entity"][0]["what"]["reference"], "Patient/r0-3");
    }

    #[test]
    fn audit_event_should_follow_the_profile_when_a_search_was_answered() {
        let event = audit_event(7, &entry("r0-3"), "5Gate", "https://gate.example.org/fhir");
        assert_eq!(event["meta"]["profile"][0], format!("{PROFILES}PatientQuery"));
        assert_eq!((&event["action"], &event["subtype"][0]["code"]), (&json!("E"), &json!("search-type")));
        // The program is the source of a query, the gatekeeper its destination.
        let types: Vec<_> =
            (0..3).map(|agent| event["agent"][agent]["type"]["coding"][0]["code"].clone()).collect();
        assert_eq!(types, ["IRCP", "110153", "110152"]);
        let query = &event["entity"][1];
        assert_eq!(query["role"]["code"], "24");
        assert!(query.get("what").is_none() && query.get("detail").is_none());
        let raw = STANDARD.decode(query["query"].as_str().unwrap()).unwrap();
        assert_eq!(raw, b"GET Observation?patient=r0-3&code=");
    }

    #[test]
    fn audit_event_should_follow_the_profile_when_a_record_was_read() {
        let read = Entry {
            action: "read".into(),
            id: Some("r0-3.00".into()),
            parameters: Vec::new(),
            ..entry("r0-3")
        };
        let event = audit_event(7, &read, "5Gate", "https://gate.example.org/fhir");
        assert_eq!(event["meta"]["profile"][0], format!("{PROFILES}PatientRead"));
        assert_eq!((&event["action"], &event["subtype"][0]["code"]), (&json!("R"), &json!("read")));
        let types: Vec<_> =
            (0..3).map(|agent| event["agent"][agent]["type"]["coding"][0]["code"].clone()).collect();
        assert_eq!(types, ["IRCP", "110152", "110153"]);
        assert_eq!(event["entity"][1]["what"]["reference"], "Observation/r0-3.00");
        assert_eq!(event["entity"][1]["role"]["code"], "4");
        let absent = Entry { status: 404, ..read };
        let event = audit_event(7, &absent, "5Gate", "https://gate.example.org/fhir");
        assert!(event.get("meta").is_none() && event["outcome"] == "4");
    }

    #[test]
    fn audit_event_should_be_a_minor_failure_when_denied() {
        let denied = Entry { permitted: false, status: 403, reason: Some("NoGrant".into()), ..entry("r0-3") };
        let event = audit_event(7, &denied, "5Gate", "https://gate.example.org/fhir");
        assert_eq!((&event["outcome"], &event["outcomeDesc"]), (&json!("4"), &json!("NoGrant")));
    }

    #[test]
    fn audit_event_should_name_the_emergency_when_the_glass_was_broken() {
        let broken = Entry {
            purpose: "ETREAT".into(),
            capacity: Some("emergency".into()),
            staff: Some("s7-0".into()),
            grants: Vec::new(),
            ..entry("r0-3")
        };
        let event = audit_event(7, &broken, "5Gate", "https://gate.example.org/fhir");
        assert_eq!(event["purposeOfEvent"][0]["coding"][0]["code"], "ETREAT");
        assert_eq!(event["agent"][0]["altId"], "s7-0");
        let capacity = json!({ "type": "capacity", "valueString": "emergency" });
        assert!(event["entity"][0]["detail"].as_array().unwrap().contains(&capacity));
    }
}
