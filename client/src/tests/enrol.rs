use proptest::prelude::*;
use sp_core::H256;

use crate::{
    enrol::{message, sign, verify, Ticket, TicketError, TicketSecret},
    keys::{KeyPair, KeyType},
    signature::SignatureError,
    tests::{account, alice, mutations, ALICE, BOB, GENESIS},
};

const TEXT: &str = "medrec-ticket:v1:https%3A%2F%2Fhillcrest.example%3A8443%2Fmedrec:\
    1111111111111111111111111111111111111111111111111111111111111111:3:09090909090909090909090909090909";

fn secret() -> TicketSecret {
    TicketSecret::from_bytes([9; 16])
}

fn ticket() -> Ticket {
    Ticket {
        gatekeeper: "https://hillcrest.example:8443/medrec".into(),
        genesis: GENESIS,
        member: 3,
        secret: secret(),
    }
}

#[test]
fn ticket_should_return_unchanged_when_printed_and_parsed() {
    assert_eq!(ticket().to_string(), TEXT);
    assert_eq!(TEXT.parse(), Ok(ticket()));
    let fresh = Ticket { secret: TicketSecret::generate(), ..ticket() };
    assert_eq!(fresh.to_string().parse(), Ok(fresh));
}

#[test]
fn ticket_should_be_refused_or_differ_when_any_character_changes() {
    for changed in mutations(TEXT) {
        if let Ok(parsed) = changed.parse::<Ticket>() {
            assert_ne!(parsed, ticket());
            assert_eq!(parsed.to_string(), changed);
        }
    }
}

#[test]
fn ticket_should_be_refused_when_not_canonical() {
    for (from, to) in [
        ("v1", "v2"),
        ("%3A", "%3a"),
        ("%3A%2F%2F", "://"),
        ("hillcrest", "%68illcrest"),
        ("%2Fmedrec", "%2Fmedrec%2F"),
        ("https", "ftp"),
        (":3:", ":03:"),
        (":3:", ":-3:"),
        (":3:", ":4294967296:"),
        ("0909", "090"),
        ("09090909090909090909090909090909", "0A090909090909090909090909090909"),
        ("%2Fmedrec", "%2"),
        ("%2Fmedrec", "%FF"),
    ] {
        let changed = TEXT.replacen(from, to, 1);
        assert_eq!(changed.parse::<Ticket>(), Err(TicketError), "{changed}");
    }
}

/// The digest was made with `@polkadot/util-crypto` 13.5.9: `blake2AsU8a`, cut to 16 bytes.
#[test]
fn digest_should_be_this_when_computed() {
    assert_eq!(hex::encode(secret().digest()), "901a5624c20ee17467ea59ce1cde77ad");
}

#[test]
fn message_should_be_this_text_when_signed() {
    let expected = "medrec-enrol-v1\n\
        0x1111111111111111111111111111111111111111111111111111111111111111\n\
        3\n\
        09090909090909090909090909090909\n\
        5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    assert_eq!(message(GENESIS, 3, &secret(), &account(ALICE)), expected);
}

#[test]
fn proof_should_count_when_of_any_key_type() {
    for key_type in KeyType::ALL {
        let key = KeyPair::from_suri("//Carol", key_type).unwrap();
        let signature = sign(&key, &ticket());
        assert_eq!(verify(GENESIS, 3, &secret(), &key.account(), signature.as_bytes()), Ok(()));
    }
}

#[test]
fn proof_should_not_count_when_any_part_differs() {
    let signature = sign(&alice(), &ticket());
    let check = |genesis, member, secret: &TicketSecret, who| {
        verify(genesis, member, secret, &account(who), signature.as_bytes())
    };
    assert_eq!(check(GENESIS, 3, &secret(), ALICE), Ok(()));
    for outcome in [
        check(H256([0x12; 32]), 3, &secret(), ALICE),
        check(GENESIS, 4, &secret(), ALICE),
        check(GENESIS, 3, &TicketSecret::from_bytes([8; 16]), ALICE),
        check(GENESIS, 3, &secret(), BOB),
    ] {
        assert_eq!(outcome, Err(SignatureError::Wrong));
    }
}

#[test]
fn ticket_secret_should_stay_unseen_when_debugged() {
    assert!(!format!("{:?}", ticket()).contains("0909"));
}

proptest! {
    #[test]
    fn ticket_should_never_panic_when_text_is_arbitrary(text in "(?s).{0,200}") {
        prop_assert_eq!(text.parse::<Ticket>(), Err(TicketError));
        prop_assert_eq!(format!("medrec-ticket:v1:{text}").parse::<Ticket>(), Err(TicketError));
    }
}
