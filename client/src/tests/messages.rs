use serde_json::json;

use crate::{
    keys::KeyType,
    messages::{ChallengeRequest, EnrolRequest, LogEntry, LogPage, Session, SessionRequest},
};

#[test]
fn bodies_should_be_this_json_when_written() {
    let asked = ChallengeRequest { account: "5Grw".into(), purpose: "TREAT".into(), patient: None };
    assert_eq!(serde_json::to_value(asked).unwrap(), json!({ "account": "5Grw", "purpose": "TREAT" }));
    let signed =
        SessionRequest { message: "m".into(), signature: "0x00".into(), key_type: Some(KeyType::Ed25519) };
    assert_eq!(
        serde_json::to_value(signed).unwrap(),
        json!({ "message": "m", "signature": "0x00", "type": "ed25519" })
    );
}

#[test]
fn bodies_should_be_refused_when_they_hold_unknown_fields() {
    let body = json!({ "account": "5Grw", "purpose": "TREAT", "admin": true });
    assert!(serde_json::from_value::<ChallengeRequest>(body).is_err());
    let body = json!({ "message": "m", "signature": "0x00", "type": "rsa" });
    assert!(serde_json::from_value::<SessionRequest>(body).is_err());
}

#[test]
fn log_should_be_read_when_a_newer_gatekeeper_says_more() {
    let entry = json!({
        "number": 1, "time": 2, "patient": "r0-3", "account": "5Grw", "purpose": "TREAT", "action": "search",
        "resource": "Observation", "permitted": false, "reason": "NoGrant", "weather": "fair",
    });
    let page: LogPage = serde_json::from_value(json!({ "entries": [entry], "next": 2 })).unwrap();
    let LogEntry { number, permitted, records, ref grants, .. } = page.entries[0];
    assert_eq!((number, permitted, records, grants.len()), (1, false, 0, 0));
}

#[test]
fn secrets_should_stay_unseen_when_bodies_are_debugged() {
    let session = Session { token: "secret-token".into(), expires: 1 };
    let enrol = EnrolRequest { ticket: "0909".into(), account: "5Grw".into(), signature: "0xabcd".into() };
    assert!(!format!("{session:?}{enrol:?}").contains("secret-token"));
    assert!(!format!("{enrol:?}").contains("0909"));
}
