//! `vectors/vectors.json`, which the verifier in JavaScript is held against, too. With `MEDREC_WRITE_VECTORS` set it is written anew.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use medrec_primitives::{
    merkle::{position, Kind, Leaf, Tree},
    RelationshipId,
};
use medrec_proof::{
    canonical,
    disclose::{disclose, Anchored, Pending, State, Way},
    verify::{check_text, record_value, relationship_value},
    Claim, Committed, Seed,
};
use serde_json::{json, Value};

const RELATIONSHIP: RelationshipId = RelationshipId::new(3, 7);

fn whole() -> Value {
    serde_json::from_str(
        r#"{
            "resourceType": "Observation", "id": "r3-7.0123456789abcdef0123456789abcdef", "status": "final",
            "meta": { "security": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY" }] },
            "code": { "coding": [{ "system": "http://loinc.org", "code": "718-7" }, { "system": "urn:x", "code": "Hb" }], "text": "Hämoglobin \"b\" 🩸\n\u0001\u007f" },
            "subject": { "reference": "Patient/r3-7" },
            "valueQuantity": { "value": 7.20, "unit": "g/dL" },
            "component": [
                { "code": { "text": "one" }, "valueInteger": -1 }, { "code": { "text": "two" }, "valueBoolean": true },
                { "code": { "text": "three" }, "valueString": "" }, { "code": { "text": "four" }, "interpretation": [{ "text": "H" }] },
                { "code": { "text": "five" } }
            ],
            "performer": [{ "display": "Dr. A" }],
            "_issued": { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown" }] }
        }"#,
    )
    .unwrap()
}

fn redacted() -> Value {
    let masked = json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] });
    let whole = whole();
    json!({
        "resourceType": "Observation", "id": whole["id"], "_status": masked,
        "meta": { "security": [
            whole["meta"]["security"][0],
            { "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED", "display": "redacted" }
        ] },
        "code": masked,
        "valueQuantity": whole["valueQuantity"],
        "component": [
            { "code": { "text": "one" } }, { "code": { "text": "two" }, "valueBoolean": true }, { "code": { "text": "five" } }
        ],
        "_issued": whole["_issued"],
    })
}

fn anchored(root: &[u8; 32]) -> State {
    let secret = [1; 32];
    let tree = |own: [u8; 32], name: &[u8]| {
        let at = position(&secret, Kind::Records, name);
        let other = Leaf { position: position(&secret, Kind::Records, b"another"), value: [8; 32] };
        let tree =
            Tree::new(Kind::Records, &[2; 32], vec![Leaf { position: at, value: own }, other]).unwrap();
        (tree.root(), Way::new(&tree.proof(at).unwrap()))
    };
    let (relationship_root, record) = tree(record_value(root), b"record");
    let (records, way) = tree(relationship_value(RELATIONSHIP, &relationship_root), b"relationship");
    State::Anchored(Anchored {
        member: 3,
        interval: 2_916_667,
        relationship: RELATIONSHIP.to_string(),
        record,
        relationship_root: hex::encode(relationship_root),
        way,
        records: hex::encode(records),
    })
}

fn vectors() -> Value {
    let committed = Committed::new(&Seed::new([5; 32]), &whole()).unwrap();
    let pending = State::Pending(Pending {
        genesis: format!("0x{}", "6e".repeat(32)),
        member: 3,
        date: 1_750_000_000_000,
        account: "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY".into(),
        signature: "0x00".into(),
    });
    let mut cases = Vec::new();
    let mut add = |name: &str, resource: String, proof: String| {
        let expect = match check_text(&resource, &proof) {
            Ok(Claim::Anchored { member, interval, records }) => {
                json!({ "state": "anchored", "member": member, "interval": interval, "records": hex::encode(records) })
            }
            Ok(Claim::Pending { pending, message }) => {
                json!({ "state": "pending", "member": pending.member, "message": message })
            }
            Err(_) => json!({ "state": "altered" }),
        };
        cases.push(json!({ "name": name, "resource": resource, "proof": proof, "expect": expect }));
    };
    let text = |value: &Value| canonical::text(value);
    let prove = |shown: &Value, state: State| disclose(&committed, &whole(), shown, state).unwrap().to_text();
    let on_chain = anchored(&committed.root());
    add("whole, anchored", text(&whole()), prove(&whole(), on_chain.clone()));
    add("whole, pending", text(&whole()), prove(&whole(), pending.clone()));
    add("redacted, anchored", text(&redacted()), prove(&redacted(), on_chain.clone()));
    let (shown, proof) = (text(&redacted()), prove(&redacted(), on_chain));
    for (name, from, to) in [
        ("digits of a decimal", "7.20", "7.2"),
        ("a value", "\"two\"", "\"twö\""),
        ("a mark", "REDACTED", "REDACTEE"),
        ("a mark for another", "masked", "unknown"),
        ("a label", "PSY", "ETH"),
        ("a boolean", "true", "false"),
        ("a string for a boolean", "true", "\"true\""),
        ("a name", "unit", "code"),
        ("the id", "r3-7.01", "r3-7.02"),
        ("blanks", "{\"_issued\"", "{ \"_issued\""),
        ("a name twice", "\"unit\":\"g/dL\"", "\"unit\":\"g/dL\",\"unit\":\"g/dL\""),
        ("an item left out", "{\"code\":{\"text\":\"one\"}},", ""),
    ] {
        assert!(shown.contains(from), "{name}");
        add(&format!("altered: {name}"), shown.replacen(from, to, 1), proof.clone());
    }
    let swapped =
        shown.replace("\"one\"", "\"x\"").replace("\"five\"", "\"one\"").replace("\"x\"", "\"five\"");
    add("altered: items in another order", swapped, proof.clone());
    for (name, from, to) in [
        ("proof: another place", "\"place\":\"valueQuantity/unit\"", "\"place\":\"valueQuantity/code\""),
        ("proof: another interval's root", "\"records\":\"", "\"records\":\"0"),
        ("proof: another relationship", "\"relationship\":\"r3-7\"", "\"relationship\":\"r3-8\""),
        ("proof: another member", "\"member\":3", "\"member\":4"),
        ("proof: an unknown field", "\"marks\":", "\"another\":1,\"marks\":"),
        ("proof: a kind", "\"kind\":\"n\"", "\"kind\":\"s\""),
    ] {
        assert!(proof.contains(from), "{name}");
        add(&format!("altered: {name}"), shown.clone(), proof.replacen(from, to, 1));
    }
    Value::Array(cases)
}

#[test]
fn vectors_should_be_what_this_version_makes() {
    let cases = vectors();
    for case in cases.as_array().unwrap() {
        let altered = case["name"].as_str().unwrap().starts_with("altered");
        assert_eq!(case["expect"]["state"] == "altered", altered, "{}", case["name"]);
    }
    let text = serde_json::to_string_pretty(&cases).unwrap() + "\n";
    let path = Path::new("vectors/vectors.json");
    if std::env::var_os("MEDREC_WRITE_VECTORS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == text,
        "run with MEDREC_WRITE_VECTORS=1 and look at the difference"
    );
}
