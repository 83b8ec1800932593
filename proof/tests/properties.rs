//! Any redaction of any record is proven; any altered byte is found; nothing tells of the rest.
#![allow(clippy::unwrap_used)]

use medrec_primitives::{
    merkle::{position, Kind, Leaf, Tree},
    RelationshipId,
};
use medrec_proof::{
    canonical,
    disclose::{disclose, Anchored, Pending, Proof, State, Way},
    verify::{check, check_text, record_root, record_value, relationship_value, Altered},
    Claim, Committed, Seed,
};
use proptest::prelude::*;
use serde_json::{json, Map, Value};

const RELATIONSHIP: RelationshipId = RelationshipId::new(3, 7);

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ -~]{0,8}".prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "-?[1-9][0-9]{0,3}\\.[0-9]{1,4}0".prop_map(|text| serde_json::from_str(&text).unwrap()),
        prop::collection::vec("[a-zé\"\\\\]{0,4}", 1..4).prop_map(Value::from),
    ]
}

fn element() -> impl Strategy<Value = Value> {
    let object = |inner: BoxedStrategy<Value>| {
        prop::collection::btree_map("[a-c]", inner, 1..4)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()))
    };
    scalar().boxed().prop_recursive(3, 40, 6, move |inner| {
        let filled = object(inner.clone()).boxed();
        prop_oneof![inner, filled.clone(), prop::collection::vec(filled, 1..7).prop_map(Value::Array)]
    })
}

fn record() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[d-k]", element(), 0..6).prop_map(|entries| {
        let mut object: Map<String, Value> = entries.into_iter().collect();
        object.insert("resourceType".into(), "Observation".into());
        object.insert("id".into(), format!("{RELATIONSHIP}.{}", "0a".repeat(16)).into());
        Value::Object(object)
    })
}

/// Takes elements and items away, by a stream of random bits; never the type and the id.
fn redact(value: &Value, bits: &mut dyn FnMut() -> bool, top: bool) -> Option<Value> {
    match value {
        Value::Object(object) => {
            let kept: Map<String, Value> = object
                .iter()
                .filter_map(|(name, value)| {
                    let must = top && (name == "resourceType" || name == "id");
                    (must || bits()).then(|| Some((name.clone(), redact(value, bits, false)?))).flatten()
                })
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let kept: Vec<Value> =
                items.iter().filter_map(|item| bits().then(|| redact(item, bits, false)).flatten()).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        scalar => Some(scalar.clone()),
    }
}

fn bits_of(seed: u64) -> impl FnMut() -> bool {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state & 4 == 0
    }
}

fn pending() -> State {
    State::Pending(Pending {
        genesis: format!("0x{}", "6e".repeat(32)),
        member: 3,
        date: 1_700_000_000_000,
        account: "5G".into(),
        signature: "0x00".into(),
    })
}

/// An anchor over this record, `beside` other records of the relationship and as many other relationships.
fn anchored(root: &[u8; 32], beside: u8) -> State {
    let (secret, filling) = ([1; 32], [2; 32]);
    let tree = |own: [u8; 32], name: &[u8]| {
        let at = position(&secret, Kind::Records, name);
        let others =
            (0..beside).map(|n| Leaf { position: position(&secret, Kind::Records, &[n]), value: [n; 32] });
        let leaves = others.chain([Leaf { position: at, value: own }]).collect();
        let tree = Tree::new(Kind::Records, &filling, leaves).unwrap();
        (tree.root(), Way::new(&tree.proof(at).unwrap()))
    };
    let (relationship_root, record) = tree(record_value(root), b"record");
    let (records, way) = tree(relationship_value(RELATIONSHIP, &relationship_root), b"relationship");
    State::Anchored(Anchored {
        member: 3,
        interval: 9,
        relationship: RELATIONSHIP.to_string(),
        record,
        relationship_root: hex::encode(relationship_root),
        way,
        records: hex::encode(records),
    })
}

/// The lengths of everything in a value, without what it says.
fn form(value: &Value) -> Value {
    match value {
        Value::String(text) => text.len().into(),
        Value::Array(items) => items.iter().map(form).collect(),
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), form(value))).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn proof_should_verify_when_made_of_any_redaction_of_any_record(
        record in record(), seed: [u8; 32], bits: u64, beside in 0u8..4
    ) {
        let committed = Committed::new(&Seed::new(seed), &record).unwrap();
        let shown = redact(&record, &mut bits_of(bits), true).unwrap();
        let proof = disclose(&committed, &record, &shown, pending()).unwrap();
        prop_assert_eq!(record_root(&shown, &proof).unwrap(), committed.root());
        let proof = disclose(&committed, &record, &shown, anchored(&committed.root(), beside)).unwrap();
        let claim = check_text(&canonical::text(&shown), &proof.to_text()).unwrap();
        let State::Anchored(on_chain) = &proof.state else { unreachable!() };
        let is_claimed = matches!(claim, Claim::Anchored { member: 3, interval: 9, records } if hex::encode(records) == on_chain.records);
        prop_assert!(is_claimed);
    }

    #[test]
    fn check_should_find_every_altered_byte(
        record in record(), seed: [u8; 32], bits: u64, place: prop::sample::Index, flip in 1u8..=255, of_proof: bool
    ) {
        let committed = Committed::new(&Seed::new(seed), &record).unwrap();
        let shown = redact(&record, &mut bits_of(bits), true).unwrap();
        let proof = disclose(&committed, &record, &shown, anchored(&committed.root(), 1)).unwrap();
        let (mut resource, mut proof) = (canonical::text(&shown).into_bytes(), proof.to_text().into_bytes());
        let before = check_text(std::str::from_utf8(&resource).unwrap(), std::str::from_utf8(&proof).unwrap()).unwrap();
        let altered = if of_proof { &mut proof } else { &mut resource };
        let place = place.index(altered.len());
        altered[place] ^= flip;
        let after = match (std::str::from_utf8(&resource), std::str::from_utf8(&proof)) {
            (Ok(resource), Ok(proof)) => check_text(resource, proof),
            _ => Err(Altered::NotJson),
        };
        // Nothing in the resource passes. Of the proof, only what the chain is asked for can be changed without a contradiction
        // in the proof itself: then the chain is asked for another anchor, and has another root there.
        prop_assert!(after.is_err() || (of_proof && after != Ok(before)));
    }

    #[test]
    fn proof_should_have_the_same_form_when_the_same_is_shown_of_records_with_different_rests(
        record in record(), more in record(), first: [u8; 32], second: [u8; 32], bits: u64
    ) {
        let shown = redact(&record, &mut bits_of(bits), true).unwrap();
        // The other record has what is shown, and other things: none in one, many in the other.
        let (mut rich, poor) = (record.clone(), shown.clone());
        rich.as_object_mut().unwrap().insert("zzz".into(), more);
        let mut forms = Vec::new();
        for (whole, seed, beside) in [(&rich, first, 3), (&poor, second, 0)] {
            let committed = Committed::new(&Seed::new(seed), whole).unwrap();
            let proof = disclose(&committed, whole, &shown, anchored(&committed.root(), beside)).unwrap();
            forms.push(form(&serde_json::from_str(&proof.to_text()).unwrap()));
        }
        prop_assert_eq!(&forms[0], &forms[1]);
    }
}

fn three() -> Value {
    json!({
        "resourceType": "Patient", "id": "r3-7",
        "name": [{ "family": "A", "given": ["x", "y"] }, { "family": "B" }, { "family": "C" }],
        "birthDate": "1970-01-01",
        "multiple": 1.50,
    })
}

fn proven(shown: &Value) -> Proof {
    let committed = Committed::new(&Seed::new([7; 32]), &three()).unwrap();
    disclose(&committed, &three(), shown, pending()).unwrap()
}

#[test]
fn check_should_find_items_in_another_order() {
    let shown =
        json!({ "resourceType": "Patient", "id": "r3-7", "name": [{ "family": "A" }, { "family": "C" }] });
    let proof = proven(&shown);
    check(&shown, &proof).unwrap();
    let swapped =
        json!({ "resourceType": "Patient", "id": "r3-7", "name": [{ "family": "C" }, { "family": "A" }] });
    assert!(check(&swapped, &proof).is_err());
    let mut turned = proof.clone();
    turned.arrays[0].items.swap(0, 1);
    let names: Vec<usize> =
        (0..turned.leaves.len()).filter(|n| turned.leaves[*n].place.starts_with("name/")).collect();
    turned.leaves.swap(names[0], names[1]);
    assert!(check(&swapped, &turned).is_err());
}

#[test]
fn check_should_find_an_item_that_is_shown_twice() {
    let shown = json!({ "resourceType": "Patient", "id": "r3-7", "name": [{ "family": "B" }] });
    let mut proof = proven(&shown);
    let twice =
        json!({ "resourceType": "Patient", "id": "r3-7", "name": [{ "family": "B" }, { "family": "B" }] });
    let tag = proof.arrays[0].items[0].clone();
    proof.arrays[0].items.push(tag);
    let leaf = proof.leaves.iter().position(|leaf| leaf.place.starts_with("name/")).unwrap();
    let leaf_again = proof.leaves[leaf].clone();
    proof.leaves.insert(leaf, leaf_again);
    assert!(check(&twice, &proof).is_err());
}

#[test]
fn check_should_find_a_decimal_without_its_digits() {
    let shown = json!({ "resourceType": "Patient", "id": "r3-7" });
    let mut shown = shown;
    shown["multiple"] = serde_json::from_str("1.50").unwrap();
    let whole = {
        let mut whole = three();
        whole["multiple"] = serde_json::from_str("1.50").unwrap();
        whole
    };
    let committed = Committed::new(&Seed::new([7; 32]), &whole).unwrap();
    let proof = disclose(&committed, &whole, &shown, pending()).unwrap();
    check(&shown, &proof).unwrap();
    shown["multiple"] = serde_json::from_str("1.5").unwrap();
    assert_eq!(check(&shown, &proof), Err(Altered::Element("multiple".into())));
}

#[test]
fn marks_should_be_told_apart_from_the_record() {
    let shown = json!({
        "resourceType": "Patient", "id": "r3-7",
        "meta": { "security": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED", "display": "redacted" }] },
        "_birthDate": { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] },
        "name": [{ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] }],
    });
    let proof = proven(&shown);
    assert_eq!((proof.marks.len(), proof.leaves.len()), (3, 2));
    check(&shown, &proof).unwrap();
    let mut without = shown.clone();
    without.as_object_mut().unwrap().remove("_birthDate");
    assert!(check(&without, &proof).is_err());
    // Nothing else can be slipped in as a mark.
    let mut forged = shown.clone();
    forged["_birthDate"]["extension"][0]["valueCode"] = "1970-01-01".into();
    let committed = Committed::new(&Seed::new([7; 32]), &three()).unwrap();
    assert!(disclose(&committed, &three(), &forged, pending()).is_err());
    let mut lying = proof.clone();
    lying.marks[1].value = forged["_birthDate"].clone();
    assert!(check(&forged, &lying).is_err());
}

#[test]
fn disclose_should_refuse_what_the_record_does_not_have() {
    let committed = Committed::new(&Seed::new([7; 32]), &three()).unwrap();
    for shown in [
        json!({ "resourceType": "Patient", "id": "r3-7", "birthDate": "1970-01-02" }),
        json!({ "resourceType": "Patient", "id": "r3-7", "name": [{ "family": "C" }, { "family": "A" }] }),
        json!({ "resourceType": "Patient", "id": "r3-7", "gender": "male" }),
    ] {
        assert!(disclose(&committed, &three(), &shown, pending()).is_err(), "{shown}");
    }
}

#[test]
fn record_should_be_refused_when_a_name_is_none_of_fhirs() {
    let odd = json!({ "resourceType": "Patient", "id": "r3-7", "a/b": 1 });
    assert!(Committed::new(&Seed::new([7; 32]), &odd).is_err());
}
