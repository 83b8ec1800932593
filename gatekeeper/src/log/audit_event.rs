//! Log entries as FHIR R4 `AuditEvent` resources.

use serde_json::{json, Value};

use super::Entry;

/// The resource for an entry. `observer` names the gatekeeper.
pub fn audit_event(number: u64, entry: &Entry, observer: &str) -> Value {
    let interaction = match entry.action.as_str() {
        "search" => ("search-type", "E"),
        "create" => ("create", "C"),
        _ => ("read", "R"),
    };
    let mut agent = json!({
        "type": { "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
            "code": "IRCP",
            "display": "information recipient",
        }]},
        "who": { "identifier": { "system": "urn:medrec:account", "value": entry.account } },
        "requestor": true,
        "purposeOfUse": [purpose(entry)],
    });
    if let Some(staff) = &entry.staff {
        agent["altId"] = json!(staff);
    }
    let mut what = json!({ "type": entry.resource });
    if let Some(id) = &entry.id {
        what["reference"] = json!(format!("{}/{id}", entry.resource));
    } else {
        what["display"] = json!(format!("search for {}", entry.resource));
    }
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": format!("{}.{number}", entry.patient),
        "type": {
            "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
            "code": "rest",
            "display": "RESTful Operation",
        },
        "subtype": [{ "system": "http://hl7.org/fhir/restful-interaction", "code": interaction.0 }],
        "action": interaction.1,
        "recorded": recorded(entry.time),
        "outcome": outcome(entry),
        "purposeOfEvent": [purpose(entry)],
        "agent": [agent],
        "source": {
            "observer": { "identifier": { "system": "urn:medrec:gatekeeper", "value": observer } },
            "type": [{
                "system": "http://terminology.hl7.org/CodeSystem/security-source-type",
                "code": "4",
                "display": "Application Server",
            }],
        },
        "entity": [
            {
                "what": { "reference": format!("Patient/{}", entry.patient) },
                "type": { "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1", "display": "Person" },
                "role": { "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1", "display": "Patient" },
            },
            {
                "what": what,
                "type": { "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "2", "display": "System Object" },
                "detail": details(entry),
            },
        ],
    });
    if let Some(reason) = &entry.reason {
        event["outcomeDesc"] = json!(reason);
    }
    event
}

/// A FHIR `instant`.
fn recorded(time: u64) -> String {
    let time = i64::try_from(time).ok().and_then(chrono::DateTime::from_timestamp_millis).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// 0 success, 4 refused, 8 failed.
fn outcome(entry: &Entry) -> &'static str {
    match (entry.permitted, entry.status) {
        (_, 500..) => "8",
        (true, _) => "0",
        (false, _) => "4",
    }
}

fn purpose(entry: &Entry) -> Value {
    json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": entry.purpose }] })
}

fn details(entry: &Entry) -> Value {
    let mut details = vec![json!({ "type": "records", "valueString": entry.records.to_string() })];
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
        let event = audit_event(7, &entry("r0-3"), "5Gate");
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
    fn audit_event_should_be_a_minor_failure_when_denied() {
        let denied = Entry { permitted: false, status: 403, reason: Some("NoGrant".into()), ..entry("r0-3") };
        let event = audit_event(7, &denied, "5Gate");
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
        let event = audit_event(7, &broken, "5Gate");
        assert_eq!(event["purposeOfEvent"][0]["coding"][0]["code"], "ETREAT");
        assert_eq!(event["agent"][0]["altId"], "s7-0");
        let capacity = json!({ "type": "capacity", "valueString": "emergency" });
        assert!(event["entity"][1]["detail"].as_array().unwrap().contains(&capacity));
    }
}
