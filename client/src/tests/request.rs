use medrec_policy::purpose::Purpose;
use proptest::prelude::*;
use sp_core::H256;

use crate::{
    keys::{KeyPair, KeyType},
    request::{build, build_with_nonce, canonical, Authorization, Request, RequestError},
    signature::SignatureError,
    tests::{account, alice, mutations, ALICE, GENESIS},
};

const EXPIRES: u64 = 1_795_359_905_000;

fn request() -> Request<'static> {
    Request {
        method: "GET",
        target: "/fhir/Observation?patient=r0-3",
        body: b"",
        audience: "https://gatekeeper.hillcrest.example",
        genesis: GENESIS,
    }
}

fn authorization() -> Authorization {
    build_with_nonce(&alice(), &request(), Purpose::Treatment, [0xab; 16], EXPIRES)
}

#[test]
fn request_should_be_this_text_when_signed() {
    let text = canonical(&request(), &account(ALICE), Purpose::Treatment, &[0xab; 16], EXPIRES);
    let expected = "medrec-request-v1\n\
        GET\n\
        /fhir/Observation?patient=r0-3\n\
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
        https://gatekeeper.hillcrest.example\n\
        0x1111111111111111111111111111111111111111111111111111111111111111\n\
        5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\n\
        TREAT\n\
        abababababababababababababababab\n\
        1795359905000";
    assert_eq!(text, expected);
}

#[test]
fn authorization_should_return_unchanged_when_printed_and_parsed() {
    for key_type in KeyType::ALL {
        let key = KeyPair::from_suri("//Carol", key_type).unwrap();
        let made = build(&key, &request(), Purpose::Payment, EXPIRES);
        let parsed = Authorization::parse(&made.to_string()).unwrap();
        assert_eq!(parsed, made);
        assert_eq!(parsed.verify(&request()), Ok(()));
    }
    let header = authorization().to_string();
    let start = "MedRec-Signature account=\"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\",type=\"sr25519\",\
        purpose=\"TREAT\",nonce=\"abababababababababababababababab\",expires=\"1795359905000\",signature=\"0x";
    assert!(header.starts_with(start), "{header}");
}

#[test]
fn request_should_be_refused_when_any_part_differs() {
    let authorization = authorization();
    let wrong = Err(RequestError::Signature(SignatureError::Wrong));
    for other in [
        Request { method: "POST", ..request() },
        Request { target: "/fhir/Observation?patient=r0-4", ..request() },
        Request { target: "/fhir/Observation", ..request() },
        Request { body: b" ", ..request() },
        Request { audience: "https://other.example", ..request() },
        Request { genesis: H256([0x12; 32]), ..request() },
    ] {
        assert_eq!(authorization.verify(&other), wrong, "{other:?}");
    }
    for other in [
        Authorization { account: account(crate::tests::BOB), ..authorization.clone() },
        Authorization { purpose: Purpose::Payment, ..authorization.clone() },
        Authorization { nonce: [0xac; 16], ..authorization.clone() },
        Authorization { expires: EXPIRES + 1, ..authorization.clone() },
        Authorization { key_type: KeyType::Ed25519, ..authorization.clone() },
    ] {
        assert_eq!(other.verify(&request()), wrong, "{other:?}");
    }
}

#[test]
fn request_should_be_refused_when_a_part_has_line_breaks() {
    // `GET` of `/a` with a line more, and `GET` of `/a\n..` would be one text.
    let target = "/fhir/Observation?patient=r0-3\nx";
    assert_eq!(authorization().verify(&Request { target, ..request() }), Err(RequestError::Malformed));
}

#[test]
fn authorization_should_be_refused_or_differ_when_any_character_changes() {
    let header = authorization().to_string();
    for changed in mutations(&header) {
        match Authorization::parse(&changed) {
            Err(error) => assert_eq!(error, RequestError::Malformed),
            Ok(parsed) => {
                assert_eq!(parsed.to_string(), changed);
                assert!(parsed.verify(&request()).is_err(), "{changed}");
            }
        }
    }
}

#[test]
fn authorization_should_be_refused_when_in_another_spelling() {
    let header = authorization().to_string();
    for changed in [
        header.replace("MedRec-Signature", "medrec-signature"),
        header.replace("\",", "\", "),
        header.replace("TREAT", "treat"),
        header.replace("expires=\"1", "expires=\"01"),
        header.replace("nonce=\"ab", "nonce=\"AB"),
        header.replace("account=", "account ="),
        format!("{header},extra=\"1\""),
        format!("{header} "),
        header.replace("type=\"sr25519\"", "type=\"ethereum\""),
        header.replace(",type=\"sr25519\"", ""),
        "Bearer abc".into(),
        "MedRec-Signature".into(),
        "MedRec-Signature ".into(),
    ] {
        assert_eq!(Authorization::parse(&changed), Err(RequestError::Malformed), "{changed}");
    }
}

#[test]
fn nonces_should_differ_when_requests_are_built() {
    let nonce = || build(&alice(), &request(), Purpose::Treatment, EXPIRES).nonce;
    assert_ne!(nonce(), nonce());
}

proptest! {
    #[test]
    fn authorization_should_never_panic_when_header_is_arbitrary(tail in "(?s).{0,300}") {
        prop_assert!(Authorization::parse(&tail).is_err());
        if let Ok(parsed) = Authorization::parse(&format!("MedRec-Signature account=\"{tail}")) {
            prop_assert!(parsed.verify(&request()).is_err());
        }
    }
}
