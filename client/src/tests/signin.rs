use medrec_policy::purpose::Purpose;
use medrec_primitives::RelationshipId;
use proptest::prelude::*;
use sp_core::H256;

use crate::{
    signin::{chain_of, domain_of, Expected, SignIn, SignInError},
    tests::{account, mutations, ALICE, GENESIS},
};

const TEXT: &str = "\
gatekeeper.hillcrest.example wants you to sign in with your Substrate account:
5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY

Read what you were permitted to read.

URI: https://gatekeeper.hillcrest.example
Version: 1
Chain ID: polkadot:11111111111111111111111111111111
Nonce: 0123456789abcdef0123456789abcdef
Issued At: 2026-11-22T15:04:05.000Z
Expiration Time: 2026-11-22T15:09:05.000Z
Resources:
- urn:medrec:purpose:TREAT
- urn:medrec:patient:r0-3";

fn sign_in() -> SignIn {
    SignIn {
        domain: "gatekeeper.hillcrest.example".into(),
        account: account(ALICE),
        statement: "Read what you were permitted to read.".into(),
        uri: "https://gatekeeper.hillcrest.example".into(),
        chain: chain_of(GENESIS),
        nonce: "0123456789abcdef0123456789abcdef".into(),
        issued_at: 1_795_359_845_000,
        expires_at: 1_795_360_145_000,
        purpose: Purpose::Treatment,
        patient: Some(RelationshipId::new(0, 3)),
    }
}

fn expected(now: u64) -> Expected<'static> {
    Expected {
        domain: "gatekeeper.hillcrest.example",
        uri: "https://gatekeeper.hillcrest.example",
        genesis: GENESIS,
        now,
    }
}

#[test]
fn sign_in_should_be_this_text_when_printed() {
    assert_eq!(sign_in().to_string(), TEXT);
}

#[test]
fn sign_in_should_return_unchanged_when_printed_and_parsed() {
    assert_eq!(SignIn::parse(TEXT), Ok(sign_in()));
    let without = SignIn { patient: None, ..sign_in() };
    assert_eq!(SignIn::parse(&without.to_string()), Ok(without));
}

#[test]
fn sign_in_should_be_refused_or_differ_when_any_character_changes() {
    for changed in mutations(TEXT) {
        // Where the change is within a field that may hold it, it must be seen in that field.
        match SignIn::parse(&changed) {
            Err(error) => assert_eq!(error, SignInError::Malformed),
            Ok(parsed) => {
                assert_ne!(parsed, sign_in(), "{changed}");
                assert_eq!(parsed.to_string(), changed);
            }
        }
    }
}

#[test]
fn sign_in_should_be_refused_when_not_canonical() {
    for (from, to) in [
        ("\n", "\r\n"),
        ("TREAT", "treat"),
        ("TREAT", "TREAT\n"),
        ("- urn:medrec:patient:r0-3", "- urn:medrec:patient:r0-3\n- urn:medrec:patient:r0-4"),
        ("- urn:medrec:patient:r0-3", "- urn:medrec:other:1"),
        ("r0-3", "r00-3"),
        ("15:04:05.000Z", "15:04:05Z"),
        ("15:04:05.000Z", "15:04:05.000+00:00"),
        ("15:04:05.000Z", "24:04:05.000Z"),
        ("Version: 1", "Version: 2"),
        ("polkadot:1111", "polkadot:111"),
        ("polkadot:1111", "kusama:1111"),
        ("0123456789abcdef0123456789abcdef", "short"),
        // The same account under another prefix.
        (ALICE, "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"),
        ("Read what", "R\u{e9}ad what"),
        ("https://gatekeeper.hillcrest.example\n", "https://gatekeeper.hillcrest.example/\n"),
        ("https://gatekeeper.hillcrest.example\n", "javascript:alert(1)\n"),
    ] {
        let changed = TEXT.replacen(from, to, 1);
        assert_ne!(changed, TEXT, "{from}");
        assert_eq!(SignIn::parse(&changed), Err(SignInError::Malformed), "{to}");
    }
    for text in ["", "\n", "wants you to sign in", &TEXT[1..], &format!(" {TEXT}"), &format!("{TEXT}\n")] {
        // Cutting the first letter off leaves another, well-formed domain.
        if text != &TEXT[1..] {
            assert_eq!(SignIn::parse(text), Err(SignInError::Malformed), "{text}");
        }
    }
}

#[test]
fn sign_in_should_pass_when_all_is_as_expected() {
    for now in [1_795_359_845_000, 1_795_360_144_999] {
        assert_eq!(sign_in().check(&expected(now)), Ok(()));
    }
}

#[test]
fn sign_in_should_be_refused_when_for_another_place_or_time() {
    let now = 1_795_359_900_000;
    let check = |expected: Expected<'_>| sign_in().check(&expected).unwrap_err();
    assert_eq!(check(Expected { domain: "other.example", ..expected(now) }), SignInError::OtherAudience);
    assert_eq!(check(Expected { uri: "https://other.example", ..expected(now) }), SignInError::OtherAudience);
    assert_eq!(check(Expected { genesis: H256([0x12; 32]), ..expected(now) }), SignInError::OtherChain);
    assert_eq!(check(expected(1_795_359_844_999)), SignInError::NotYet);
    assert_eq!(check(expected(1_795_360_145_000)), SignInError::Expired);
}

#[test]
fn sign_in_should_not_be_writable_when_a_field_would_break_the_text() {
    assert!(sign_in().is_writable());
    for broken in [
        SignIn { statement: "two\nlines".into(), ..sign_in() },
        SignIn { statement: String::new(), ..sign_in() },
        SignIn { domain: "evil.example wants".into(), ..sign_in() },
        SignIn { uri: "https://a.example\nVersion: 1".into(), ..sign_in() },
        SignIn { nonce: "a-b".into(), ..sign_in() },
        SignIn { expires_at: u64::MAX, ..sign_in() },
    ] {
        assert!(!broken.is_writable(), "{broken:?}");
    }
}

#[test]
fn domain_should_be_host_and_port_when_taken_from_an_address() {
    assert_eq!(domain_of("https://a.example"), Some("a.example"));
    assert_eq!(domain_of("http://127.0.0.1:8080/medrec"), Some("127.0.0.1:8080"));
    assert_eq!(domain_of("http://[::1]:8080"), Some("[::1]:8080"));
    for text in ["", "https://", "a.example", "ftp://a.example"] {
        assert_eq!(domain_of(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn sign_in_should_never_panic_when_text_is_arbitrary(text in "(?s).{0,400}") {
        prop_assert_eq!(SignIn::parse(&text), Err(SignInError::Malformed));
    }

    #[test]
    fn sign_in_should_be_canonical_when_parsed_at_all(line in 0usize..14, value in "[ -~]{0,40}") {
        let changed: Vec<&str> = TEXT.split('\n').enumerate().map(|(n, l)| if n == line { &value } else { l }).collect();
        let changed = changed.join("\n");
        if let Ok(parsed) = SignIn::parse(&changed) {
            prop_assert_eq!(parsed.to_string(), changed);
        }
    }
}
