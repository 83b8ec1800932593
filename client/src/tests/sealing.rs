use medrec_policy::terms::Terms;
use medrec_primitives::{
    Effect, Grant, GrantTerms, RelationshipId, SealedTerms, Viewer, TERMS_PLAINTEXT_BYTES,
};
use proptest::prelude::*;
use sp_core::H256;

use crate::{
    sealing::{
        commitment, open_locator, open_padded, open_terms, open_terms_with_salt, seal_locator, seal_terms,
        LocatorContext, SealingError, SealingSecret, TermsContext, MAX_LOCATOR_BYTES,
    },
    tests::GENESIS,
};

const TERMS: &str = "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT";

fn secret() -> SealingSecret {
    SealingSecret::from_bytes([7; 32])
}

fn terms() -> Terms {
    TERMS.parse().unwrap()
}

fn context() -> TermsContext {
    TermsContext {
        genesis: GENESIS,
        relationship: RelationshipId::new(3, 17),
        viewer: Viewer::Key([0x22; 32].into()),
        effect: Effect::Allow,
        not_before: None,
        not_after: Some(1_800_000_000_000),
        may_share: false,
    }
}

fn sealed() -> SealedTerms {
    seal_terms(&terms(), &secret().public(), 2, &context()).unwrap()
}

/// Every context that differs from [`context`] in one part.
fn other_contexts() -> Vec<TermsContext> {
    let this = context();
    vec![
        TermsContext { genesis: H256([0x12; 32]), ..this.clone() },
        TermsContext { relationship: RelationshipId::new(4, 17), ..this.clone() },
        TermsContext { relationship: RelationshipId::new(3, 18), ..this.clone() },
        TermsContext { viewer: Viewer::Key([0x23; 32].into()), ..this.clone() },
        TermsContext { viewer: Viewer::Member(3), ..this.clone() },
        TermsContext { effect: Effect::Deny, ..this.clone() },
        TermsContext { not_before: Some(0), ..this.clone() },
        TermsContext { not_after: None, ..this.clone() },
        TermsContext { not_after: Some(1_800_000_000_001), ..this.clone() },
        TermsContext { may_share: true, ..this },
    ]
}

#[test]
fn terms_should_return_unchanged_when_sealed_and_opened() {
    let sealed = sealed();
    assert_eq!(sealed.key, 2);
    assert_eq!(open_terms(&sealed, &secret(), &context()).unwrap(), terms());
}

/// Made with `@hpke/core` 1.9.0, `@hpke/chacha20poly1305` and `@polkadot/util-crypto` 13.5.9: a sender context to the
/// key pair that `deriveKeyPair` makes of 32 bytes 7, `info` and additional data put together by hand as the
/// specification says, over `medrec test terms` padded with zeros.
#[test]
fn terms_should_open_when_another_implementation_sealed_them() {
    let bytes = |text: &str| hex::decode(text).unwrap();
    let secret =
        SealingSecret::from_hex("0x896615161d5c4dab6be99bb69b180f22c86eb0ac1b8912e958ed5dd08813573b")
            .unwrap();
    assert_eq!(
        hex::encode(secret.public()),
        "5fd47633b5e43fca7bad1bfbe424feacb175d9d4d4a30f166dbd30636f0b446b"
    );
    let sealed = SealedTerms {
        key: 0,
        enc: bytes("6e6bc104298d3c985db157a091bc39201c7179f54f70c5d8c53e268d6e4f9523").try_into().unwrap(),
        ciphertext: bytes(
            "e875083e6e6613ed96ab90264e96cd81396384f70c6f9555177fd15c5f9c95ed44e88ec454b365f7585e309232cc05756991d8e2a04522d5d89afe21ffce56eb6db1e81ca07c78751885a788358d9aae0f71ba9d8011422588647a36c00f448cf7466a3d2df9359d",
        )
        .try_into()
        .unwrap(),
        commitment: bytes("2706fa003ff47ab4f9387f157be1a07fb52a8c88484694543f255660fce93364").try_into().unwrap(),
    };
    let (padded, salt) = open_padded(&sealed, &secret, &context()).unwrap();
    let mut expected = [0; TERMS_PLAINTEXT_BYTES];
    expected[..17].copy_from_slice(b"medrec test terms");
    assert_eq!(*padded, expected);
    assert_eq!(hex::encode(*salt), "9dcc1408f2a6ccbc271944b37a5afffaf15f6a69026a65e98ac13c76c064c842");
}

#[test]
fn terms_should_not_open_when_any_byte_is_flipped() {
    let original = sealed();
    let flipped = |change: &dyn Fn(&mut SealedTerms)| {
        let mut changed = original.clone();
        change(&mut changed);
        open_terms(&changed, &secret(), &context()).unwrap_err()
    };
    for at in 0..original.enc.len() {
        for bit in [1, 0x80] {
            // X25519 passes over the highest bit of the last byte; HPKE's key schedule does not.
            assert_eq!(flipped(&|s| s.enc[at] ^= bit), SealingError::DoesNotOpen, "enc {at}");
        }
    }
    for at in 0..original.ciphertext.len() {
        assert_eq!(flipped(&|s| s.ciphertext[at] ^= 1), SealingError::DoesNotOpen, "ciphertext {at}");
    }
    for at in 0..original.commitment.len() {
        assert_eq!(flipped(&|s| s.commitment[at] ^= 1), SealingError::WrongCommitment, "commitment {at}");
    }
}

#[test]
fn terms_should_not_open_when_in_another_place() {
    let sealed = sealed();
    for other in other_contexts() {
        assert_eq!(open_terms(&sealed, &secret(), &other), Err(SealingError::DoesNotOpen), "{other:?}");
    }
}

#[test]
fn terms_should_not_open_when_the_key_is_another() {
    let other = SealingSecret::from_bytes([8; 32]);
    assert_eq!(open_terms(&sealed(), &other, &context()), Err(SealingError::DoesNotOpen));
}

#[test]
fn terms_should_look_unlike_when_sealed_twice() {
    let (one, other) = (sealed(), sealed());
    assert_ne!(one.enc, other.enc);
    assert_ne!(one.ciphertext, other.ciphertext);
    assert_ne!(one.commitment, other.commitment);
}

#[test]
fn terms_should_be_refused_when_too_long() {
    let codes: Vec<String> = (0..40).map(|n| format!("http://loinc.org|{n:04}-9")).collect();
    let long: Terms =
        format!("patient/Observation.rs?code={};purpose=TREAT", codes.join(",")).parse().unwrap();
    let refused = seal_terms(&long, &secret().public(), 0, &context()).unwrap_err();
    assert!(matches!(refused, SealingError::TooLong(_)));
    assert!(refused.to_string().contains("two grants"));
}

#[test]
fn terms_should_not_be_sealed_when_the_public_key_is_degenerate() {
    // Points of small order, with which everybody would share the secret.
    for degenerate in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        assert_eq!(seal_terms(&terms(), &degenerate, 0, &context()), Err(SealingError::BadPublicKey));
    }
}

#[test]
fn commitment_should_hold_when_terms_and_salt_are_shown() {
    let sealed = sealed();
    let (shown, salt) = open_terms_with_salt(&sealed, &secret(), &context()).unwrap();
    assert_eq!(commitment(&salt, &shown.pack().unwrap()), sealed.commitment);
    let other: Terms = "patient/*.rs;purpose=TREAT".parse().unwrap();
    assert_ne!(commitment(&salt, &other.pack().unwrap()), sealed.commitment);
}

#[test]
fn context_should_be_the_same_when_taken_from_the_chain() {
    let TermsContext { viewer, effect, not_before, not_after, may_share, relationship, genesis } = context();
    let terms = GrantTerms::Sealed(sealed());
    let grant = Grant { viewer, effect, terms, not_before, not_after, may_share, parent: None };
    assert_eq!(TermsContext::of_grant(genesis, relationship, &grant), context());
}

#[test]
fn locator_should_return_unchanged_when_sealed_and_opened() {
    let place = LocatorContext { genesis: GENESIS, relationship: RelationshipId::new(3, 17), slot: 1 };
    let longest = [0xff; MAX_LOCATOR_BYTES];
    for locator in [b"".as_slice(), b"\0", b"patients/4711", &longest] {
        let sealed = seal_locator(locator, &secret().public(), 5, &place).unwrap();
        assert_eq!(sealed.key, 5);
        assert_eq!(open_locator(&sealed, &secret(), &place).unwrap().as_slice(), locator);
    }
    let too_long = [1; MAX_LOCATOR_BYTES + 1];
    for locator in [too_long.as_slice(), &[1; 300]] {
        assert_eq!(seal_locator(locator, &secret().public(), 5, &place), Err(SealingError::LocatorTooLong));
    }
}

#[test]
fn locator_should_not_open_when_changed_or_in_another_place() {
    let place = LocatorContext { genesis: GENESIS, relationship: RelationshipId::new(3, 17), slot: 1 };
    let sealed = seal_locator(b"patients/4711", &secret().public(), 5, &place).unwrap();
    for at in 0..sealed.ciphertext.len() {
        let mut changed = sealed.clone();
        changed.ciphertext[at] ^= 1;
        assert_eq!(open_locator(&changed, &secret(), &place), Err(SealingError::DoesNotOpen), "{at}");
    }
    for other in [
        LocatorContext { genesis: H256([0x12; 32]), ..place },
        LocatorContext { relationship: RelationshipId::new(3, 18), ..place },
        LocatorContext { relationship: RelationshipId::new(4, 17), ..place },
        LocatorContext { slot: 2, ..place },
    ] {
        assert_eq!(open_locator(&sealed, &secret(), &other), Err(SealingError::DoesNotOpen), "{other:?}");
    }
}

#[test]
fn secret_should_stay_unseen_when_debugged() {
    let secret = SealingSecret::from_bytes([0xab; 32]);
    assert!(!format!("{secret:?}").contains("abab"));
    assert_eq!(SealingSecret::from_hex(&hex::encode(secret.expose())).unwrap().public(), secret.public());
    assert_eq!(SealingSecret::from_hex("12").unwrap_err(), SealingError::BadSecret);
    assert_ne!(SealingSecret::generate().public(), SealingSecret::generate().public());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_should_never_open_and_never_panic(
        enc in any::<[u8; 32]>(),
        body in proptest::collection::vec(any::<u8>(), TERMS_PLAINTEXT_BYTES + 16),
        commitment in any::<[u8; 32]>(),
    ) {
        let sealed = SealedTerms { key: 0, enc, ciphertext: body.try_into().unwrap(), commitment };
        prop_assert_eq!(open_terms(&sealed, &secret(), &context()), Err(SealingError::DoesNotOpen));
    }
}
