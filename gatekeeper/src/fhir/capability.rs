//! What this server can do, and nothing it cannot.

use serde_json::{json, Value};

use super::definitions::{r4, Parameter, ParameterKind};
use crate::mapping::Mapping;

/// When what this server can do changed last.
const DATE: &str = "2026-11-23";

/// The CapabilityStatement of a gatekeeper with this mapping at this address.
pub fn capability(mapping: &Mapping, public_url: &str) -> Value {
    let mut resources: Vec<Value> = mapping.resource_types().map(|name| resource(name, mapping)).collect();
    resources.push(log());
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": { "name": "MedRec gatekeeper", "version": env!("CARGO_PKG_VERSION") },
        "implementation": {
            "description": "Records of one provider, as far as the patient's rules on chain permit the asker to see them",
            "url": format!("{public_url}/fhir")
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{
            "mode": "server",
            "security": {
                "cors": true,
                "service": [{ "coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                }]}],
                "extension": [{
                    "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                    "extension": [
                        { "url": "authorize", "valueUri": format!("{public_url}/smart/authorize") },
                        { "url": "token", "valueUri": format!("{public_url}/smart/token") },
                        { "url": "revoke", "valueUri": format!("{public_url}/smart/revoke") },
                        { "url": "introspect", "valueUri": format!("{public_url}/smart/introspect") }
                    ]
                }],
                "description": "Sign in with a Substrate wallet through SMART App Launch or (CAIP-122) for a session, or sign single requests. Every request is decided by \
                                the rules of the patient on chain; elements that are not granted are absent or marked as masked."
            },
            "resource": resources
        }]
    })
}

/// The log, which is served whatever the mapping has.
fn log() -> Value {
    json!({
        "type": "AuditEvent",
        "documentation": "The gatekeeper's log about one patient, for the patient and custodians",
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "versioning": "no-version",
        "searchParam": [{
            "name": "patient",
            "type": "reference",
            "documentation": "The relationship whose log it is, such as r0-3; always needed"
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
    let others = r4().parameters(name).iter().filter(|parameter| parameter.name != "patient");
    for parameter in others.filter(|parameter| is_mapped(name, parameter, mapping)) {
        let kind = match parameter.kind {
            ParameterKind::Token => "token",
            ParameterKind::Date => "date",
            ParameterKind::Reference => "reference",
            ParameterKind::String => "string",
        };
        parameters.push(json!({ "name": parameter.name, "type": kind }));
    }
    let mut interactions = vec![json!({ "code": "read" }), json!({ "code": "search-type" })];
    // Into the inbox, for whoever may; of types that say whom they are about.
    if name != "Patient" && r4().parameters(name).iter().any(|parameter| parameter.name == "patient") {
        interactions.push(json!({
            "code": "create",
            "documentation": "Taken into an inbox (202); served once the provider's staff have accepted it"
        }));
    }
    let mut resource = json!({
        "type": name,
        "interaction": interactions,
        "versioning": "no-version",
        "searchParam": parameters
    });
    if name == "Patient" {
        resource["operation"] = json!([{
            "name": "everything",
            "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"
        }]);
    }
    resource
}

/// Whether some element that a parameter looks at has a place in the mapping.
fn is_mapped(name: &str, parameter: &Parameter, mapping: &Mapping) -> bool {
    let of_type = mapping.resources().iter().filter(|resource| resource.resource_type == name);
    let mut mapped = of_type.flat_map(|resource| {
        let elements = resource.elements.iter().map(|element| element.path.to_string());
        elements.chain(resource.many.iter().map(|many| many.path.to_string()))
    });
    mapped.any(|path| parameter.paths.iter().any(|searched| meets(&path, searched)))
}

/// Whether one of two paths leads to the other, or along it. The mapped one may have indices, and choices with their types.
fn meets(mapped: &str, searched: &str) -> bool {
    mapped.split('.').zip(searched.split('.')).all(|(mapped, searched)| {
        let name = mapped.split('[').next().unwrap_or_default();
        name.strip_prefix(searched)
            .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_lowercase()))
    })
}

fn is_dated(name: &str, mapping: &Mapping) -> bool {
    let of_type = mapping.resources().iter().filter(|resource| resource.resource_type == name);
    of_type
        .flat_map(|resource| &resource.elements)
        .any(|element| element.path.to_string() == "meta.lastUpdated")
}

#[cfg(test)]
mod tests {
    use super::meets;

    #[test]
    fn parameter_should_be_listed_when_the_mapping_fills_what_it_looks_at() {
        for (mapped, searched, met) in [
            ("code.text", "code", true),
            ("effectiveDateTime", "effective", true),
            ("name[0].family", "name.family", true),
            ("name[0].given[0]", "name", true),
            ("context.encounter[0].reference", "context.encounter", true),
            ("context.encounter[0].reference", "context.event", false),
            ("address[0].city", "address.state", false),
            ("codes", "code", false),
            ("effectivePeriod.start", "effective", true),
        ] {
            assert_eq!(meets(mapped, searched), met, "{mapped} {searched}");
        }
    }
}
