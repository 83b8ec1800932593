//! What this server can do, and nothing it cannot.

use serde_json::{json, Value};

use super::definitions::{r4, ParameterKind};
use crate::mapping::Mapping;

/// When what this server can do changed last.
const DATE: &str = "2026-11-22";

/// The CapabilityStatement of a gatekeeper with this mapping at this address.
pub fn capability(mapping: &Mapping, base_url: &str) -> Value {
    let resources: Vec<Value> = mapping.resource_types().map(|name| resource(name, mapping)).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": { "name": "MedRec gatekeeper", "version": env!("CARGO_PKG_VERSION") },
        "implementation": {
            "description": "Records of one provider, as far as the patient's rules on chain permit the asker to see them",
            "url": base_url
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{
            "mode": "server",
            "security": {
                "cors": true,
                "description": "Sign in with a Substrate wallet (CAIP-122) for a session, or sign single requests. Every request is decided by \
                                the rules of the patient on chain; elements that are not granted are absent or marked as masked."
            },
            "resource": resources
        }]
    })
}

/// A resource type that is served. `mapping` tells whether changes are dated.
fn resource(name: &str, mapping: &Mapping) -> Value {
    let mut parameters = vec![
        json!({ "name": "_id", "type": "token" }),
        json!({ "name": "patient", "type": "reference", "documentation": "The relationship whose records are searched, such as r0-3; always needed" }),
    ];
    if is_dated(name, mapping) {
        parameters.push(json!({ "name": "_lastUpdated", "type": "date" }));
    }
    for parameter in r4().parameters(name) {
        let kind = match parameter.kind {
            ParameterKind::Token => "token",
            ParameterKind::Date => "date",
        };
        parameters.push(json!({ "name": parameter.name, "type": kind }));
    }
    json!({
        "type": name,
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "versioning": "no-version",
        "searchParam": parameters
    })
}

fn is_dated(name: &str, mapping: &Mapping) -> bool {
    let of_type = mapping.resources().iter().filter(|resource| resource.resource_type == name);
    of_type
        .flat_map(|resource| &resource.elements)
        .any(|element| element.path.to_string() == "meta.lastUpdated")
}
